/** The panel of the wish: what is changed, and the parts that change it. */

import { keepingFocus } from "../a11y.js";
import { at, button, fill, h } from "../dom.js";
import { amount } from "../words.js";
import { changesOf, emptyWish } from "../wish.js";
import { budgetPart } from "./budget.js";
import { figuresPart } from "./figures.js";
import { modelPart } from "./models.js";
import { rulesPart } from "./rules.js";
import { sitesPart } from "./sites.js";
import { startPart } from "./start.js";

export function createChangePanel(store, actions) {
  const list = h("section", { class: "changes", "aria-labelledby": "changes-title" });
  fill(
    at("change-body"),
    list,
    modelPart(store, actions),
    sitesPart(store),
    budgetPart(store),
    figuresPart(store),
    rulesPart(store),
  );
  fill(at("start"), startPart(store, actions));
  store.on(["wish", "rules", "instance", "geo"], (state) =>
    keepingFocus(list, () => drawChanges(list, store, actions, state)));
}

function drawChanges(list, store, actions, { wish, rules, instance, geo }) {
  if (!instance || !wish || !geo) return;
  const changes = changesOf(wish, {
    instance,
    rules,
    siteNames: geo.siteNames,
    money: (value) => amount(value, instance),
  });
  fill(
    list,
    h("h3", { id: "changes-title" }, changes.length ? "Your changes" : "No changes yet"),
    changes.length === 0 &&
      h("p", { class: "hint" }, "The region as it is given. Click a site on the map, or change something below."),
    h("ul", { class: "chips" }, changes.map((change, place) =>
      h("li", {},
        h("span", {}, change.words),
        button("Undo", () => undo(store, actions, change.without), {
          class: "small quiet",
          "aria-label": `Undo: ${change.words}`,
          "data-focus": `undo ${place}`,
        })))),
    changes.length > 1 &&
      button("Undo all", () => undo(store, actions, emptyWish()), { class: "small", "data-focus": "undo all" }),
  );
}

function undo(store, actions, wish) {
  const modelChanges = wish.model !== store.get().wish.model;
  store.set({ wish });
  if (modelChanges) actions.chooseModel(wish.model);
}
