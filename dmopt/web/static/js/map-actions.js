/** What studies put on the map: another plan in place of the one shown, or a mark on it. */

import { announce } from "./a11y.js";
import { api } from "./api.js";

/**
 * The map that belongs on the page: of a frontier's point, or of the plan shown.
 * onMap: {plan, text, marks, back}: number of the frontier's plan that is drawn, or 0;
 * what is said of it; places [[degrees east, degrees north]] with a ring around them;
 * part of the page to go back to.
 */
export function mapOf({ shown, period, onMap }) {
  return onMap?.plan
    ? api.tradedMap(shown.id, onMap.plan, period)
    : api.scenarioMap(shown.id, period, shown.plan);
}

export function mapActions(store, actions) {
  /** Puts something on the map, with the map that it belongs on. */
  const put = (onMap, text) => actions.guarded(async () => {
    const before = store.get();
    const isOther = (onMap?.plan ?? 0) !== (before.onMap?.plan ?? 0);
    const shownMap = isOther ? await mapOf({ ...before, onMap }) : before.shownMap;
    // Whoever has gone on to another scenario meanwhile is not called back.
    if (store.get().shown?.id !== before.shown?.id) return;
    store.set({ onMap, shownMap, ...(onMap ? { view: "map" } : {}) });
    announce(text);
  });
  return {
    /** The plan of a point, in place of the one shown. */
    showPoint: (plan, text) => put({ plan, text, marks: [], back: "studies" }, text),
    /** Marks places on the plan shown. */
    showMarks: (marks, text) => put({ plan: 0, text, marks, back: "studies" }, text),
    /** The plan shown, and nothing else. */
    showPlanAgain: () => put(null, "The plan is on the map again."),
  };
}
