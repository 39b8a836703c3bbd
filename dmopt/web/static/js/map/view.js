/** One map on the page: drawn from GeoJSON at hand, nothing fetched. */

import { h } from "../dom.js";
import { MARKS, RATIO, markPixels, namePixels } from "./icons.js";
import {
  EMPTY,
  baseStyle,
  districtFeatures,
  flowFeatures,
  markFeatures,
  nameFeatures,
  siteFeatures,
  zoneFeatures,
} from "./layers.js";

const MANY_ZONES = 800;

/**
 * container: element that gets the map. label: what it is called to screen readers.
 * Gives null where the browser cannot draw maps (no WebGL).
 */
export function createView(container, label) {
  const library = globalThis.maplibregl;
  const map = library && tryMap(library, container, label);
  if (!map) return null;
  map.touchZoomRotate.disableRotation();
  // Two quick clicks turn a site twice; they must not move the map.
  map.doubleClickZoom.disable();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
  container.append(h("div", { class: "north", role: "img", "aria-label": "North is up" }, "N"));
  const ready = new Promise((resolve) => map.once("load", resolve));
  ready.then(() => addMarks(map));
  const data = (source, features) =>
    ready.then(() => map.getSource(source).setData(features));
  return {
    map,
    ready,
    fit: (bounds) => ready.then(() => fit(map, bounds)),
    zones: (zones, colours) => data("zones", zoneFeatures(zones, colours)),
    districts(zones) {
      // Edges of very many zones are a haze that takes as long to draw as all else.
      ready.then(() => {
        const from = zones.length > MANY_ZONES ? map.getZoom() + 1 : 0;
        map.setLayerZoomRange("zone-edges", from, 24);
      });
      return data("districts", districtFeatures(zones));
    },
    sites: (sites, wish, plan) => data("sites", siteFeatures(sites, wish, plan)),
    flows: (flows, colours) => data("flows", flowFeatures(flows, colours)),
    infrastructure: (points) => data("infrastructure", marked(points)),
    /** Rings around places; the map moves where one would not be seen. */
    async marks(places) {
      await data("marks", markFeatures(places));
      if (places.some((place) => !map.getBounds().contains(place)))
        map.jumpTo({ center: places[0] });
    },
    async names({ zones, sites, bounds }, plan) {
      const features = nameFeatures(zones.features, sites.features, plan, bounds);
      await ready;
      for (const { properties } of features.features) addName(map, properties);
      map.getSource("names").setData(features);
    },
    show: (layer, is) =>
      ready.then(() => map.setLayoutProperty(layer, "visibility", is ? "visible" : "none")),
    remove: () => map.remove(),
  };
}

/** Pans and zooms each of two maps with the other. */
export function link(one, other) {
  let led = false;
  const follow = (from, to) => () => {
    if (led) return;
    led = true;
    to.map.jumpTo({ center: from.map.getCenter(), zoom: from.map.getZoom() });
    led = false;
  };
  one.map.on("move", follow(one, other));
  other.map.on("move", follow(other, one));
}

function tryMap(library, container, label) {
  try {
    return new library.Map({
      container,
      style: baseStyle(),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      maxZoom: 15,
      locale: { "Map.Title": label },
    });
  } catch {
    return null;
  }
}

function fit(map, [west, south, east, north]) {
  map.resize();
  const room = Math.min(map.getContainer().clientWidth * 0.05, 36);
  map.fitBounds([[west, south], [east, north]], { padding: room, duration: 0 });
}

function addMarks(map) {
  for (const name of Object.keys(MARKS))
    map.addImage(name, markPixels(name), { pixelRatio: RATIO });
}

function addName(map, { picture, text, bold }) {
  if (map.hasImage(picture)) return;
  const pixels = namePixels(text, { bold, size: bold ? 11 : 12 });
  map.addImage(picture, pixels, { pixelRatio: RATIO });
}

function marked(points) {
  if (!points) return EMPTY;
  const features = points.features.map(({ geometry, properties }) => ({
    type: "Feature",
    geometry,
    properties: { ...properties, mark: "infrastructure", order: 0 },
  }));
  return { type: "FeatureCollection", features };
}
