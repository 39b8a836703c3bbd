/** The map of the plan and the wish: follows the state; a click turns a site. */

import { announce } from "../a11y.js";
import { at, fill, h } from "../dom.js";
import { shade, zoneFacts } from "../shades.js";
import { isWide } from "../geometry.js";
import { nextState, siteState, withSite } from "../wish.js";
import { stateWords } from "./icons.js";
import { createLayerBar, createLegend } from "./legend.js";
import { onMapStrip } from "./on-map.js";
import { drawnFlows } from "./streams.js";
import { createTooltip } from "./tooltip.js";
import { createView } from "./view.js";

/** Builds the map in its box. Gives the view, or null where maps cannot be drawn. */
export function createPlanMap(store, actions) {
  const box = at("map-box");
  const view = createView(box, "Map of zones, sites and deliveries");
  at("map-frame").before(createLayerBar(store, actions), onMapStrip(store, actions));
  box.before(createLegend(store));
  if (!view) {
    box.append(h("p", { class: "no-map" },
      "This browser cannot draw the map (WebGL is switched off). Sites can be changed in " +
      "the table under Change; zones and deliveries are under Tables."));
    return null;
  }
  follow(store, view);
  listen(store, view, box);
  return view;
}

/** What colours zones in the present state; access is that of the plan shown. */
export function currentShade({ instance, geo, shade: what, product, shownMap }) {
  return shade(what, {
    zones: geo.zones.features,
    product: instance.products.find((each) => each.id === product),
    access: shownMap?.access,
  });
}

function follow(store, view) {
  store.on(["geo"], ({ geo }) => {
    if (!geo) return;
    at("map-frame").classList.toggle("wide", isWide(geo.bounds));
    view.fit(geo.bounds);
    view.districts(geo.zones.features);
    fill(at("credit"), geo.credit ?? "");
  });
  store.on(["instance"], ({ instance }) => fill(at("credit"), instance?.credit ?? ""));
  store.on(["geo", "instance", "shade", "product", "shownMap"], (state) => {
    if (state.geo && state.instance)
      view.zones(state.geo.zones.features, currentShade(state).colours);
  });
  store.on(["geo", "wish", "shownMap"], ({ geo, wish, shownMap }) => {
    if (geo && wish) view.sites(geo.sites.features, wish, shownMap?.sites);
  });
  store.on(["geo", "shownMap"], ({ geo, shownMap }) => {
    if (!geo) return;
    view.names(geo, shownMap?.sites);
    view.infrastructure(shownMap?.infrastructure);
  });
  store.on(["geo", "shownMap", "flowsOf"], ({ geo, shownMap, flowsOf, instance }) => {
    if (!geo) return;
    const { bounds, zoneOf } = geo;
    const flows = flowsOf === "none" ? [] : (shownMap?.flows.features ?? []);
    view.flows(drawnFlows(flows, { bounds, zoneOf, product: flowsOf }), instance.colours);
  });
  store.on(["onMap"], ({ onMap }) => view.marks(onMap?.marks ?? []));
  store.on(["withInfrastructure"], (state) =>
    view.show("infrastructure", state.withInfrastructure));
  store.on(["view"], ({ view: part }) => part === "map" && view.map.resize());
}

function listen(store, { map }, box) {
  const tooltip = createTooltip(box);
  map.on("mousemove", ({ point }) => {
    // Looking for what lies below costs more than a frame on large regions.
    if (map.isMoving()) return;
    const site = siteAt(map, point);
    map.getCanvas().style.cursor = site ? "pointer" : "";
    tooltip.show(point, site ? siteTip(store.get(), site) : placeTip(store.get(), map, point));
  });
  map.on("mouseout", () => tooltip.hide());
  map.on("movestart", () => tooltip.hide());
  map.on("click", ({ point }) => {
    const id = siteAt(map, point);
    if (id) turn(store, id);
    const state = store.get();
    tooltip.show(point, id ? siteTip(state, id) : placeTip(state, map, point));
  });
}

function turn(store, id) {
  const { wish } = store.get();
  const state = nextState(siteState(wish, id));
  store.set({ wish: withSite(wish, id, state) });
  const words = { free: "free", open: "must open", shut: "stays shut" }[state];
  announce(`${siteOf(store.get(), id)?.name || id}: ${words}`);
}

/** Id of the site at a point, with some room for fingers. */
function siteAt(map, { x, y }) {
  if (!map.isStyleLoaded() && !map.getLayer("sites")) return null;
  const reach = matchMedia("(pointer: coarse)").matches ? 14 : 4;
  const found = map.queryRenderedFeatures(
    [[x - reach, y - reach], [x + reach, y + reach]],
    { layers: ["sites", "small-sites"] },
  );
  const nearest = found
    .map((feature) => ({ feature, at: map.project(feature.geometry.coordinates) }))
    .sort((a, b) => far(a.at, x, y) - far(b.at, x, y))[0];
  return nearest?.feature.properties.id ?? null;
}

function far(at, x, y) {
  return (at.x - x) ** 2 + (at.y - y) ** 2;
}

function siteOf({ geo }, id) {
  return geo.sites.features.find(({ properties }) => properties.id === id)?.properties;
}

/** Title and facts of a site: [title, [[label, text]], hint]. */
export function siteTip(state, id) {
  const site = siteOf(state, id);
  if (!site) return null;
  const planned = state.shownMap?.sites[id];
  const facts = [];
  if (site.district) facts.push(["District", site.district]);
  if (site.class) facts.push(["Kind", site.class.replaceAll("_", " ")]);
  facts.push(["State", stateWords(site.status, siteState(state.wish, id), planned?.open)]);
  for (const each of planned?.modules ?? [])
    facts.push(["Module", `${each.count} \u00d7 ${each.label || each.technology}`]);
  if (site.reason) facts.push(["Reason", site.reason]);
  const next = { free: "must open", open: "stays shut", shut: "free" };
  return [site.name || id, facts, `Click: ${next[siteState(state.wish, id)]}`];
}

function placeTip(state, map, point) {
  if (!map.getLayer("flows") || !state.geo) return null;
  const [feature] = map.queryRenderedFeatures(point, { layers: ["zones", "zone-points"] });
  if (!feature) return null;
  const zone = state.geo.zoneOf.get(feature.properties.id);
  if (!zone) return null;
  const known = { products: state.instance.products, access: state.shownMap?.access };
  return [zone.name || zone.id, zoneFacts(zone, known), ""];
}
