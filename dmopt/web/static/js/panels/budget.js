/** Budgets: one limit for all periods or one for each; as given, another, or lifted. */

import { keepingFocus } from "../a11y.js";
import { button, fill, h, idOf } from "../dom.js";
import { byField } from "../faults.js";
import { amount } from "../words.js";
import { NO_LIMIT, budgetOf, withBudget, withBudgetOf } from "../wish.js";
import { faultList, group } from "./group.js";

const KINDS = [
  ["capital", "Capital budget", "for building and machines"],
  ["public", "Public budget", "for what public bodies provide"],
];

export function budgetPart(store) {
  const body = h("div");
  const unfolded = new Map();
  store.on(["instance", "wish", "faults", "rules"], (state) => {
    if (!state.instance || !state.wish) return;
    const wrong = byField(state.faults, state);
    keepingFocus(body, () => fill(body, KINDS.map((kind) => budget(store, state, kind, wrong, unfolded))));
  });
  return group("Budget", {}, body);
}

/** now: period -> money, or null where there is no limit. */
function budget(store, { instance, wish }, [kind, label, about], wrong, unfolded) {
  const periods = instance.periods.map(({ id }) => [id, instance.budgets[kind][id] ?? null]);
  const now = Object.fromEntries(periods);
  const asked = wish.budget[kind];
  const isSame = periods.every(([, limit]) => limit === periods[0][1]);
  const words = (limit) => (limit === null ? "no limit" : amount(limit, instance));
  const each = periods.map(([period, limit]) => `${period} ${words(limit)}`).join(", ");
  const [[, first]] = periods;
  const whole = limitField({
    id: `budget-${kind}`,
    label: `${label}, ${instance.currency}`,
    says: `${about}; ${isSame ? `now ${words(first)}` : `now by period: ${each}`}`,
    now: isSame ? first : undefined,
    asked: typeof asked === "object" ? undefined : asked,
    blank: isSame && typeof asked !== "object" ? "no limit" : "differs by period",
    isChanged: asked !== undefined,
    faults: wrong.get(`budget.${kind}`),
    set: (limit) => store.set({ wish: withBudget(store.get().wish, kind, limit) }),
  });
  if (instance.periods.length < 2) return whole;
  const box = h("details", { class: "by-period", open: unfolded.get(kind) ?? typeof asked === "object" },
    h("summary", {}, `${label} by period`),
    instance.periods.map(({ id, name }) => limitField({
      id: idOf("budget", kind, id),
      label: `${name}, ${instance.currency}`,
      says: `now ${words(now[id])}`,
      now: now[id],
      asked: budgetOf(wish, kind, id),
      blank: "no limit",
      isChanged: budgetOf(wish, kind, id) !== undefined,
      set: (limit) => store.set({ wish: withBudgetOf(store.get().wish, kind, id, limit, now) }),
    })));
  box.addEventListener("toggle", () => unfolded.set(kind, box.open));
  return [whole, box];
}

/**
 * One limit. now: money, null without a limit, undefined where periods differ.
 * asked: what the wish says, undefined where it is as given. blank: said where no
 * figure is shown. set(limit): takes what is asked.
 */
function limitField({ id, label, says, now, asked, blank, isChanged, faults, set }) {
  const given = now === null ? NO_LIMIT : now;
  const shown = asked ?? given;
  const take = (limit) => set(limit === given ? undefined : limit);
  const input = h("input", {
    type: "number",
    id,
    min: "0",
    step: "any",
    inputmode: "decimal",
    value: typeof shown === "number" ? shown : "",
    placeholder: shown === NO_LIMIT ? "no limit" : blank,
    "aria-describedby": `${id}-says${faults ? ` ${id}-fault` : ""}`,
    "aria-invalid": faults ? "true" : false,
    "data-focus": id,
    on: { change: () => take(input.value === "" ? undefined : Number(input.value)) },
  });
  return h("div", { class: `field ${isChanged ? "changed" : ""}` },
    h("label", { for: id }, label),
    h("div", { class: "row" }, input,
      shown !== NO_LIMIT &&
        button("No limit", () => take(NO_LIMIT), { class: "small quiet", "aria-label": `No limit: ${label}`, "data-focus": `${id} lift` }),
      isChanged &&
        button("Reset", () => set(undefined), { class: "small quiet", "aria-label": `Reset ${label}`, "data-focus": `${id} reset` })),
    h("p", { class: "hint", id: `${id}-says` }, says),
    faultList(`${id}-fault`, faults));
}
