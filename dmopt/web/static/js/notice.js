/** Notices above the page: what went wrong, and what the page does about it. */

import { at, button, fill, h } from "./dom.js";
import { faultWords } from "./faults.js";

/** Shows a notice in place of the one of the same key. faults: a list below it. */
export function notice(key, text, { tone = "bad", faults = [], action = null } = {}) {
  clearNotice(key);
  const box = h(
    "div",
    { class: `notice ${tone}`, "data-key": key },
    h("p", {}, text),
    faults.length > 0 &&
      h("ul", {}, faults.map((fault) => h("li", {}, faultWords(fault)))),
    action && button(action.label, action.run, { class: "small" }),
    button("Close", () => clearNotice(key), { class: "small quiet" }),
  );
  at("notice").append(box);
}

export function clearNotice(key) {
  at("notice").querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
}

export function clearNotices() {
  fill(at("notice"));
}
