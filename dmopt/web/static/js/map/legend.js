/** What colours the zones and what is drawn (a bar above the map); what colours, lines
 * and marks mean (a folding box on it). */

import { keepingFocus } from "../a11y.js";
import { fill, h } from "../dom.js";
import { SHADE_NAMES, shade } from "../shades.js";
import { MARKS, markCanvas } from "./icons.js";

/** The bar that changes `shade`, `product`, `period`, `withFlows`, `withInfrastructure`. */
export function createLayerBar(store, actions) {
  const controls = h("div", { class: "layer-bar", role: "group", "aria-label": "What the map shows" });
  store.on(["instance", "shade", "product", "period", "flowsOf", "shownMap"], (state) =>
    drawControls(controls, store, actions, state));
  return controls;
}

/** The legend. */
export function createLegend(store) {
  const key = h("div", { class: "key" });
  const box = h(
    "details",
    { class: "legend", open: matchMedia("(min-width: 1000px)").matches },
    h("summary", {}, "Legend"),
    key,
  );
  store.on(
    ["instance", "geo", "shade", "product", "shownMap", "wish", "flowsOf", "withInfrastructure"],
    (state) => keepingFocus(box, () => drawKey(key, store, state)),
  );
  return box;
}

function drawControls(controls, store, actions, state) {
  if (!state.instance) return;
  const held = document.activeElement?.id;
  fill(
    controls,
    choice("shade", "Zones by", Object.entries(SHADE_NAMES), state.shade, (value) =>
      store.set({ shade: value })),
    state.shade === "demand" &&
      choice(
        "product",
        "Product",
        state.instance.products.map(({ id, name }) => [id, name || id]),
        state.product,
        (value) => store.set({ product: value }),
      ),
    state.instance.periods.length > 1 &&
      choice(
        "period",
        "Period",
        state.instance.periods.map(({ id, name }) => [id, name]),
        state.period,
        actions.choosePeriod,
      ),
    choice(
      "flows",
      "Deliveries",
      [
        ["", "all products"],
        ["none", "none"],
        ...carried(state).map(([id, name]) => [id, name]),
      ],
      state.flowsOf,
      (value) => store.set({ flowsOf: value }),
    ),
  );
  if (held) document.getElementById(held)?.focus();
}

function drawKey(key, store, state) {
  const { instance, geo, shade: what, product, shownMap, wish, flowsOf } = state;
  if (!instance || !geo || !wish) return;
  const { title, rows } = shade(what, {
    zones: geo.zones.features,
    product: instance.products.find((each) => each.id === product),
    access: shownMap?.access,
  });
  const lines = flowsOf === "none" ? [] : carried(state).filter(([id]) => !flowsOf || id === flowsOf);
  fill(
    key,
    title && h("div", {}, h("h3", {}, title), h("ul", {}, rows.map(swatch))),
    lines.length > 0 &&
      h("div", {},
        h("h3", {}, "Deliveries, wider is more tonnes"),
        h("ul", {}, lineRows(lines, instance)),
        h("p", { class: "hint" }, "The largest: 90 % of each product; what comes from afar as one line.")),
    h("div", {},
      h("h3", {}, "Sites"),
      h("ul", {}, marksInUse(state).map((name) => mark(name, store, state)))),
  );
}

/** Products that the plan shown carries: [[id, name]], those wanted first. */
export function carried({ instance, shownMap }) {
  const flows = shownMap?.flows.features ?? [];
  const ids = new Set(flows.map(({ properties }) => properties.product));
  const wanted = instance.products.filter(({ id }) => ids.has(id)).map(({ id, name }) => [id, name || id]);
  const others = [...ids].filter((id) => wanted.every(([each]) => each !== id));
  return [...wanted, ...others.map((id) => [id, id.replaceAll("_", " ")])];
}

/** Marks that the legend names: those on the map, and free and forced ones always. */
export function marksInUse({ geo, wish, shownMap }) {
  const forced = Object.values(wish.sites);
  const planned = Boolean(shownMap);
  const excluded = geo.sites.features.some(({ properties }) => properties.status === "excluded");
  return Object.keys(MARKS).filter((name) => {
    if (name === "excluded") return excluded;
    if (name === "infrastructure") return (shownMap?.infrastructure?.features ?? []).length > 0;
    if (name === "forced-open-in-plan") return planned && forced.includes("open");
    if (name === "forced-shut-in-plan") return planned && forced.includes("shut");
    return name !== "in-plan" || planned;
  });
}

function swatch({ colour, label }) {
  const box = h("span", { class: "swatch", "aria-hidden": "true" });
  box.style.backgroundColor = colour;
  return h("li", {}, box, label);
}

/** A row for each product; what is no product goes by one colour and one row. */
function lineRows(lines, instance) {
  const products = lines.filter(([id]) => instance.colours.has(id));
  const rows = products.map((each) => line(each, instance));
  if (products.length < lines.length) rows.push(line(["", "inputs, and between sites"], instance));
  return rows;
}

function line([id, name], instance) {
  const bar = h("span", { class: "flow-line", "aria-hidden": "true" });
  bar.style.backgroundColor = instance.colours.get(id) ?? "#B8C0C7";
  return h("li", {}, bar, name);
}

function mark(name, store, { withInfrastructure }) {
  if (name !== "infrastructure") return h("li", {}, markCanvas(name), MARKS[name].words);
  const input = h("input", {
    type: "checkbox",
    id: "with-infrastructure",
    checked: withInfrastructure,
    "data-focus": "with-infrastructure",
    on: { change: () => store.set({ withInfrastructure: input.checked }) },
  });
  return h("li", {}, h("label", { class: "tick", for: "with-infrastructure" },
    markCanvas(name), MARKS[name].words, input));
}

function choice(id, label, options, value, onChange) {
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h(
      "select",
      { id, value, on: { change: (event) => onChange(event.target.value) } },
      options.map(([each, words]) => h("option", { value: each }, words)),
    ),
  );
}
