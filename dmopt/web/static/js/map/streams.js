/** Which deliveries are drawn: the ones that matter, so that the map can be read. */

/** Share of each product's tonnes that the deliveries drawn carry. */
export const SHOWN_SHARE = 0.9;

/**
 * flows: features of a scenario's map. bounds: of the region. product: only this one;
 * "" or null for all. Those from afar to zones become one line for each origin and
 * product, to the middle of what they carry; of the others the largest are kept that
 * together carry 90 % of each product's tonnes. Tables have them all.
 */
export function drawnFlows(flows, { bounds, product, zoneOf }) {
  const wanted = flows.filter(({ geometry, properties }) =>
    geometry && (!product || properties.product === product));
  const isFar = ({ geometry, properties }) =>
    zoneOf.has(properties.to) && !inside(geometry.coordinates[0], bounds);
  const near = wanted.filter((flow) => !isFar(flow));
  return [...together(wanted.filter(isFar)), ...largest(near)];
}

/** The largest flows of each product that carry the share. */
export function largest(flows, share = SHOWN_SHARE) {
  return [...grouped(flows, ({ properties }) => properties.product).values()].flatMap((all) => {
    const sorted = all.toSorted((a, b) => b.properties.t_per_yr - a.properties.t_per_yr);
    const enough = share * sorted.reduce((sum, flow) => sum + flow.properties.t_per_yr, 0);
    let carried = 0;
    return sorted.filter(({ properties }) => {
      const isNeeded = carried < enough;
      carried += properties.t_per_yr;
      return isNeeded;
    });
  });
}

/** One flow for each origin and product, to the middle of what is carried. */
export function together(flows) {
  const key = ({ properties }) => `${properties.from} ${properties.product}`;
  return [...grouped(flows, key).values()].map((all) => {
    const tonnes = all.reduce((sum, { properties }) => sum + properties.t_per_yr, 0);
    const mean = (axis) => all.reduce((sum, { geometry, properties }) =>
      sum + geometry.coordinates[1][axis] * (tonnes ? properties.t_per_yr / tonnes : 1 / all.length), 0);
    const { from, product } = all[0].properties;
    return {
      type: "Feature",
      geometry: { type: "LineString", coordinates: [all[0].geometry.coordinates[0], [mean(0), mean(1)]] },
      properties: { from, to: "", product, t_per_yr: tonnes },
    };
  });
}

function inside([x, y], [west, south, east, north]) {
  return x >= west && x <= east && y >= south && y <= north;
}

function grouped(flows, key) {
  const groups = new Map();
  for (const flow of flows) {
    const name = key(flow);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(flow);
  }
  return groups;
}
