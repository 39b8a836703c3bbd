/** Studies of the plan shown: what it stands, and what fewer emissions would cost. */

import { hasPlan } from "../actions.js";
import { at, fill, h } from "../dom.js";
import { frontierStudy } from "./frontier.js";
import { stressStudy } from "./stress.js";

export function createStudies(store, actions) {
  const body = at("studies-body");
  const parts = [stressStudy(store, actions), frontierStudy(store, actions)];
  const lead = h("p", { class: "lead" });
  let of = null;
  store.on(["view", "shown"], ({ view, shown }) => {
    if (of !== null && shown?.id !== of) {
      of = null;
      for (const part of parts) part.close();
    }
    if (view !== "studies") return;
    if (!shown || !hasPlan(shown)) {
      fill(body, h("p", { class: "lead" }, "Plan first: both studies begin from a plan that has been made."));
      return;
    }
    fill(lead, `Of the plan "${shown.name}".`);
    if (shown.id === of) return;
    of = shown.id;
    fill(body, lead, parts.map(({ element }) => element));
    for (const part of parts) part.open(shown);
  });
}
