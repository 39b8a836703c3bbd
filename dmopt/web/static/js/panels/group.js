/** A folding part of a panel, and small parts that panels share. */

import { h } from "../dom.js";

/** Details with a heading; `note` (an element) stands beside the title. */
export function group(title, { open = false, note = null, id = null } = {}, ...children) {
  return h(
    "details",
    { class: "group", open, id },
    h("summary", {}, h("h3", {}, title), note),
    h("div", { class: "group-body" }, children),
  );
}

/** The mark of what follows the paper in our words. */
export function statusMark(status) {
  if (status !== "reconstructed") return null;
  return h(
    "span",
    { class: "tag", title: "In our words, to be checked against Srai et al. (2020)" },
    "reconstructed",
  );
}

/** What is wrong at a field: shown below it and tied to it. */
export function faultList(id, faults) {
  if (!faults?.length) return null;
  return h(
    "p",
    { class: "fault", id },
    faults.map(({ expected, read, hint }) =>
      `${read ? `${read}: ` : ""}expected ${expected}${hint ? ` (${hint})` : ""}. `),
  );
}

/** A list of options for a select: [[value, words]]. */
export function options(pairs) {
  return pairs.map(([value, words]) => h("option", { value }, words));
}
