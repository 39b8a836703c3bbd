/** The result: how sure, what it costs, what it brings against another scenario. */

import { keepingFocus } from "../a11y.js";
import { hasFigures, hasPlan } from "../actions.js";
import { api } from "../api.js";
import { at, fill, h } from "../dom.js";
import { against, costSentence } from "../measure.js";
import { badge, boundSentence, counted, indicatorValue, money, withNews } from "../words.js";
import { options } from "./group.js";
import { progressPart } from "./progress.js";
import { waysPart } from "./ways.js";

const FILES = [
  ["plan.gpkg", "GeoPackage"],
  ["plan.xlsx", "Excel"],
  ["report.html", "Report"],
  ["map.png", "Map picture"],
];

export function createResultPanel(store, actions) {
  const verdict = h("div", { class: "result-parts" });
  const body = h("div", { class: "result-parts" });
  const whose = h("p", { class: "on-map", hidden: true });
  store.on(["onMap", "shown"], ({ onMap, shown: of }) => {
    whose.hidden = !onMap?.plan;
    fill(whose, `Another plan is on the map. The figures here are those of "${of?.name}".`);
  });
  fill(at("result-body"), progressPart(store, actions), whose, verdict, body, waysPart(store, actions));
  store.on(["shown", "instance", "trace", "runningId"], ({ shown, instance, trace, runningId }) => {
    const isRunning = shown?.id === runningId;
    fill(verdict, shown && instance && heading(isRunning ? withNews(shown, trace) : shown, instance));
  });
  store.on(
    ["shown", "base", "history", "instance", "runningId", "shownMap", "isLoaded"],
    (state) => {
      if (state.instance) keepingFocus(body, () => draw(body, store, actions, state));
      else if (state.isLoaded) fill(body, noRegion());
    },
  );
}

function draw(body, store, actions, state) {
  const { shown, instance, runningId } = state;
  if (!shown) return fill(body, runningId === null && nothingYet(instance));
  return fill(
    body,
    hasFigures(shown) && [comparison(state, actions), measures(state)],
    hasPlan(shown) && shown.verified && files(shown),
    messages(shown),
  );
}

function noRegion() {
  return [
    h("p", { class: "lead" }, "There is no region here yet."),
    h("p", {}, "Open an Excel workbook or a GeoPackage with the button above. dmopt template writes a workbook with every column explained."),
  ];
}

function nothingYet(instance) {
  return [
    instance.description && h("p", { class: "lead" }, instance.description),
    h("p", {}, `${instance.name} has ${counted(instance.zones, "zone")} and ${counted(instance.sites, "site")}.`),
    h("p", {}, "Press Plan to find which sites should open. The region as it is given makes a good first plan: later ones are compared with it."),
  ];
}

function heading(shown, instance) {
  const { text, tone } = badge(shown);
  return h("section", { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h3", { id: "verdict-title" }, shown.name),
    h("p", { class: `badge ${tone}` }, text),
    hasFigures(shown) && h("p", { class: "cost" }, money(shown.cost, instance)),
    h("p", { class: "bound" }, boundSentence(shown.bound, instance),
      shown.state === "cancelled" ? " You stopped it: this is the best plan until then." : ""),
    hasFigures(shown) && h("p", { class: "hint" }, shown.verified
      ? "Checked by code that did not make the plan: it keeps every rule."
      : "The check of this plan has not passed: see the messages.",
    shown.state === "running" ? " A better one is being looked for." : ""));
}

function comparison({ shown, base, history, instance }, actions) {
  const others = history.filter((each) => hasPlan(each) && each.id !== shown.id);
  const isSelf = base?.id === shown.id;
  if (!others.length)
    return isSelf ? null : h("p", { class: "hint" }, "Nothing to compare with yet.");
  const pairs = [["", "nothing"], ...others.map(({ id, name }) => [id, name])];
  return h("section", { class: "against" },
    h("div", { class: "field" },
      h("label", { for: "base" }, "Compared with"),
      h("select", {
        id: "base",
        value: isSelf || !base ? "" : base.id,
        "data-focus": "base",
        on: { change: (event) => actions.setBase(event.target.value || null) },
      }, options(pairs))),
    base && !isSelf && h("p", { class: "cost-sentence" }, costSentence(base, shown, instance)));
}

function measures({ shown, base, instance }) {
  const compared = base && base.id !== shown.id;
  const before = new Map((compared ? base.indicators : []).map((each) => [each.name, each.value]));
  return h("section", { "aria-labelledby": "measures-title" },
    h("h3", { id: "measures-title" }, "What it brings"),
    h("table", { class: "measures" },
      h("caption", { class: "visually-hidden" }, compared ? `Indicators, against ${base.name}` : "Indicators"),
      h("tbody", {}, shown.indicators.map(({ name, label, value, unit, better }) => {
        const change = compared && against(better, value, before.get(name), unit, instance);
        return h("tr", {},
          h("th", { scope: "row" }, label),
          h("td", {}, h("span", { class: "value" }, indicatorValue(value, unit, instance)),
            change && change.difference && h("span", { class: `change ${change.verdict}` }, `${change.difference}, ${change.verdict}`)));
      }))));
}

function files(shown) {
  return h("section", { class: "files", "aria-labelledby": "files-title" },
    h("h3", { id: "files-title" }, "Take it with you"),
    h("ul", {}, FILES.map(([name, words]) =>
      h("li", {}, h("a", { href: api.file(shown.id, name), download: "", class: "file" }, words)))),
    h("p", { class: "links" }, h("a", { href: "#studies" }, "What if a site is lost? What would fewer emissions cost?"), h("a", { href: "#prices" }, "What does each rule cost?"), h("a", { href: "#compare" }, "Compare on two maps"), h("a", { href: "#tables" }, "The map as tables")));
}

function messages({ messages: said = [], error, faults = [], proof }) {
  const wrong = faults.map(({ place, expected, read }) => `${place}: ${read ? `${read}, ` : ""}expected ${expected}`);
  const all = [error, ...wrong, ...said].filter(Boolean);
  if (!all.length && !proof) return null;
  return h("section", { class: "messages", "aria-labelledby": "messages-title" },
    h("h3", { id: "messages-title" }, "Messages"),
    all.length > 0 && h("ul", {}, all.map((text) => h("li", {}, text))),
    proof && h("details", { class: "proof" }, h("summary", {}, "How it was proven"), h("p", { class: "hint" }, proof)));
}

