/** Marks drawn on a canvas: sites by shape, outline and colour; names as pictures, so
 * that no fonts have to be fetched. */

import { INK, OPEN, PAPER, QUIET, SHUT, WISH_OPEN } from "../palette.js";

export const RATIO = 2;
const SIZE = 30;
const MIDDLE = SIZE / 2;

/** What a site's mark is called and drawn like; also the legend's order and words. */
export const MARKS = {
  "in-plan": { words: "open in the plan", draw: (c) => disc(c, 8.5, OPEN, "#FFFFFF", 2) },
  free: { words: "free, not in the plan", draw: (c) => disc(c, 4.5, "#FFFFFF", INK, 1.5) },
  "forced-open": { words: "you: must open", draw: (c) => triangle(c, "#FFFFFF") },
  "forced-open-in-plan": {
    words: "you: must open, open in the plan",
    draw: (c) => triangle(c, OPEN),
  },
  "forced-shut": { words: "you: stays shut", draw: (c) => crossed(c, "#FFFFFF") },
  "forced-shut-in-plan": {
    words: "you: stays shut, open in the plan shown",
    draw: (c) => crossed(c, "#E9B8AC"),
  },
  excluded: { words: "excluded in the data", draw: (c) => cross(c, 4, QUIET, 1.5) },
  infrastructure: { words: "shared infrastructure", draw: diamond },
};

/** Name of the mark of a site. state: free, open or shut; inPlan: open in the plan. */
export function markOf(status, state, inPlan) {
  if (state === "open") return inPlan ? "forced-open-in-plan" : "forced-open";
  if (state === "shut") return inPlan ? "forced-shut-in-plan" : "forced-shut";
  if (inPlan) return "in-plan";
  return status === "excluded" ? "excluded" : "free";
}

/** A site's state in words, for tooltips and the table. */
export function stateWords(status, state, inPlan) {
  if (state === "free" && status === "excluded" && !inPlan)
    return "excluded in the data";
  return MARKS[markOf(status, state, inPlan)].words;
}

/** A mark as pixels for the map. */
export function markPixels(name) {
  const context = canvas(SIZE, SIZE);
  MARKS[name].draw(context);
  return context.getImageData(0, 0, SIZE * RATIO, SIZE * RATIO);
}

/** A mark as a canvas for the legend. */
export function markCanvas(name) {
  const context = canvas(SIZE, SIZE);
  MARKS[name].draw(context);
  context.canvas.className = "mark";
  context.canvas.setAttribute("aria-hidden", "true");
  return context.canvas;
}

/** A name as pixels, with a pale rim so that it can be read on any ground. */
export function namePixels(text, { bold = false, size = 12 } = {}) {
  const font = `${bold ? 600 : 500} ${size}px "Helvetica Neue", Arial, sans-serif`;
  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = font;
  const width = Math.ceil(ruler.measureText(text).width) + 8;
  const height = size + 8;
  const context = canvas(width, height);
  context.font = font;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.5;
  context.strokeStyle = "rgba(252, 252, 250, 0.92)";
  context.strokeText(text, 4, height / 2);
  context.fillStyle = bold ? "#47525B" : INK;
  context.fillText(text, 4, height / 2);
  return context.getImageData(0, 0, width * RATIO, height * RATIO);
}

function canvas(width, height) {
  const element = document.createElement("canvas");
  element.width = width * RATIO;
  element.height = height * RATIO;
  const context = element.getContext("2d", { willReadFrequently: true });
  context.scale(RATIO, RATIO);
  return context;
}

function disc(context, radius, inside, rim, width) {
  context.beginPath();
  context.arc(MIDDLE, MIDDLE, radius, 0, 2 * Math.PI);
  context.fillStyle = inside;
  context.fill();
  context.lineWidth = width;
  context.strokeStyle = rim;
  context.stroke();
}

function triangle(context, inside) {
  path(context, [[MIDDLE, 4], [26, 24.5], [4, 24.5]], inside, "#FFFFFF", 6);
  path(context, [[MIDDLE, 4], [26, 24.5], [4, 24.5]], inside, WISH_OPEN, 3);
}

function crossed(context, inside) {
  const square = [[6, 6], [24, 6], [24, 24], [6, 24]];
  path(context, square, inside, "#FFFFFF", 6);
  path(context, square, inside, SHUT, 2.5);
  cross(context, 5, SHUT, 2.5);
}

function cross(context, reach, colour, width) {
  context.beginPath();
  for (const way of [1, -1]) {
    context.moveTo(MIDDLE - reach, MIDDLE - reach * way);
    context.lineTo(MIDDLE + reach, MIDDLE + reach * way);
  }
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function diamond(context) {
  const corners = [[MIDDLE, 8], [22, MIDDLE], [MIDDLE, 22], [8, MIDDLE]];
  path(context, corners, PAPER, "#FFFFFF", 4);
  path(context, corners, PAPER, INK, 1.6);
}

function path(context, corners, inside, rim, width) {
  context.beginPath();
  corners.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.fillStyle = inside;
  context.fill();
  context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = rim;
  context.stroke();
}
