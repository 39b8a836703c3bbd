/** Two scenarios side by side: linked maps, indicators, costs by kind. */

import { hasPlan } from "../actions.js";
import { api } from "../api.js";
import { costBars } from "../charts.js";
import { at, fill, h } from "../dom.js";
import { costSentence, sideBySide } from "../measure.js";
import { drawnFlows } from "../map/streams.js";
import { createView, link } from "../map/view.js";
import { shade } from "../shades.js";
import { badge, money } from "../words.js";
import { wholeWish } from "../wish.js";
import { options } from "./group.js";

export function createCompare(store, actions) {
  const body = at("compare-body");
  const sides = { left: side("left"), right: side("right") };
  const below = h("div", { class: "compare-below" });
  let views = null;
  const frame = h("div", { class: "compare-frame" }, sides.left.element, sides.right.element);
  const load = () => actions.guarded(async () => {
    const { geo, instance, period } = store.get();
    if (views === null) views = makeViews(sides, geo);
    const [left, right] = await Promise.all(["left", "right"].map((name) => read(sides[name].select.value, period)));
    drawSide(sides.left, views.left, left, store.get());
    drawSide(sides.right, views.right, right, store.get());
    fill(below, left && right && comparison(left, right, instance));
  });
  for (const { select } of Object.values(sides)) select.addEventListener("change", load);
  store.on(["view", "history", "compareLeft", "compareRight", "geo"], (state) => {
    if (state.view !== "compare" || !state.instance) return;
    const planned = state.history.filter(hasPlan);
    if (planned.length < 2) {
      fill(body, h("p", { class: "lead" }, "Two scenarios with a plan are needed. Plan the region as it is given, change something, and plan again."));
      return;
    }
    fillSelects(sides, planned, state);
    if (!body.contains(frame)) fill(body, frame, below);
    if (views?.of !== state.geo) views = dropped(views);
    load();
  });
}

function side(name) {
  const select = h("select", { id: `compare-${name}` });
  const box = h("div", { class: "map-box small-map" });
  const says = h("div", { class: "side-says" });
  const element = h("section", { class: "side", "aria-label": name === "left" ? "First scenario" : "Second scenario" },
    h("div", { class: "field" },
      h("label", { for: `compare-${name}` }, name === "left" ? "First scenario" : "Second scenario"), select),
    says, box);
  return { element, select, box, says };
}

function fillSelects({ left, right }, planned, { base, shown, compareLeft, compareRight }) {
  const pairs = planned.map(({ id, name }) => [id, name]);
  const ids = planned.map(({ id }) => id);
  const first = (...wanted) => wanted.find((id) => ids.includes(id));
  const now = [left.select.value, right.select.value];
  for (const { select } of [left, right]) fill(select, options(pairs));
  right.select.value = first(compareRight !== right.asked ? compareRight : null, now[1], shown?.id, ids[0]);
  right.asked = compareRight;
  const other = ids.filter((id) => id !== right.select.value);
  const wanted = compareLeft !== left.asked ? compareLeft : null;
  left.asked = compareLeft;
  left.select.value = first(wanted !== right.select.value ? wanted : null, now[0] !== right.select.value ? now[0] : null,
    base?.id !== right.select.value ? base?.id : null, other[0]);
}

async function read(id, period) {
  if (!id) return null;
  const [scenario, map] = await Promise.all([api.scenario(id), api.scenarioMap(id, period)]);
  return { scenario, map };
}

function makeViews({ left, right }, geo) {
  const views = {
    of: geo,
    left: createView(left.box, "Map of the first scenario"),
    right: createView(right.box, "Map of the second scenario"),
  };
  if (views.left && views.right) {
    link(views.left, views.right);
    views.left.fit(geo.bounds);
    views.right.fit(geo.bounds);
    views.left.districts(geo.zones.features);
    views.right.districts(geo.zones.features);
  }
  return views;
}

function dropped(views) {
  views?.left?.remove();
  views?.right?.remove();
  return null;
}

function drawSide({ says }, view, read, { geo, instance, shade: what, product, flowsOf }) {
  if (!read) return fill(says);
  const { scenario, map } = read;
  const { text, tone } = badge(scenario);
  fill(says,
    h("p", { class: "cost" }, money(scenario.cost, instance)),
    h("p", { class: `badge ${tone}` }, text));
  if (!view) return undefined;
  const zones = geo.zones.features;
  const { colours } = shade(what, {
    zones,
    product: instance.products.find((each) => each.id === product),
    access: map.access,
  });
  view.zones(zones, colours);
  view.sites(geo.sites.features, wholeWish(scenario.wish), map.sites);
  view.names(geo, map.sites);
  const { bounds, zoneOf } = geo;
  const drawn = flowsOf === "none" ? [] : map.flows.features;
  view.flows(drawnFlows(drawn, { bounds, zoneOf, product: flowsOf }), instance.colours);
  return view.infrastructure(map.infrastructure);
}

function comparison({ scenario: left }, { scenario: right }, instance) {
  return [
    h("p", { class: "lead" }, h("strong", {}, right.name), " against ", h("strong", {}, left.name), ". ", costSentence(left, right, instance)),
    h("div", { class: "compare-tables" },
      h("section", { "aria-labelledby": "sbs-title" },
        h("h3", { id: "sbs-title" }, "Indicators"),
        h("div", { class: "table-box wide" }, h("table", { class: "list compare-table" },
          h("caption", { class: "visually-hidden" }, "Indicators side by side"),
          h("thead", {}, h("tr", {}, ["Indicator", left.name, right.name, "Difference"].map((text) => h("th", { scope: "col" }, text)))),
          h("tbody", {}, sideBySide(left, right, instance).map((each) => h("tr", {},
            h("th", { scope: "row" }, each.label),
            h("td", { class: "number" }, each.left),
            h("td", { class: "number" }, each.right),
            h("td", { class: "number" }, each.verdict &&
              h("span", { class: `change ${each.verdict}` }, [each.difference, each.verdict].filter(Boolean).join(", ")))))))),
      ),
      h("section", { "aria-labelledby": "costs-title" },
        h("h3", { id: "costs-title" }, `Costs by kind, ${instance.money_words}`),
        costBars(left, right, instance))),
  ];
}
