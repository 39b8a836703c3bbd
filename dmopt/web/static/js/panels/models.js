/** The way to produce: a named set of rules, or the rules of the data. */

import { keepingFocus } from "../a11y.js";
import { fill, h } from "../dom.js";
import { group, statusMark } from "./group.js";

export function modelPart(store, actions) {
  const body = h("div", { class: "models", role: "radiogroup", "aria-label": "Way to produce" });
  store.on(["instance", "wish"], ({ instance, wish }) => {
    if (!instance || !wish) return;
    keepingFocus(body, () => fill(body, cards(instance).map((model) =>
      card(model, wish.model === model.name, () => actions.chooseModel(model.name)))));
  });
  return group("Way to produce", { open: true }, body);
}

function cards(instance) {
  const own = {
    name: null,
    label: "As in the data",
    sentence: "the rules that the data itself states",
    status: "",
  };
  return [own, ...instance.models];
}

function card({ name, label, sentence, status }, isOn, choose) {
  const id = `model-${name ?? "own"}`;
  return h(
    "label",
    { class: "card", for: id },
    h("input", {
      type: "radio",
      name: "model",
      id,
      checked: isOn,
      "aria-describedby": `${id}-says`,
      "data-focus": id,
      on: { change: choose },
    }),
    h("span", { class: "card-title" }, label, statusMark(status)),
    h("span", { class: "card-text", id: `${id}-says` }, sentence),
  );
}
