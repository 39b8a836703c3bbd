/** The named history of scenarios: open, rename, compare with, delete. */

import { keepingFocus } from "../a11y.js";
import { hasPlan } from "../actions.js";
import { at, button, fill, h } from "../dom.js";
import { amount, badge, when } from "../words.js";
import { changesOf, wholeWish } from "../wish.js";

export function createHistory(store, actions) {
  const body = at("history-body");
  let renaming = null;
  const draw = () => {
    const state = store.get();
    if (!state.instance) return;
    keepingFocus(body, () => fill(body, content(state)));
  };
  const rename = (id) => {
    renaming = id;
    draw();
    body.querySelector("[data-focus='new-name']")?.focus();
  };
  const content = (state) => {
    if (!state.history.length)
      return h("p", { class: "lead" }, "No scenarios yet. Each plan you make is kept here under its name, also over a restart of the server.");
    return h("div", { class: "table-box wide" }, h("table", { class: "list" },
      h("caption", { class: "visually-hidden" }, "Scenarios, newest first"),
      h("thead", {}, h("tr", {}, ["Scenario", "Result", "Cost", "No plan costs less than", "Changes", "Do"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, state.history.map((each) => line(each, state)))));
  };
  const line = (each, state) => h("tr", { class: each.id === state.shown?.id ? "current" : "" },
    h("th", { scope: "row", "data-label": "Scenario" },
      each.id === renaming ? nameForm(each) : h("span", { class: "name" }, each.name),
      h("span", { class: "hint" }, when(each.created), each.id === state.shown?.id ? " \u00b7 shown" : "")),
    h("td", { "data-label": "Result" }, h("span", { class: `badge small ${badge(each).tone}` }, badge(each).text)),
    h("td", { class: "number", "data-label": "Cost" }, each.cost === null ? "none" : amount(each.cost, state.instance)),
    h("td", { class: "number", "data-label": "No plan costs less than" }, each.bound === null ? "not known" : amount(each.bound, state.instance)),
    h("td", { "data-label": "Changes" }, wishWords(each, state), studied(each)),
    h("td", { class: "do" },
      button("Open", async () => { await actions.show(each.id); store.set({ view: "result" }); }, { class: "small", "aria-label": `Open ${each.name}`, "data-focus": `open ${each.id}` }),
      hasPlan(each) && compareButton(each, state),
      button("Rename", () => rename(each.id), { class: "small quiet", "aria-label": `Rename ${each.name}`, "data-focus": `rename ${each.id}` }),
      each.id !== state.runningId && button("Delete", () => discard(each), { class: "small quiet", "aria-label": `Delete ${each.name}`, "data-focus": `delete ${each.id}` })));
  const compareButton = (each, { shown }) => {
    const isOther = shown && hasPlan(shown) && shown.id !== each.id;
    const sides = isOther ? { compareLeft: each.id, compareRight: shown.id } : { compareRight: each.id };
    return button(isOther ? "Compare with now" : "Compare", () => store.set({ ...sides, view: "compare" }), {
      class: "small quiet", "data-focus": `compare ${each.id}`,
      "aria-label": isOther ? `Compare with now: ${each.name} and ${shown.name}` : `Compare ${each.name} with another`,
    });
  };
  const nameForm = (each) => {
    const input = h("input", { type: "text", value: each.name, maxlength: "80", "aria-label": `New name of ${each.name}`, "data-focus": "new-name" });
    const save = async (event) => {
      event.preventDefault();
      renaming = null;
      const name = input.value.trim();
      if (name && name !== each.name) await actions.rename(each.id, name);
      draw();
    };
    return h("form", { class: "row", on: { submit: save } }, input, h("button", { class: "small" }, "Save"),
      button("Keep", () => { renaming = null; draw(); }, { class: "small quiet" }));
  };
  const discard = (each) => {
    if (confirm(`Delete "${each.name}" and its plan? This cannot be undone.`)) actions.discard(each.id);
  };
  store.on(["history", "shown", "instance", "rules", "runningId"], draw);
}

const STUDIES = { stress: "stress test", frontier: "emissions and cost", prices: "rule prices" };

/** What more is known of a scenario. */
function studied({ asked = {} }) {
  const names = Object.keys(STUDIES).filter((kind) => asked[kind] === "done").map((kind) => STUDIES[kind]);
  return names.length > 0 && h("span", { class: "hint" }, `Studied: ${names.join(", ")}`);
}

function wishWords({ wish }, { instance, rules, geo }) {
  const changes = changesOf(wholeWish(wish), {
    instance,
    rules,
    siteNames: geo.siteNames,
    money: (value) => amount(value, instance),
  });
  if (!changes.length) return "none: as it is given";
  const words = changes.slice(0, 3).map((change) => change.words).join("; ");
  return changes.length > 3 ? `${words}; and ${changes.length - 3} more` : words;
}
