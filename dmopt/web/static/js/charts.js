/** Small charts built as SVG; each has its figures as text beside it. */

import { h, s } from "./dom.js";
import { amount, duration, quantity } from "./words.js";

const WIDTH = 320;
const HEIGHT = 96;

/** Cost of the best plan and bound over time. trace: [{seconds, cost, bound}]. */
export function traceChart(trace, instance) {
  const known = trace.filter(({ cost, bound }) => isNumber(cost) || isNumber(bound));
  if (known.length < 2) return null;
  const { x, y, low, high } = scales(known);
  const last = known.at(-1);
  const words = `Chart over ${duration(last.seconds)}: cost of the best plan, and what no plan can cost less than.`;
  return h("figure", { class: "trace" },
    s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
      s("path", { class: "trace-gap", d: between(known, x, y) }),
      s("path", { class: "trace-bound", d: steps(known, "bound", x, y) }),
      s("path", { class: "trace-cost", d: steps(known, "cost", x, y) })),
    h("figcaption", {},
      h("span", { class: "key-cost" }, "best plan"), h("span", { class: "key-bound" }, "at least"),
      h("span", { class: "axis" }, `${amount(low, instance)} to ${amount(high, instance)}`)));
}

/** Costs of two scenarios by kind, as bars with their figures. */
export function costBars(left, right, instance) {
  const kinds = new Map();
  for (const [place, { costs = [] }] of [left, right].entries())
    for (const { kind, label, value } of costs) {
      const row = kinds.get(kind) ?? { label: label || kind, values: [0, 0] };
      row.values[place] = value;
      kinds.set(kind, row);
    }
  const rows = [...kinds.values()].filter(({ values }) => values.some((value) => Math.abs(value) > 0.5));
  const most = Math.max(...rows.flatMap(({ values }) => values.map(Math.abs)), 1);
  const key = h("ul", { class: "bars-key", "aria-hidden": "true" },
    h("li", {}, h("span", { class: "left-key" }), left.name),
    h("li", {}, h("span", { class: "right-key" }), right.name));
  const row = ({ label, values }) => h("tr", {},
    h("th", { scope: "row" }, label),
    values.map((value, place) =>
      h("td", {}, bar(value, most, place), h("span", {}, amount(value, instance)))));
  const heads = ["Kind", left.name, right.name].map((text) => h("th", { scope: "col" }, text));
  return [key, h("table", { class: "bars" },
    h("caption", { class: "visually-hidden" }, "Costs by kind of both scenarios"),
    h("thead", { class: "visually-hidden" }, h("tr", {}, heads)),
    h("tbody", {}, rows.map(row)))];
}

function bar(value, most, place) {
  const width = Math.max((100 * Math.abs(value)) / most, 0.6);
  return s("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", class: "bar" },
    s("rect", { class: place ? "bar-right" : "bar-left", x: 0, y: 0, width: quantity(width), height: 8 }));
}

function scales(known) {
  const values = known.flatMap(({ cost, bound }) => [cost, bound]).filter(isNumber);
  const costs = known.map(({ cost }) => cost).filter(isNumber);
  const best = Math.min(...costs);
  // First plans and bounds are often far off: they would squeeze what is worth seeing.
  const high = costs.length ? Math.min(Math.max(...costs), 1.4 * best) : Math.max(...values);
  const low = Math.max(Math.min(...values), costs.length ? 0.6 * best : -Infinity);
  const start = known[0].seconds;
  const time = known.at(-1).seconds - start || 1;
  const span = high - low || 1;
  return {
    low,
    high,
    x: (seconds) => 2 + ((WIDTH - 4) * (seconds - start)) / time,
    y: (value) => 4 + (HEIGHT - 8) * (1 - (Math.min(Math.max(value, low), high) - low) / span),
  };
}

function steps(known, name, x, y) {
  const points = known.filter((each) => isNumber(each[name]));
  const parts = points.map((each, place) => {
    const [px, py] = [x(each.seconds).toFixed(1), y(each[name]).toFixed(1)];
    return place ? `H${px}V${py}` : `M${px} ${py}`;
  });
  return parts.join("");
}

function between(known, x, y) {
  const both = known.filter(({ cost, bound }) => isNumber(cost) && isNumber(bound));
  if (both.length < 2) return "";
  const path = steps(both, "cost", x, y);
  const back = [...both].reverse().map(({ seconds, bound }) => `L${x(seconds).toFixed(1)} ${y(bound).toFixed(1)}`);
  return `${path}${back.join("")}Z`;
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
