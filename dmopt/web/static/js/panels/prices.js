/** What each rule, and each dimension, costs. */

import { hasPlan } from "../actions.js";
import { api } from "../api.js";
import { at, button, fill, h } from "../dom.js";
import { signed } from "../measure.js";
import { amount } from "../words.js";
import { ruleName } from "../wish.js";
import { statusMark } from "./group.js";
import { isOver, polled } from "./polled.js";

const KINDS = { all: "All rules", dimension: "Dimension", rule: "Rule" };

export function createPrices(store, actions) {
  const body = at("prices-body");
  let of = null;
  store.on(["view", "shown"], (state) => {
    if (state.view !== "prices") return;
    const { shown } = state;
    if (!shown || !hasPlan(shown)) {
      of = null;
      fill(body, h("p", { class: "lead" }, "Plan first: the price of a rule is what the plan costs more with it than without it."));
      return;
    }
    if (shown.id === of) return;
    of = shown.id;
    open(body, store, actions, shown, () => of === shown.id);
  });
}

function open(body, store, actions, shown, wanted) {
  const run = () => {
    const waiting = h("p", { class: "lead", role: "status" }, "Solving without each rule in turn ...");
    fill(body, waiting);
    actions.guarded(() => polled({
      begin: () => api.askPrices(shown.id),
      read: () => api.prices(shown.id),
      wanted,
      onAnswer: (answer) => {
        if (isOver(answer)) fill(body, table(answer, shown, store.get()));
        else fill(waiting, `Solving without each rule in turn: ${answer.progress?.step || "started"}`);
      },
    }));
  };
  fill(body,
    h("p", { class: "lead" }, `For "${shown.name}": the plan is solved again without each rule and each dimension. This can take a few minutes.`),
    button("Find the prices", run, { class: "primary", id: "find-prices" }));
}

function table({ prices = [], missing = [], error }, shown, { instance, rules, geo }) {
  if (error) return h("p", { class: "fault" }, error);
  const called = (id) => ruleName(id, shown.wish, geo.siteNames);
  const late = missing.length > 0 && h("p", { class: "fault" }, `The time was up before these were priced: ${missing.map(called).join(", ")}.`);
  if (!prices.length) return late || h("p", { class: "lead" }, "There are no rules in this scenario, so nothing to price.");
  return [
    h("p", { class: "lead" }, `For "${shown.name}". A price is what the plan costs more because of the rule, ${instance.money_words}; both costs are known to a gap only, so that it lies between two figures.`),
    late,
    h("div", { class: "table-box wide" }, h("table", { class: "list" },
      h("caption", { class: "visually-hidden" }, "Prices of rules"),
      h("thead", {}, h("tr", {}, ["What", "Says", "Price", "Without it"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, prices.map((price) => h("tr", { class: `price-${price.kind}` },
        h("th", { scope: "row", "data-label": "What" }, nameOf(price, instance, rules, called),
          price.kind !== "all" && h("span", { class: "hint" }, KINDS[price.kind] ?? price.kind)),
        h("td", { "data-label": "Says" }, price.says),
        h("td", { class: "number", "data-label": "Price" }, priceWords(price, instance)),
        h("td", { "data-label": "Without it" }, changeWords(price.change))))))),
  ];
}

/** What is priced, with the mark of what is reconstructed. */
function nameOf({ kind, name }, instance, rules, called) {
  const known = kind === "dimension"
    ? instance.dimensions.find(({ key }) => key === name)
    : rules.find(({ id }) => kind === "rule" && id === name);
  const words = kind === "all" ? KINDS.all : (kind === "dimension" && known?.label) || called(name);
  return [h("span", { class: "name" }, words), statusMark(known?.status)];
}

/** Between which figures a price lies. */
export function priceWords({ low, high, known }, instance) {
  const has = (value) => typeof value === "number" && Number.isFinite(value);
  if (!has(low) && !has(high)) return "no plan with it";
  if (!known) return has(high) ? `not proven; at most ${amount(high, instance)}` : "not proven";
  if (!has(high)) return `${amount(low, instance)} or more`;
  const [a, b] = [amount(low, instance), amount(high, instance)];
  return a === b ? a : `${a} to ${b}`;
}

/** What else changes without a rule: {name: {label, unit, value}} in words. */
export function changeWords(change = {}) {
  const words = Object.values(change)
    .filter(({ value }) => Number.isFinite(value) && Math.abs(value) > 1e-9)
    .map(({ label, unit, value }) => `${label} ${signed(value, unit)}`);
  return words.join("; ") || "the same";
}
