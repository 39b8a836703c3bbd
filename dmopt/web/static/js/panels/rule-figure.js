/** One figure of a rule: a number, a share, a choice, a switch or a list of names. */

import { button, h, idOf } from "../dom.js";
import { withFigure } from "../wish.js";
import { range } from "./figures.js";
import { faultList, options } from "./group.js";

/** given: the wish's text for it, or undefined. set(next): takes a change of the wish. */
export function figureField(rule, parameter, given, set, wrong) {
  const id = idOf("rule", rule.id, parameter.name);
  const faults = wrong.get(`rule.${rule.id}.${parameter.name}`);
  const words = label(parameter);
  const take = (text) => set((now) => withFigure(now, rule.id, parameter.name, asGiven(parameter, text)));
  const props = {
    id,
    "aria-describedby": `${id}-says${faults ? ` ${id}-fault` : ""}`,
    "aria-invalid": faults ? "true" : false,
    "data-focus": id,
  };
  const shown = given === undefined ? shownValue(parameter) : shownText(parameter, given);
  return h("div", { class: `field ${given === undefined ? "" : "changed"}` },
    h("label", { for: id }, words),
    h("div", { class: "row" },
      control(parameter, props, shown, take),
      unitOf(parameter) && h("span", { class: "unit", "aria-hidden": "true" }, unitOf(parameter)),
      given !== undefined && button("Reset", () => take(shownValue(parameter)), { class: "small quiet", "aria-label": `Reset ${words}`, "data-focus": `${id} reset` })),
    h("p", { class: "hint", id: `${id}-says` }, help(parameter)),
    faultList(`${id}-fault`, faults));
}

/** What a figure means, and the range it may have. */
export function help(parameter) {
  const words = range(...limitsOf(parameter), unitOf(parameter));
  return [parameter.about, words && `${words.charAt(0).toUpperCase()}${words.slice(1)}.`].filter(Boolean).join(" ");
}

/** What the wish says for a field's text; undefined where it is as before. */
export function asGiven(parameter, text) {
  if (text === shownValue(parameter)) return undefined;
  return isShare(parameter) && text !== "" ? `${text} %` : text;
}

/** A parameter's own value as its field shows it: shares in per cent. */
export function shownValue(parameter) {
  const { value } = parameter;
  if (value === null || value === undefined) return "";
  if (isShare(parameter)) return String(Number((100 * value).toPrecision(12)));
  return String(value);
}

/** The wish's text as the field shows it: "90 %" and "0.9" are both 90. */
export function shownText(parameter, text) {
  if (!isShare(parameter)) return text;
  const number = Number.parseFloat(text);
  if (Number.isNaN(number)) return text;
  return text.trim().endsWith("%") ? String(number) : String(Number((100 * number).toPrecision(12)));
}

function control(parameter, props, shown, take) {
  const { kind, choices } = parameter;
  if (kind === "flag") return select(props, shown.toLowerCase(), [["true", "yes"], ["false", "no"]], take);
  if (choices?.length)
    return select(props, shown, choices.map((each) => [each, each.replaceAll("_", " ")]), take);
  const isNumber = kind === "number" || kind === "integer";
  const [low, high] = limitsOf(parameter);
  const input = h("input", {
    ...props,
    type: isNumber ? "number" : "text",
    inputmode: isNumber ? "decimal" : null,
    step: isNumber ? (kind === "integer" ? 1 : "any") : null,
    min: isNumber ? low : null,
    max: isNumber ? high : null,
    value: shown,
    on: { change: () => take(input.value.trim()) },
  });
  return input;
}

function select(props, value, pairs, take) {
  const element = h("select", { ...props, value, on: { change: () => take(element.value) } }, options(pairs));
  return element;
}

function isShare({ unit, name, kind }) {
  return unit === "share" || (kind === "number" && /(^|_)share$/.test(name));
}

function unitOf(parameter) {
  return isShare(parameter) ? "%" : (parameter.unit ?? "");
}

/** Least and greatest value as the field shows them. */
function limitsOf(parameter) {
  const { low, high } = parameter;
  if (!isShare(parameter)) return [low ?? null, high ?? null];
  return [100 * (low ?? 0), 100 * (high ?? 1)];
}

/** "within km" with the unit km is "Within"; the unit stands beside the field. */
export function label({ name, meaning, unit }) {
  const words = meaning || name.replaceAll("_", " ");
  const short = unit && words.endsWith(` ${unit}`) ? words.slice(0, -unit.length - 1) : words;
  return short.charAt(0).toUpperCase() + short.slice(1);
}
