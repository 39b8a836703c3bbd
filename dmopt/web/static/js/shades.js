/** What zones are coloured by: a value for each zone, classes, legend. */

import { classColours, classLabels, classOf, makeLimits } from "./classes.js";
import { areaKm2 } from "./geometry.js";
import { NO_VALUE, SHADES } from "./palette.js";
import { quantity } from "./words.js";

export const SHADE_NAMES = {
  demand: "Demand",
  access: "Distance to a working site",
  deprivation: "Deprivation",
  none: "None",
};

/**
 * zones: features of the instance's map. what: "demand", "access", "deprivation",
 * "none". Gives {title, rows: [{colour, label}], colours: Map(zone id -> colour)}.
 */
export function shade(what, { zones, product, access }) {
  if (what === "deprivation") return deprivation(zones);
  if (what === "demand") return demand(zones, product);
  if (what === "access") return reach(zones, access);
  return { title: "", rows: [], colours: new Map() };
}

/** Demand of a zone for a product, or of everything; null where it has none. */
export function demandOf({ demand: wanted }, product) {
  if (wanted === null || wanted === undefined) return null;
  if (typeof wanted === "number") return wanted;
  const values = typeof wanted === "string" ? JSON.parse(wanted) : wanted;
  return values[product] ?? 0;
}

/** A zone in words, for its tooltip and table: [[label, text]]. */
export function zoneFacts(properties, { products, access }) {
  const facts = [];
  if (properties.district) facts.push(["District", properties.district]);
  if (Number.isFinite(properties.population))
    facts.push(["People", quantity(properties.population)]);
  for (const { id, name, unit } of products) {
    const wanted = demandOf(properties, id);
    if (wanted) facts.push([name, `${quantity(wanted)} ${unit} a year`]);
  }
  if (properties.decile) facts.push(["Deprivation decile", `${properties.decile} of 10`]);
  const km = access?.[properties.id];
  if (Number.isFinite(km)) facts.push(["To a working site", `${quantity(km)} km`]);
  return facts;
}

function demand(zones, product) {
  const hasAreas = zones.some(({ geometry }) => geometry?.type.endsWith("Polygon"));
  const values = zones.map(({ properties, geometry }) => {
    const wanted = demandOf(properties, product?.id);
    return wanted === null ? NaN : wanted / (hasAreas ? areaKm2(geometry) || NaN : 1);
  });
  const per = hasAreas ? "a year per km\u00b2" : "a year";
  const unit = [product?.unit, per].filter(Boolean).join(" ");
  return classed(zones, values, SHADES.demand, `${product?.name ?? "Demand"}, ${unit}`);
}

function reach(zones, access) {
  if (!access)
    return {
      title: "Distance to a working site: shown once there is a plan",
      rows: [],
      colours: new Map(),
    };
  const values = zones.map(({ properties }) => access[properties.id] ?? NaN);
  return classed(zones, values, SHADES.access, "Distance to the nearest working site, km");
}

function deprivation(zones) {
  const bands = ["1 \u2013 2, most deprived", "3 \u2013 4", "5 \u2013 6", "7 \u2013 8", "9 \u2013 10, least deprived"];
  const ramp = [...SHADES.deprivation].reverse();
  const colours = new Map();
  let missing = false;
  for (const { properties } of zones) {
    const band = properties.decile ? Math.ceil(properties.decile / 2) - 1 : -1;
    missing ||= band < 0;
    colours.set(properties.id, ramp[band] ?? NO_VALUE);
  }
  const rows = bands.map((label, place) => ({ colour: ramp[place], label }));
  if (missing) rows.push({ colour: NO_VALUE, label: "not known" });
  return { title: "Deprivation, decile", rows, colours };
}

function classed(zones, values, ramp, title) {
  const limits = makeLimits(values);
  const steps = classColours(ramp, limits.length - 1);
  const colours = new Map();
  let missing = false;
  zones.forEach(({ properties }, place) => {
    const found = classOf(limits, values[place]);
    missing ||= found < 0;
    colours.set(properties.id, steps[found] ?? NO_VALUE);
  });
  const rows = classLabels(limits).map((label, place) => ({ colour: steps[place], label }));
  if (missing) rows.push({ colour: NO_VALUE, label: "no value" });
  return { title, rows, colours };
}
