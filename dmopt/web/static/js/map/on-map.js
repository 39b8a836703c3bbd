/** A strip above the map and the tables: what is on the map besides the plan. */

import { button, fill, h } from "../dom.js";

/** The strip, there while something is. */
export function onMapStrip(store, actions) {
  const strip = h("div", { class: "on-map", role: "note", "aria-label": "On the map", hidden: true });
  store.on(["onMap"], ({ onMap }) => {
    strip.hidden = !onMap;
    fill(strip, onMap && [
      h("p", {}, onMap.text),
      button("Back to the studies", () => store.set({ view: onMap.back }), { class: "small" }),
      button(onMap.plan ? "Show the plan again" : "Remove the mark", actions.showPlanAgain, { class: "small quiet" }),
    ]);
  });
  return strip;
}
