/** Rules by dimension: each with its sentence, a switch and its figures. */

import { keepingFocus } from "../a11y.js";
import { button, fill, h, idOf } from "../dom.js";
import { byField } from "../faults.js";
import { counted } from "../words.js";
import { figureOf, ruleIsOn, withAddedRule, withRule, withoutRule } from "../wish.js";
import { faultList, group, statusMark } from "./group.js";
import { figureField } from "./rule-figure.js";

export function rulesPart(store) {
  const body = h("div", { class: "rules" });
  const note = h("span", { class: "count" });
  const shut = new Set();
  store.on(["rules", "instance", "wish", "faults"], (state) => {
    if (!state.instance || !state.wish) return;
    keepingFocus(body, () => draw(body, store, state, shut));
    const on = state.rules.filter((rule) => ruleIsOn(state.wish, rule)).length;
    fill(note, state.rules.length ? `${on} of ${state.rules.length} on` : "none");
  });
  return group("Rules", { note, id: "rules-part" }, body, adder(store));
}

function draw(body, store, state, shut) {
  const { instance, rules } = state;
  const wrong = byField(state.faults, state);
  const known = new Map(instance.dimensions.map((each) => [each.key, each]));
  const keys = [...new Set(rules.map((rule) => rule.dimension))];
  const order = [...known.keys(), ...keys.filter((key) => !known.has(key))];
  const parts = order
    .map((key) => [key, rules.filter((rule) => rule.dimension === key)])
    .filter(([, found]) => found.length);
  fill(
    body,
    !rules.length && h("p", { class: "hint" }, "No rules: every plan that serves the demand is allowed. Choose a way to produce above, or add a rule below."),
    parts.map(([key, found]) => {
      const box = dimension(known.get(key) ?? { key, label: "Planning" }, found, store, state, wrong);
      box.open = !shut.has(key);
      box.addEventListener("toggle", () => (box.open ? shut.delete(key) : shut.add(key)));
      return box;
    }),
  );
}

function dimension({ key, label, status }, rules, store, state, wrong) {
  return h("details", { class: "dimension" },
    h("summary", {}, h("h4", {}, label || key), statusMark(status), h("span", { class: "count" }, counted(rules.length, "rule"))),
    rules.map((rule) => ruleBox(rule, store, state, wrong)));
}

function ruleBox(rule, store, { wish }, wrong) {
  const isOn = ruleIsOn(wish, rule);
  const given = rule.parameters.some(({ name }) => figureOf(wish, rule.id, name) !== undefined);
  const changed = given || isOn !== rule.on;
  const id = idOf("rule", rule.id);
  const set = (next) => store.set({ wish: next(store.get().wish) });
  return h("div", { class: `rule ${isOn ? "" : "off"} ${changed ? "changed" : ""}` },
    h("label", { class: "switch", for: id },
      h("input", {
        type: "checkbox",
        role: "switch",
        id,
        checked: isOn,
        "aria-describedby": `${id}-says`,
        "data-focus": id,
        on: { change: (event) => set((now) => withRule(now, rule, event.target.checked)) },
      }),
      h("span", { class: "switch-name" }, rule.id),
      h("span", { class: "rule-marks" },
        rule.from === "model" && h("span", { class: "tag" }, "of the model"),
        statusMark(rule.status),
        !rule.hard && h("span", { class: "tag" }, "has a price"),
        changed && h("span", { class: "tag strong" }, "changed"))),
    h("p", { class: "sentence", id: `${id}-says` }, rule.sentence),
    given && h("p", { class: "hint" }, "The sentence quotes the figures before your change."),
    isOn && h("div", { class: "figures" }, rule.parameters.map((parameter) =>
      figureField(rule, parameter, figureOf(wish, rule.id, parameter.name), set, wrong))),
    faultList(`${id}-fault`, wrong.get(`rule.${rule.id}`)),
    (rule.source || rule.owner) && h("p", { class: "hint" }, [rule.source, rule.owner && `asked for by ${rule.owner}`].filter(Boolean).join("; ")),
    changed && button("Reset rule", () => set((now) => withoutRule(now, rule.id)), { class: "small quiet", "aria-label": `Reset rule ${rule.id}`, "data-focus": `${id} reset` }));
}

function adder(store) {
  const input = h("input", { type: "text", id: "add-rule", autocomplete: "off", "aria-describedby": "add-rule-says" });
  const add = () => {
    const text = input.value.trim();
    if (!text) return;
    store.set({ wish: withAddedRule(store.get().wish, text) });
    input.value = "";
  };
  return h("div", { class: "field adder" },
    h("label", { for: "add-rule" }, "Add a rule"),
    h("div", { class: "row" }, input, button("Add", add, { class: "small" })),
    h("p", { class: "hint", id: "add-rule-says" }, "ID: RULE name=value; for example near: proximity_service share=90 %; within_km=10"));
}
