/** The frontier: what fewer emissions cost at least, as a chart and as a table. */

import { button, fill, h } from "../dom.js";
import { NARROW, frontierChart } from "../frontier-chart.js";
import { amount, counted, figure, gapWords } from "../words.js";
import { options } from "./group.js";
import { studyPart } from "./study.js";

const COUNTS = [[4, "4 points"], [6, "6 points"], [8, "8 points"], [12, "12 points"]];
const NO_PLAN = {
  none: "no plan (proven)",
  not_found: "not known yet",
  rejected: "left out: its figures contradict one another",
};

export function frontierStudy(store, actions) {
  const count = h("select", { id: "frontier-points", value: "6" }, options(COUNTS));
  const part = studyPart(store, actions, {
    kind: "frontier",
    title: "What would fewer emissions cost?",
    about:
      "From the emissions of the cheapest plan to the least that is found, step by step: at each the cheapest plan that emits no more. " +
      "As much of each product is delivered in all of them. Each point takes at most as long as this plan was given; points appear as they come.",
    label: "Look for the points",
    again: "Look again",
    controls: h("div", { class: "field" }, h("label", { for: "frontier-points" }, "How many points"), count),
    wish: () => ({ points: Number(count.value) }),
    draw: (answer, shown) => found(answer, shown, store, actions),
    said: ({ points = [], error }) => error || `The frontier has ended: ${counted(points.length, "point")}.`,
  });
  store.on(["onMap"], part.paint);
  matchMedia(NARROW).addEventListener("change", part.paint);
  return part;
}

function found(answer, shown, store, actions) {
  const { state, points = [], rejected, known, planned } = answer;
  if (!points.length) return null;
  const { instance, onMap } = store.get();
  const show = (point) => actions.showPoint(point.plan, pointWords(point, answer, instance));
  const isOver = !["running", "waiting"].includes(state);
  const words = isOver && known < planned
    ? `${known} of ${planned} points are as sure as was asked; the others say how far they are proven. Plan with more time, or a larger gap, and look again.`
    : `${known} of ${planned} points are as sure as was asked${isOver ? "." : " by now."}`;
  const chart = h("div", { class: "frontier-chart" });
  fill(chart, frontierChart(points, {
    instance, unit: answer.unit, asked: answer.gap_asked, chosen: onMap?.plan ?? 0, onChoose: show,
  }));
  return [
    h("p", {}, words, isOver && points.length === 1 ? " The cheapest plan emits the least that is found." : ""),
    rejected && h("p", { class: "fault" }, rejected),
    chart,
    table(answer, instance, show),
    h("p", { class: "hint" }, `Emissions are t CO2e a year${answer.of ? ` in ${answer.of}` : ""}; money is ${instance.money_words}. ` +
      "Between the points there may be other plans. That nothing emits less than the last one is not proven."),
  ];
}

function table({ points, unit, gap_asked: asked }, instance, show) {
  const heads = ["Emissions", "Cost", "No plan costs less than", "Gap", "What is known", "Map"];
  const seen = points.map(({ plan }, place) => plan && points.findIndex((each) => each.plan === plan) !== place);
  return h("div", { class: "table-box wide" }, h("table", { class: "list frontier" },
    h("caption", { class: "visually-hidden" }, `Points of the frontier: emissions in ${unit} and cost`),
    h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, points.map((point, place) => h("tr", {
      class: point.dominated ? "quiet-row" : "", on: { click: ({ target }) => point.plan && !target.closest("button") && show(point) },
    },
      h("th", { scope: "row", "data-label": "Emissions" }, h("span", { class: "name" }, `${figure(point.emissions ?? point.asked)} t`),
        h("span", { class: "hint" }, `at most ${figure(point.asked)} t asked`)),
      h("td", { class: "number", "data-label": "Cost" }, point.cost === null ? "none" : amount(point.cost, instance)),
      h("td", { class: "number", "data-label": "No plan costs less than" }, point.bound === null ? "not known" : amount(point.bound, instance)),
      h("td", { class: "number", "data-label": "Gap" }, point.cost === null ? "" : gapWords(point.gap)),
      h("td", { "data-label": "What is known" }, knownWords(point, asked), seen[place] && h("span", { class: "hint" }, "the same plan as above")),
      h("td", { class: "do" }, point.plan && button("Show", () => show(point), {
        class: "small", "aria-label": `Show on the map: the plan with ${figure(point.emissions)} t`, "data-focus": `point ${place}`,
      })))))));
}

/** How sure a point is, in words. */
export function knownWords({ status, dominated }, asked) {
  if (NO_PLAN[status]) return NO_PLAN[status];
  const sure = status === "proven" ? `proven within ${gapWords(asked)}` : "gap larger than asked";
  return dominated ? `${sure}; a tighter step costs no more` : sure;
}

function pointWords(point, { unit }, instance) {
  const gap = point.gap === null ? "not proven" : `gap ${gapWords(point.gap)}`;
  return `Another plan: ${figure(point.emissions)} ${unit}, ${amount(point.cost, instance)}, ${gap}.`;
}
