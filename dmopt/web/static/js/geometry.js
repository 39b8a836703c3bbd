/** Lengths and areas on the sphere, bent lines, outlines of districts. Coordinates are
 * [longitude, latitude] in degrees. */

const RADIUS_KM = 6371.0088;
const RAD = Math.PI / 180;

/** Area of a Polygon or MultiPolygon in km2. */
export function areaKm2(geometry) {
  const polygons = polygonsOf(geometry);
  const areas = polygons.map(([shell, ...holes]) =>
    Math.abs(ringArea(shell)) - sum(holes.map((hole) => Math.abs(ringArea(hole)))));
  return sum(areas);
}

/** A point, or the middle of the largest ring of a polygon; null where there is none. */
export function middle(geometry) {
  if (geometry?.type === "Point") return geometry.coordinates;
  const shells = polygonsOf(geometry).map(([shell]) => shell);
  if (!shells.length) return null;
  const largest = shells.reduce((best, ring) =>
    Math.abs(ringArea(ring)) > Math.abs(ringArea(best)) ? ring : best);
  let [x, y, twice] = [0, 0, 0];
  const [x0, y0] = largest[0];
  for (let place = 0; place + 1 < largest.length; place += 1) {
    const [x1, y1] = [largest[place][0] - x0, largest[place][1] - y0];
    const [x2, y2] = [largest[place + 1][0] - x0, largest[place + 1][1] - y0];
    const cross = x1 * y2 - x2 * y1;
    twice += cross;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  }
  return twice ? [x0 + x / (3 * twice), y0 + y / (3 * twice)] : [x0, y0];
}

/** Whether a region is wider than high: then its legend stands below the map. */
export function isWide([west, south, east, north]) {
  return (east - west) * Math.cos(((south + north) / 2) * RAD) > 1.1 * (north - south);
}

/** A line from one end to the other, bent to its left, so that there and back differ. */
export function bent([[x1, y1], [x2, y2]], bend = 0.12, steps = 14) {
  const squeeze = Math.cos(((y1 + y2) / 2) * RAD) || 1;
  const [dx, dy] = [(x2 - x1) * squeeze, y2 - y1];
  const [mx, my] = [(x1 + x2) / 2 - (dy * bend) / squeeze, (y1 + y2) / 2 + dx * bend];
  const line = [];
  for (let step = 0; step <= steps; step += 1) {
    const t = step / steps;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    line.push([a * x1 + b * mx + c * x2, a * y1 + b * my + c * y2]);
  }
  return line;
}

/**
 * Where districts meet, and the edge of the region: edges that two zones of one
 * district share are left out. zones: features with properties.district. Gives a
 * MultiLineString's coordinates; null where zones do not share their edges, so that
 * no outline can be told from their shapes.
 */
export function districtEdges(zones) {
  const seen = new Map();
  let count = 0;
  for (const { geometry, properties } of zones)
    for (const ring of polygonsOf(geometry).flat())
      for (let place = 0; place + 1 < ring.length; place += 1) {
        const [a, b] = [ring[place], ring[place + 1]];
        const key = edgeKey(a, b);
        const other = seen.get(key);
        count += 1;
        if (!other) seen.set(key, { line: [a, b], district: properties.district });
        else other.within = other.district === properties.district;
      }
  const edges = [...seen.values()].filter((edge) => !edge.within);
  const shared = count - seen.size;
  return shared < 0.2 * seen.size ? null : edges.map((edge) => edge.line);
}

function polygonsOf(geometry) {
  const { type, coordinates } = geometry ?? {};
  if (type === "Polygon") return [coordinates];
  return type === "MultiPolygon" ? coordinates : [];
}

function ringArea(ring) {
  let total = 0;
  for (let place = 0; place + 1 < ring.length; place += 1) {
    const [[x1, y1], [x2, y2]] = [ring[place], ring[place + 1]];
    total += (x2 - x1) * RAD * (2 + Math.sin(y1 * RAD) + Math.sin(y2 * RAD));
  }
  return (total * RADIUS_KM ** 2) / 2;
}

function edgeKey([x1, y1], [x2, y2]) {
  const [a, b] = [`${x1},${y1}`, `${x2},${y2}`];
  return a < b ? `${a};${b}` : `${b};${a}`;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
