/** Prices and demand: a number each, with its unit, range and what it is now. */

import { keepingFocus } from "../a11y.js";
import { button, fill, h, idOf } from "../dom.js";
import { byField } from "../faults.js";
import { quantity } from "../words.js";
import { withKnob } from "../wish.js";
import { faultList, group } from "./group.js";

export function figuresPart(store) {
  const knobs = h("div");
  store.on(["instance", "wish", "faults", "rules"], (state) => {
    if (!state.instance || !state.wish) return;
    const wrong = byField(state.faults, state);
    keepingFocus(knobs, () => fill(knobs, state.instance.knobs.map((knob) => knobField(store, state, knob, wrong))));
  });
  return group("Prices and demand", {}, knobs);
}

function knobField(store, { wish }, knob, wrong) {
  const { key, label, unit, now, low, high, step } = knob;
  const id = idOf("knob", key);
  const value = wish.knobs[key] ?? now;
  const faults = wrong.get(`knob.${key}`);
  const set = (given) => store.set({ wish: withKnob(store.get().wish, key, given, now) });
  const number = h("input", {
    type: "number", id, min: low, max: high, step: "any", value,
    inputmode: "decimal",
    "aria-describedby": `${id}-says${faults ? ` ${id}-fault` : ""}`,
    "aria-invalid": faults ? "true" : false,
    "data-focus": id,
    on: { change: () => set(number.value === "" ? null : within(Number(number.value), low, high)) },
  });
  const slider = h("input", {
    type: "range", min: low, max: sliderEnd(knob, value), step: step ?? "any", value,
    "aria-label": `${label}, slider`,
    "data-focus": `${id} slider`,
    on: {
      input: () => { number.value = slider.value; },
      change: () => set(Number(slider.value)),
    },
  });
  const changed = key in wish.knobs;
  return h("div", { class: `field knob ${changed ? "changed" : ""}` },
    h("label", { for: id }, label),
    h("div", { class: "row" }, slider, number, h("span", { class: "unit" }, unit),
      changed && button("Reset", () => set(null), { class: "small quiet", "aria-label": `Reset ${label}`, "data-focus": `${id} reset` })),
    h("p", { class: "hint", id: `${id}-says` }, `now ${quantity(now)}; ${range(low, high, unit)}`),
    faultList(`${id}-fault`, faults));
}

/** Where a slider ends: its range is for what is likely, the number field for all. */
export function sliderEnd({ now, low, high }, value) {
  const likely = now === 1 ? 3 : Math.max(4 * now, 500);
  return Math.min(high ?? Infinity, Math.max(likely, value, low ?? 0));
}

/** "from 0 to 5 GBP": the range a figure may have; "" where it has none. */
export function range(low, high, unit = "") {
  const has = (limit) => limit !== null && limit !== undefined;
  if (has(low) && has(high)) return `from ${quantity(low)} to ${quantity(high)} ${unit}`.trim();
  if (has(low)) return `${quantity(low)} ${unit} or more`.replace("  ", " ");
  return has(high) ? `up to ${quantity(high)} ${unit}`.trim() : "";
}

/** A number kept within its range. */
export function within(value, low, high) {
  return Math.min(Math.max(value, low ?? -Infinity), high ?? Infinity);
}
