/** Elements from code: text is always text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. props: attributes; `on` holds listeners; true and false set or leave
 * out an attribute; `value`, `checked` and `disabled` are set as properties.
 * children: elements, strings, numbers, lists of them; null and false are skipped.
 */
export function h(tag, props = {}, ...children) {
  return build(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return build(document.createElementNS(SVG, tag), props, children);
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(isThere).map(node));
  return element;
}

/** A button; it never submits a form. */
export function button(label, onClick, props = {}) {
  return h("button", { type: "button", on: { click: onClick }, ...props }, label);
}

/** An id for an element, made of any text: ids of rules may have spaces. */
export function idOf(...parts) {
  return parts.join("-").replace(/[^\w-]+/g, "-");
}

/** Element with an id; it must be there. */
export function at(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open"]);

function build(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value))
        element.addEventListener(event, listener);
    } else if (PROPERTIES.has(name) && name in element) {
      if (name !== "value") element[name] = value;
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false) {
      element.setAttribute(name, String(value));
    }
  }
  fill(element, children);
  // After the children: a select has no value before its options.
  if ("value" in props && props.value !== null && props.value !== undefined)
    element.value = props.value;
  return element;
}

function isThere(child) {
  return child !== null && child !== undefined && child !== false;
}

function node(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}
