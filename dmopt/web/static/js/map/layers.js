/** Sources and layers of the map, and the features that go into them. */

import { bent, districtEdges, middle } from "../geometry.js";
import { INK, OUTLINE, PAPER } from "../palette.js";
import { siteState } from "../wish.js";
import { markOf } from "./icons.js";

export const EMPTY = { type: "FeatureCollection", features: [] };
const SOURCES = ["zones", "districts", "flows", "infrastructure", "sites", "names", "marks"];

/** A style without tiles, fonts or anything else that would have to be fetched. */
export function baseStyle() {
  const sources = Object.fromEntries(
    SOURCES.map((name) => [name, { type: "geojson", data: EMPTY }]),
  );
  return {
    version: 8,
    sources,
    layers: [
      { id: "paper", type: "background", paint: { "background-color": PAPER } },
      {
        id: "zones",
        type: "fill",
        source: "zones",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": ["get", "colour"], "fill-antialias": false },
      },
      {
        id: "zone-edges",
        type: "line",
        source: "zones",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: {
          "line-color": "#FFFFFF",
          "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.3, 12, 1],
        },
      },
      {
        id: "zone-points",
        type: "circle",
        source: "zones",
        filter: ["==", ["geometry-type"], "Point"],
        paint: {
          "circle-color": ["get", "colour"],
          "circle-radius": 9,
          "circle-stroke-color": OUTLINE,
          "circle-stroke-width": 1,
        },
      },
      {
        id: "districts",
        type: "line",
        source: "districts",
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": ["get", "colour"], "line-width": ["get", "width"] },
      },
      {
        id: "flows",
        type: "line",
        source: "flows",
        layout: { "line-cap": "round", "line-sort-key": ["get", "t_per_yr"] },
        paint: {
          "line-color": ["get", "colour"],
          "line-width": ["get", "width"],
          "line-opacity": ["get", "opacity"],
        },
      },
      marks("infrastructure", 0.8),
      {
        id: "names",
        type: "symbol",
        source: "names",
        layout: {
          "icon-image": ["get", "picture"],
          "icon-anchor": ["get", "anchor"],
          "icon-offset": ["get", "offset"],
          "icon-padding": 1,
          "symbol-sort-key": ["get", "order"],
        },
      },
      { ...marks("sites", ["get", "size"]), id: "small-sites", filter: ["==", ["get", "order"], 0] },
      {
        ...marks("sites", ["get", "size"], false),
        filter: ["==", ["get", "order"], 1],
      },
      ring("mark-ground", "#FFFFFF", 7),
      ring("marks", INK, 3),
    ],
  };
}

/** A ring around what is marked. */
function ring(id, colour, width) {
  return {
    id,
    type: "circle",
    source: "marks",
    paint: {
      "circle-radius": 19,
      "circle-opacity": 0,
      "circle-stroke-color": colour,
      "circle-stroke-width": width,
    },
  };
}

/** Places with a ring around them. */
export function markFeatures(places) {
  return collection(places.map((coordinates) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates },
    properties: {},
  })));
}

/** Zones with their colours. */
export function zoneFeatures(zones, colours) {
  return collection(
    zones.filter(hasPlace).map(({ geometry, properties }) => ({
      type: "Feature",
      geometry,
      properties: {
        id: properties.id,
        colour: colours.get(properties.id) ?? "#F4F5F5",
      },
    })),
  );
}

/** Outlines of districts, else of zones. */
export function districtFeatures(zones) {
  const lines = districtEdges(zones);
  if (!lines) return EMPTY;
  return collection([{
    type: "Feature",
    geometry: { type: "MultiLineString", coordinates: lines },
    properties: { colour: "#56616A", width: 1.3 },
  }]);
}

/** Sites, each with its mark. plan: sites of a scenario's map, or nothing. */
export function siteFeatures(sites, wish, plan = {}) {
  return collection(
    sites.filter(hasPlace).map(({ geometry, properties }) => {
      const { id, status } = properties;
      const inPlan = Boolean(plan[id]?.open);
      const mark = markOf(status, siteState(wish, id), inPlan);
      const modules = (plan[id]?.modules ?? []).reduce((all, each) => all + each.count, 0);
      return {
        type: "Feature",
        geometry,
        properties: {
          id,
          mark,
          size: inPlan ? Math.min(0.8 + 0.08 * Math.sqrt(modules), 1.3) : 0.75,
          order: mark === "free" || mark === "excluded" ? 0 : 1,
        },
      };
    }),
  );
}

/** Flows as bent lines, width by tonnes a year, colour by product. */
export function flowFeatures(flows, colours) {
  const most = Math.max(...flows.map(({ properties }) => properties.t_per_yr || 0), 1e-9);
  return collection(
    flows.map(({ geometry, properties }) => ({
      type: "Feature",
      geometry: { type: "LineString", coordinates: bent(geometry.coordinates) },
      properties: {
        ...properties,
        colour: colours.get(properties.product) ?? OUTLINE,
        width: flowWidth(properties.t_per_yr || 0, most),
        opacity: 0.35 + 0.4 * Math.sqrt((properties.t_per_yr || 0) / most),
      },
    })),
  );
}

/** Width of a flow in pixels: its area grows with what is carried. */
export function flowWidth(tonnes, most) {
  return 0.6 + 5.4 * Math.sqrt(tonnes / most);
}

/** Where names stand: districts in the middle, open sites beside their mark. */
export function nameFeatures(zones, sites, plan = {}, bounds = [0, 0, 0, 0]) {
  const east = bounds[0] + 0.6 * (bounds[2] - bounds[0]);
  const districts = new Map();
  for (const { geometry, properties } of zones) {
    if (!properties.district) continue;
    const at = middle(geometry);
    if (!at) continue;
    const [x, y] = at;
    const sum = districts.get(properties.district) ?? [0, 0, 0];
    districts.set(properties.district, [sum[0] + x, sum[1] + y, sum[2] + 1]);
  }
  const named = [...districts].map(([name, [x, y, count]]) =>
    nameAt([x / count, y / count], name.toUpperCase(), "center"));
  for (const { geometry, properties } of sites)
    if (geometry && plan[properties.id]?.open)
      named.push(nameAt(
        geometry.coordinates,
        properties.name || properties.id,
        geometry.coordinates[0] > east ? "right" : "left",
      ));
  return collection(named);
}

const NAME_OFFSETS = { center: [0, 0], left: [15, 0], right: [-15, 0] };

function nameAt(coordinates, text, anchor) {
  const isDistrict = anchor === "center";
  return {
    type: "Feature",
    geometry: { type: "Point", coordinates },
    properties: {
      text,
      bold: isDistrict,
      picture: `${isDistrict ? "district" : "site"} ${text}`,
      anchor,
      offset: NAME_OFFSETS[anchor],
      order: isDistrict ? 1 : 0,
    },
  };
}

function hasPlace({ geometry }) {
  return geometry !== null;
}

/** Marks that are always drawn; names keep clear of those that do not ignore them. */
function marks(source, size, ignores = true) {
  return {
    id: source,
    type: "symbol",
    source,
    layout: {
      "icon-image": ["get", "mark"],
      "icon-size": size,
      "icon-allow-overlap": true,
      "icon-ignore-placement": ignores,
      "icon-padding": 0,
      "symbol-sort-key": ["get", "order"],
    },
  };
}

function collection(features) {
  return { type: "FeatureCollection", features };
}
