/** Classes of a shaded map: few, with limits that are easy to say; the same as
 * dmopt/maps/classes.py makes (a test compares). */

import { quantity, significant } from "./words.js";

/** Limits, ascending, n + 1 for n classes of about as many places each. */
export function makeLimits(values, count = 5) {
  const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!finite.length) return [0, 0];
  const inner = [];
  for (let step = 1; step < count; step += 1)
    inner.push(finite[Math.max(Math.ceil((step / count) * finite.length - 1e-9) - 1, 0)]);
  const low = outer(finite[0], Math.floor);
  const high = outer(finite.at(-1), Math.ceil);
  const rounded = new Set(inner.map((limit) => significant(limit, 2)));
  const kept = [...rounded].filter((limit) => low < limit && limit < high);
  return [low, ...kept.sort((a, b) => a - b), high];
}

/** Class of a value, 0 the lowest; -1 where there is none. */
export function classOf(limits, value) {
  if (!Number.isFinite(value)) return -1;
  const inner = limits.slice(1, -1);
  const found = inner.findIndex((limit) => value <= limit);
  return found === -1 ? inner.length : found;
}

/** One label for each class: "up to 20", "20 - 50" with an en dash. */
export function classLabels(limits) {
  const words = limits.slice(1).map(quantity);
  return words.map((word, place) =>
    place ? `${words[place - 1]} \u2013 ${word}` : `up to ${word}`);
}

/** Colours for so many classes, spread over the ramp. */
export function classColours(ramp, count) {
  if (count === 1) return [ramp[Math.floor(ramp.length / 2)]];
  return Array.from({ length: count }, (_, place) =>
    ramp[Math.round((place * (ramp.length - 1)) / (count - 1))]);
}

function outer(value, round) {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return significant(round(value / step) * step, 2);
}
