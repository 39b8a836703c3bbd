/** What the page knows, in one place; panels listen to the parts they show. */

/** get() the state, set(patch) parts of it, on(keys, listener) to hear of changes. */
export function createStore(initial) {
  let state = initial;
  const listeners = [];
  return {
    get: () => state,
    set(patch) {
      const changed = Object.keys(patch).filter((key) => patch[key] !== state[key]);
      if (!changed.length) return;
      state = { ...state, ...patch };
      for (const { keys, listener } of listeners)
        if (keys.some((key) => changed.includes(key))) listener(state);
    },
    /** Calls at once, and then whenever one of the keys has changed. */
    on(keys, listener) {
      listeners.push({ keys, listener });
      listener(state);
    },
  };
}

/**
 * session, instances, instance, rules, geo: as the server gives them.
 * wish: the draft. history: scenarios, newest first. shown: the scenario on the map
 * and in the result, shownMap its map. base: what it is compared with. runningId,
 * trace: the scenario being planned, and its progress so far. view: part of the page.
 * flowsOf: deliveries drawn: "" all, "none", or of one product.
 * shade, product: what zones are coloured by. period: the one on the map, null the
 * first. faults: of the last request. isLoaded: whether the list of regions is there.
 * isSettled: whether the region is, with what was planned last. onMap: what is on the
 * map besides or in place of the plan shown (map-actions.js), or null.
 */
export const INITIAL = {
  session: null,
  instances: [],
  instance: null,
  rules: [],
  geo: null,
  wish: null,
  history: [],
  shown: null,
  shownMap: null,
  base: null,
  runningId: null,
  trace: [],
  view: "map",
  shade: "demand",
  product: null,
  flowsOf: "",
  withInfrastructure: true,
  faults: [],
  gone: false,
  isLoaded: false,
  isSettled: false,
  period: null,
  onMap: null,
};
