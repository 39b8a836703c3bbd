/** Sites as a table: the same as the marks on the map, by keyboard. */

import { fill, h } from "../dom.js";
import { stateWords } from "../map/icons.js";
import { counted } from "../words.js";
import { siteState, withSite } from "../wish.js";
import { group, options } from "./group.js";

const STATES = [["free", "free"], ["open", "must open"], ["shut", "stays shut"]];

export function sitesPart(store) {
  const note = h("span", { class: "count" });
  const find = h("input", { type: "search", id: "find-site", autocomplete: "off" });
  const only = h("select", { id: "only-sites" }, options([
    ["all", "all sites"],
    ["changed", "changed by you"],
    ["plan", "open in the plan"],
  ]));
  const body = h("tbody");
  const rows = new Map();
  const choose = () => filter(rows, store.get(), find.value, only.value);
  find.addEventListener("input", choose);
  only.addEventListener("change", choose);
  store.on(["geo"], ({ geo }) => {
    if (!geo) return;
    rows.clear();
    for (const { properties } of geo.sites.features)
      rows.set(properties.id, row(store, properties));
    fill(body, [...rows.values()].map(({ element }) => element));
  });
  store.on(["geo", "wish", "shownMap"], (state) => {
    if (!state.geo || !state.wish) return;
    update(rows, state);
    choose();
    const forced = Object.keys(state.wish.sites).length;
    fill(note, forced ? `${forced} changed` : counted(rows.size, "site"));
  });
  return group(
    "Sites",
    { note, id: "sites-part" },
    h("div", { class: "row" },
      h("div", { class: "field grow" }, h("label", { for: "find-site" }, "Find"), find),
      h("div", { class: "field grow" }, h("label", { for: "only-sites" }, "Show"), only)),
    h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": "Table of sites" },
      h("table", { class: "sites-table" },
        h("caption", { class: "visually-hidden" }, "Sites, what the plan does with them, and what you ask for"),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Site"), h("th", { scope: "col" }, "You ask"))),
        body)),
  );
}

function row(store, { id, name, class: kind, district, status }) {
  const control = h("select", {
    "aria-label": `${name || id}: what you ask`,
    "data-site": id,
    on: {
      change: () => store.set({ wish: withSite(store.get().wish, id, control.value) }),
    },
  }, options(STATES));
  const says = h("span", { class: "hint" });
  const element = h("tr", {},
    h("th", { scope: "row" }, h("span", {}, name || id), says),
    h("td", {}, control));
  const about = [district, kind?.replaceAll("_", " ")].filter(Boolean).join(", ");
  const words = `${name} ${id} ${about}`.toLowerCase();
  return { element, control, says, about, words, status };
}

function update(rows, { wish, shownMap }) {
  for (const [id, { control, says, about, status, element }] of rows) {
    const state = siteState(wish, id);
    const inPlan = Boolean(shownMap?.sites[id]?.open);
    control.value = state;
    element.className = state === "free" ? "" : `forced-${state}`;
    const doing = state === "free" && !inPlan && status !== "excluded"
      ? "" : stateWords(status, state, inPlan);
    says.textContent = [about, doing].filter(Boolean).join(" \u00b7 ");
  }
}

function filter(rows, { wish, shownMap }, text, only) {
  const wanted = text.trim().toLowerCase();
  for (const [id, { element, words }] of rows) {
    const chosen =
      only === "all" ||
      (only === "changed" ? id in wish.sites : Boolean(shownMap?.sites[id]?.open));
    element.hidden = !(chosen && words.includes(wanted));
  }
}
