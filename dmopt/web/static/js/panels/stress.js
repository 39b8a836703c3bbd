/** The stress test: what the plan still serves when one thing is lost, worst first. */

import { button, h, s } from "../dom.js";
import { signed } from "../measure.js";
import { counted, share } from "../words.js";
import { studyPart } from "./study.js";

const MOST_DISTRICTS = 3;
const KINDS = { site: "site", infrastructure: "shared infrastructure" };
const SAME = 1e-6;

export function stressStudy(store, actions) {
  return studyPart(store, actions, {
    kind: "stress",
    title: "What if something is lost?",
    about:
      "Each site of the plan, and shared infrastructure at each place, is lost for good, one at a time. " +
      "What is left serves as much as it can, by value, in the cheapest way. Nothing is bought or built; rules are lifted.",
    label: "Test the plan",
    again: "Test it again",
    draw: (answer, shown) => found(answer, shown, store, actions),
    said: ({ cases = [], error }) => error || `The stress test has ended: ${counted(cases.length, "loss", "losses")} tried.`,
  });
}

function found({ state, cases = [], sentences = [], complete, planned }, shown, store, actions) {
  if (state !== "done") return null;
  if (!cases.length && planned === 0) return h("p", {}, "The plan has no site and no infrastructure that could be lost.");
  return [
    h("ul", { class: "study-says" }, sentences.map((text) =>
      h("li", { class: text.startsWith("Worst") ? "worst" : "" }, text))),
    !complete && h("p", { class: "fault" }, "Not everything was tried: the worst loss may be among the rest."),
    cases.length > 0 && table(cases, store, actions),
  ];
}

function table(cases, store, actions) {
  const { instance } = store.get();
  const heads = ["Lost", "Still served, by value", "People served", "Worst product", "Who loses", "Running costs, change", "Map"];
  return h("div", { class: "table-box wide" }, h("table", { class: "list stress" },
    h("caption", { class: "visually-hidden" }, "Losses, the worst first"),
    h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, cases.map((each, place) => line(each, place === 0 && each.harm > SAME, instance, store, actions)))));
}

function line(each, isWorst, instance, store, actions) {
  const show = () => onMap(each, store, actions);
  const { worst_product: product, worst_product_served: kept } = each;
  return h("tr", { class: isWorst ? "worst-loss" : "", on: { click: ({ target }) => target.closest("button") || show() } },
    h("th", { scope: "row", "data-label": "Lost" },
      h("span", { class: "name" }, each.label, isWorst && h("span", { class: "tag strong" }, "worst")),
      h("span", { class: "hint" }, KINDS[each.kind])),
    h("td", { "data-label": "Still served, by value" }, bar(each.served),
      h("span", {}, `${each.proven ? "" : "at least "}${share(each.served)}`)),
    h("td", { class: "number", "data-label": "People served" }, share(each.people)),
    h("td", { "data-label": "Worst product" }, product ? `${product} ${share(kept)}` : "none loses"),
    h("td", { "data-label": "Who loses" }, districts(each.districts)),
    h("td", { class: "number", "data-label": "Running costs, change" }, money(each.running_cost_more, instance)),
    h("td", { class: "do" }, button("Show", show, {
      class: "small", "aria-label": `Show on the map: ${each.label}`, "data-focus": `show ${each.of.join(" ")}`,
    })));
}

function districts(names) {
  if (!names.length) return "nobody";
  const more = names.length - MOST_DISTRICTS;
  return names.slice(0, MOST_DISTRICTS).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function money(more, instance) {
  if (more === null || Math.abs(more) < 0.5) return "the same";
  return signed(more, instance.currency, instance);
}

/** The share as a length; the figure stands below it. */
function bar(served) {
  return s("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", class: "bar" },
    s("rect", { class: "bar-ground", x: 0, y: 0, width: 100, height: 8 }),
    s("rect", { class: "bar-right", x: 0, y: 0, width: 100 * Math.min(Math.max(served, 0), 1), height: 8 }));
}

/** Where a loss is, in degrees: its site, or its infrastructure; [] where it has no place. */
export function placesOf({ kind, of }, { geo, shownMap }) {
  const features = kind === "site"
    ? geo.sites.features.filter(({ properties }) => properties.id === of[0])
    : (shownMap?.infrastructure.features ?? []).filter(({ properties }) =>
      properties.infrastructure === of[0] && properties.id === of[1]);
  const there = features.find(({ geometry }) => geometry?.type === "Point");
  return there ? [there.geometry.coordinates] : [];
}

function onMap(each, store, actions) {
  const marks = placesOf(each, store.get());
  const where = marks.length ? "" : " It has no place of its own on the map.";
  const served = `${each.proven ? "" : "At least "}${share(each.served)} of demand is still served, by value.`;
  return actions.showMarks(marks, `Lost: ${each.label}. ${served}${where}`);
}
