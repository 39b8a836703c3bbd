/** What the map shows, as tables: zones and deliveries, a page at a time. */

import { at, button, fill, h } from "../dom.js";
import { onMapStrip } from "../map/on-map.js";
import { demandOf } from "../shades.js";
import { quantity } from "../words.js";

const PAGE = 50;

export function createTables(store, actions) {
  const zones = pagedTable("Zones");
  const flows = pagedTable("Deliveries");
  fill(at("tables-body"), onMapStrip(store, actions), zones.element, flows.element);
  store.on(["view", "geo", "shownMap", "instance"], (state) => {
    if (state.view !== "tables" || !state.geo) return;
    zones.draw(...zoneRows(state));
    flows.draw(...flowRows(state));
  });
}

/** Headings and rows of cells of the zones; numbers stay numbers until shown. */
export function zoneRows({ geo, instance, shownMap }) {
  const products = instance.products;
  const heads = ["Zone", "District", "People", "Decile",
    ...products.map(({ name, unit }) => `${name}, ${unit} a year`), "To a working site, km"];
  const rows = geo.zones.features.map(({ properties: zone }) => [
    zone.name || zone.id, zone.district ?? "", zone.population, zone.decile,
    ...products.map(({ id }) => demandOf(zone, id)), shownMap?.access?.[zone.id],
  ]);
  return withoutEmpty(heads, rows);
}

/** Without the columns that have nothing in any row. */
export function withoutEmpty(heads, rows) {
  const isUsed = heads.map((_, place) =>
    rows.some((cells) => ![null, undefined, ""].includes(cells[place])));
  const kept = (cells) => cells.filter((_, place) => isUsed[place]);
  return [kept(heads), rows.map(kept)];
}

/** The same for deliveries, most tonnes first. */
export function flowRows({ geo, instance, shownMap }) {
  const heads = ["From", "To", "Product", "By", "Tonnes a year"];
  const product = new Map(instance.products.map(({ id, name }) => [id, name]));
  const name = (id) => geo.siteNames.get(id) || geo.zoneOf.get(id)?.name || id;
  const flows = shownMap?.flows.features ?? [];
  const rows = flows.map(({ properties: flow }) => [
    name(flow.from), name(flow.to), product.get(flow.product) ?? flow.product,
    flow.mode ?? "", flow.t_per_yr,
  ]);
  return [heads, rows.sort((a, b) => b[4] - a[4])];
}

function pagedTable(title) {
  const id = `${title.toLowerCase()}-table`;
  const head = h("thead");
  const body = h("tbody");
  const says = h("span", { role: "status" });
  let [rows, first] = [[], 0];
  const turn = (step) => {
    first = Math.min(Math.max(first + step, 0), Math.max(0, Math.floor((rows.length - 1) / PAGE) * PAGE));
    const shown = rows.slice(first, first + PAGE);
    fill(body, shown.map((cells) => h("tr", {}, cells.map((cell, place) => place
      ? h("td", { class: typeof cell === "number" ? "number" : "" }, cellWords(cell))
      : h("th", { scope: "row" }, cell)))));
    fill(says, rows.length ? `${first + 1} to ${first + shown.length} of ${quantityExact(rows.length)}` : "none: plan first");
    before.disabled = first === 0;
    after.disabled = first + PAGE >= rows.length;
  };
  const before = button("Previous", () => turn(-PAGE), { class: "small", "aria-label": `Previous ${title.toLowerCase()}` });
  const after = button("Next", () => turn(PAGE), { class: "small", "aria-label": `Next ${title.toLowerCase()}` });
  const element = h("section", { "aria-labelledby": id },
    h("div", { class: "row spread" }, h("h3", { id }, title), h("div", { class: "row" }, says, before, after)),
    h("div", { class: "table-box wide", tabindex: "0", role: "region", "aria-label": title },
      h("table", { class: "list data" }, h("caption", { class: "visually-hidden" }, title), head, body)));
  return {
    element,
    draw(heads, cells) {
      rows = cells;
      first = 0;
      fill(head, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text))));
      turn(0);
    },
  };
}

function cellWords(cell) {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "number" ? quantity(cell) : cell;
}

function quantityExact(count) {
  return count.toLocaleString("en-GB");
}
