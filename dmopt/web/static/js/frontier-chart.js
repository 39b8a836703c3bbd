/** Points of emissions and cost as SVG; a table with the same figures stands beside it. */

import { h, s } from "./dom.js";
import { amount, figure, gapWords } from "./words.js";

export const NARROW = "(max-width: 999px)";
const PAD = { left: 62, right: 18, top: 24, bottom: 46 };

/**
 * points: as the server gives them. asked: the gap, a share. chosen: number of the plan
 * on the map. onChoose(point): a point with a plan was chosen.
 */
export function frontierChart(points, { instance, unit, asked, chosen, onChoose }) {
  const shown = marked(points);
  if (!shown.length) return null;
  const narrow = matchMedia(NARROW).matches;
  const size = narrow ? { width: 350, height: 300 } : { width: 720, height: 380 };
  const scale = scales(shown, size);
  const label = `Chart: cost over emissions in ${unit}; ${shown.length} points, each a button.`;
  return h("figure", { class: "frontier-figure" },
    s("svg", { viewBox: `0 0 ${size.width} ${size.height}`, role: "group", "aria-label": label, class: "frontier-svg" },
      axes(scale, size, { instance, unit }),
      s("path", { class: "joined", d: path(shown.filter(({ dominated }) => !dominated), scale) }),
      shown.map((point) => gapLine(point, scale, size)),
      shown.map((point) => mark(point, scale, { instance, chosen, onChoose, reach: narrow ? 25 : 17 }))),
    h("figcaption", {}, key(shown, asked, scale)));
}

/** One point for each plan, the tightest, those that a tighter one beats first: the
 * others are drawn over them. */
export function marked(points) {
  const some = points.filter(({ cost }, place) =>
    cost !== null && !points.some(({ plan }, later) => later > place && plan === points[place].plan));
  return [...some.filter(({ dominated }) => dominated), ...some.filter(({ dominated }) => !dominated)];
}

/** Round steps between two figures, about so many. */
export function ticks(low, high, count) {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((each) => each * size >= raw) * size;
  const found = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + 1e-9 * span; place += 1)
    found.push(Number((place * step).toPrecision(12)));
  return found;
}

/** Ranges of both axes with some room, and where a figure lies in the picture. */
export function scales(points, { width, height }) {
  const range = (values, share) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = share * (high - low || Math.abs(high) || 1);
    return [low - room, high + room];
  };
  const costs = points.map(({ cost }) => cost);
  const span = Math.max(...costs) - Math.min(...costs) || 0.02 * Math.abs(costs[0]) || 1;
  // A bound far below would squeeze what is worth seeing: its line is cut off.
  const lowest = Math.min(...costs) - span;
  const bounds = points.map(({ bound }) => bound).filter((each) => each !== null);
  const [x0, x1] = range(points.map(({ emissions }) => emissions), 0.08);
  const [y0, y1] = range([...costs, ...bounds.map((each) => Math.max(each, lowest))], 0.08);
  const wide = width - PAD.left - PAD.right;
  const high = height - PAD.top - PAD.bottom;
  return {
    x0, x1, y0, y1,
    x: (value) => PAD.left + (wide * (value - x0)) / (x1 - x0),
    y: (value) => PAD.top + high * (1 - (value - y0) / (y1 - y0)),
  };
}

function axes({ x0, x1, y0, y1, x, y }, { width, height }, { instance, unit }) {
  const floor = height - PAD.bottom;
  const across = ticks(x0, x1, 4);
  const up = ticks(y0, y1, 5);
  const [size, name] = unitOf(y1);
  return s("g", { class: "axes", "aria-hidden": "true" },
    up.map((value) => [
      s("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: y(value), y2: y(value) }),
      s("text", { x: PAD.left - 8, y: y(value) + 4, "text-anchor": "end" }, tickWords(value, up, size)),
    ]),
    across.map((value) => [
      s("line", { class: "tick", x1: x(value), x2: x(value), y1: floor, y2: floor + 5 }),
      s("text", { x: x(value), y: floor + 19, "text-anchor": "middle" }, tickWords(value, across, 1)),
    ]),
    s("line", { class: "axis-line", x1: PAD.left, x2: width - PAD.right, y1: floor, y2: floor }),
    s("text", { class: "axis-name", x: width - PAD.right, y: height - 6, "text-anchor": "end" }, `emissions, ${unit}`),
    s("text", { class: "axis-name", x: PAD.left + 4, y: PAD.top - 4 }, ["cost,", name, instance.money_words].filter(Boolean).join(" ")));
}

/** What amounts up to this are counted in: [size, name]. */
function unitOf(most) {
  return [[1e9, "billion"], [1e6, "million"], [1, ""]].find(([size]) => Math.abs(most) >= size) ?? [1, ""];
}

/** A tick in as few digits as keep it apart from its neighbours. */
export function tickWords(value, all, size) {
  const step = all.length > 1 ? (all[1] - all[0]) / size : 0;
  const digits = step > 0 ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 2;
  return (value / size).toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function path(points, { x, y }) {
  return [...points].sort((a, b) => a.emissions - b.emissions)
    .map(({ emissions, cost }, place) => `${place ? "L" : "M"}${x(emissions).toFixed(1)} ${y(cost).toFixed(1)}`).join("");
}

/** From the cost down to what no plan costs less than; without an end where it is cut off. */
function gapLine({ emissions, cost, bound, gap }, { x, y, y0 }, { height }) {
  if (bound !== null && gap === 0) return null;
  const at = x(emissions);
  const isCut = bound === null || bound < y0;
  const end = isCut ? height - PAD.bottom : y(bound);
  return s("g", { class: "gap-line", "aria-hidden": "true" },
    s("line", { x1: at, x2: at, y1: y(cost), y2: end }),
    !isCut && s("line", { x1: at - 5, x2: at + 5, y1: end, y2: end }));
}

function mark(point, { x, y }, { instance, chosen, onChoose, reach }) {
  const [px, py] = [x(point.emissions), y(point.cost)];
  const choose = () => onChoose(point);
  const gap = point.gap === null ? "not proven" : `gap ${gapWords(point.gap)}`;
  const words = `${figure(point.emissions)} t, ${amount(point.cost, instance)}, ${gap}${point.dominated ? ", a tighter step costs no more" : ""}. Show on the map`;
  return s("g", {
    class: `point ${styleOf(point)}`,
    role: "button",
    tabindex: "0",
    "aria-label": words,
    "data-focus": `mark ${point.asked}`,
    on: {
      click: choose,
      keydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      },
    },
  },
    s("title", {}, words),
    s("circle", { class: "reach", cx: px, cy: py, r: reach }),
    point.plan === chosen && s("circle", { class: "chosen", cx: px, cy: py, r: 12 }),
    shape(styleOf(point), px, py));
}

function styleOf({ status, dominated }) {
  if (dominated) return "dominated";
  return status === "proven" ? "proven" : "unproven";
}

/** Told apart by form, not by colour alone. */
function shape(style, x, y) {
  return style === "dominated"
    ? s("path", { class: "shape", d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z` })
    : s("circle", { class: "shape", cx: x, cy: y, r: 6 });
}

const MEANS = {
  proven: (asked) => `proven within ${gapWords(asked)}`,
  unproven: () => "gap larger than asked",
  dominated: () => "a tighter step costs no more",
};

function key(points, asked, { y0 }) {
  const styles = new Set(points.map(styleOf));
  const one = (style, words) => h("li", {},
    s("svg", { viewBox: "0 0 18 18", class: `key-mark ${style}`, "aria-hidden": "true" }, style === "gap-line"
      ? [s("line", { x1: 9, x2: 9, y1: 2, y2: 15 }), s("line", { x1: 4, x2: 14, y1: 15, y2: 15 })]
      : shape(style, 9, 9)),
    words);
  const isCut = points.some(({ bound }) => bound === null || bound < y0);
  return h("ul", { class: "frontier-key" },
    Object.entries(MEANS).filter(([style]) => styles.has(style)).map(([style, words]) => one(style, words(asked))),
    points.some(({ gap }) => gap !== 0) && one("gap-line", `down to what no plan costs less than${isCut ? "; without an end: below the chart" : ""}`));
}
