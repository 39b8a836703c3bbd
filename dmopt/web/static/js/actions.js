/** What the page does: opening, planning, showing; every failure ends in a notice. */

import { announce } from "./a11y.js";
import { ApiError, api, setCsrf } from "./api.js";
import { readDraft, writeDraft } from "./draft.js";
import { mapActions, mapOf } from "./map-actions.js";
import { clearNotice, clearNotices, notice } from "./notice.js";
import { productColours } from "./palette.js";
import { watch } from "./watch.js";
import { badge, capital } from "./words.js";
import { emptyWish, isEmpty, pruned, wholeWish } from "./wish.js";

const RETRY_MS = 3000;
const LONGEST_NAME = 120;

/** Actions over a store; those that talk to the server give promises. */
export function createActions(store) {
  const actions = {
    /** Runs something that talks to the server; tells what failed. */
    async guarded(work) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        tell(store, actions, error);
        return null;
      }
    },

    start: () => actions.guarded(async () => {
      const session = await api.session();
      setCsrf(session.csrf);
      store.set({ session });
      if (session.needs_password && !session.signed_in) return;
      await actions.loadInstances();
    }),

    async signIn(user, password) {
      const session = await api.signIn(user, password);
      await actions.start();
      return session;
    },

    signOut: () => actions.guarded(async () => {
      await api.signOut();
      location.reload();
    }),

    async loadInstances() {
      const instances = await api.instances();
      store.set({ instances, isLoaded: true });
      const wanted = new URLSearchParams(location.search).get("instance");
      const first = instances.find(({ id }) => id === wanted) ?? instances[0];
      if (first) await actions.openInstance(first.id);
    },

    openInstance: (id) => actions.guarded(() => openInstance(store, actions, id)),

    upload: (file) => actions.guarded(async () => {
      const made = await api.upload(file);
      store.set({ instances: [...store.get().instances, made] });
      announce(`${made.name} is ready.`);
      await actions.openInstance(made.id);
    }),

    chooseModel: (model) => actions.guarded(async () => {
      const { instance } = store.get();
      const rules = await api.rules(instance.id, model);
      const wish = pruned({ ...store.get().wish, model }, rules);
      store.set({ rules, wish });
    }),

    plan: (options) => actions.guarded(() => plan(store, actions, store.get().wish, options)),

    /** Applies a way out: a new scenario with its wish. */
    applyWay: (way) => actions.guarded(async () => {
      const wish = wholeWish(way.wish);
      await actions.takeWish(wish);
      await plan(store, actions, wish, { name: capital(way.label).slice(0, LONGEST_NAME).trim() });
    }),

    /** A wish becomes the draft, with the rules of its model. */
    async takeWish(wish) {
      const { instance } = store.get();
      const rules = await api.rules(instance.id, wish.model);
      store.set({ rules, wish, faults: [] });
    },

    cancel: () => actions.guarded(async () => {
      const { runningId } = store.get();
      if (runningId) await api.cancel(runningId);
      announce("Stopping. The best plan so far is kept.");
    }),

    /** Another period on the map. */
    choosePeriod: (period) => actions.guarded(async () => {
      store.set({ period });
      const { shown } = store.get();
      if (shown && hasFigures(shown)) store.set({ shownMap: await mapOf(store.get()) });
    }),

    /** Shows a scenario; with its wish as the draft unless told otherwise. */
    show: (id, { takeWish = true } = {}) => actions.guarded(async () => {
      await show(store, id);
      if (takeWish) await actions.takeWish(wholeWish(store.get().shown.wish));
    }),

    setBase: (id) => actions.guarded(async () => {
      store.set({ base: id ? await api.scenario(id) : null });
    }),

    rename: (id, name) => actions.guarded(async () => {
      await api.rename(id, name);
      await actions.refreshHistory();
      const { shown } = store.get();
      if (shown?.id === id) store.set({ shown: { ...shown, name } });
    }),

    discard: (id) => actions.guarded(async () => {
      await api.discard(id);
      const { shown, base } = store.get();
      if (shown?.id === id) store.set({ shown: null, shownMap: null, onMap: null });
      if (base?.id === id) store.set({ base: null });
      await actions.refreshHistory();
      announce("Deleted.");
    }),

    async refreshHistory() {
      const { instance } = store.get();
      if (instance) store.set({ history: await api.history(instance.id) });
    },
  };
  return Object.assign(actions, mapActions(store, actions));
}

async function openInstance(store, actions, id) {
  const [instance, geo, history] = await Promise.all([
    api.instance(id),
    api.instanceMap(id),
    api.history(id),
  ]);
  instance.colours = productColours(instance.products);
  geo.zoneOf = new Map(
    geo.zones.features.map(({ properties }) => [properties.id, properties]),
  );
  geo.siteNames = new Map(
    geo.sites.features.map(({ properties }) => [properties.id, properties.name]),
  );
  const base = history.find(isBaseline);
  const last = history.find((each) => !isOpen(each));
  const draft = readDraft(store.get().session, id);
  const wish = draft ?? wholeWish(last?.wish ?? emptyWish());
  const rules = await api.rules(id, wish.model);
  store.set({ isSettled: false });
  // All at once: a listener never sees the map of one region and the sites of another.
  store.set({
    instance,
    geo,
    history,
    rules,
    wish,
    product: instance.products[0]?.id ?? null,
    period: instance.periods.at(-1)?.id ?? null,
    shown: null,
    shownMap: null,
    onMap: null,
    base: null,
    trace: [],
    faults: [],
    runningId: null,
  });
  if (base) store.set({ base: await api.scenario(base.id) });
  const running = history.find(isOpen);
  if (last) await show(store, last.id);
  store.set({ isSettled: true });
  if (running) follow(store, actions, running.id);
}

function isOpen({ state }) {
  return state === "running" || state === "waiting";
}

/** The instance as it is, planned: what others are compared with by default. */
export function isBaseline(scenario) {
  return hasPlan(scenario) && isEmpty(wholeWish(scenario.wish));
}

export function hasPlan({ state, cost }) {
  return (state === "done" || state === "cancelled") && cost !== null;
}

/** Whether there is a plan to show: kept, or verified while a better one is looked for. */
export function hasFigures(scenario) {
  return hasPlan(scenario) || (isOpen(scenario) && scenario.cost !== null);
}

/** Plans a wish; what runs is stopped, its best plan kept. */
async function plan(store, actions, wish, { name, gap = 0.01, limit = 60 } = {}) {
  const { instance, shown, history, runningId } = store.get();
  clearNotices();
  store.set({ faults: [] });
  if (runningId !== null) await stopped(runningId);
  const made = await api.plan({
    instance: instance.id,
    name: name || freshName(wish, history),
    wish,
    gap,
    time_limit_s: limit,
    ...(shown && hasFigures(shown) ? { start_from: shown.id } : {}),
  });
  writeDraft(store.get().session, instance.id, null);
  follow(store, actions, made.id);
  await actions.refreshHistory();
  announce("Planning has started.");
}

/** Asks a plan that runs to end; that it has ended already is as good. */
async function stopped(id) {
  try {
    await api.cancel(id);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
}

/** A name nobody has to think of: "As given", "What if 3". */
export function freshName(wish, history) {
  const names = new Set(history.map(({ name }) => name));
  if (isEmpty(wish) && !names.has("As given")) return "As given";
  let number = history.length + 1;
  while (names.has(`What if ${number}`)) number += 1;
  return `What if ${number}`;
}

function follow(store, actions, id) {
  store.set({ runningId: id, trace: [] });
  const before = store.get().shown?.id;
  const isWanted = () => store.get().runningId === id;
  watch(id, {
    isWanted,
    onProgress: (progress) => store.set({ trace: [...store.get().trace, progress] }),
    onPlan: () => actions.guarded(async () => {
      // Whoever looks at another scenario meanwhile goes on looking at it.
      const canShow = () =>
        isWanted() && !store.get().onMap && [before, id].includes(store.get().shown?.id);
      if (canShow()) await show(store, id, canShow);
    }),
    onLost: () => lost(store, actions),
    async onDone() {
      await actions.guarded(async () => {
        await actions.refreshHistory();
        await show(store, id);
        const { shown, base } = store.get();
        if (!base && isBaseline(shown)) store.set({ base: shown });
        announce(`Finished: ${badge(shown).text}.`);
      });
      if (isWanted()) store.set({ runningId: null });
    },
  });
}

/** Shows a scenario, unless the page has gone on when it has come. */
async function show(store, id, isWanted = () => true) {
  const shown = await api.scenario(id);
  const { period } = store.get();
  const shownMap = hasFigures(shown) ? await api.scenarioMap(id, period, shown.plan) : null;
  if (isWanted()) store.set({ shown, shownMap, onMap: null });
}

function tell(store, actions, error) {
  if (error.status === 0) return lost(store, actions);
  if (error.status === 401) {
    const { session } = store.get();
    store.set({ session: { ...session, signed_in: false, needs_password: true } });
    return undefined;
  }
  store.set({ faults: error.faults });
  const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
  return notice("request", `${error.message}${wait} Nothing you entered is lost.`, {
    faults: error.faults,
  });
}

/** The server is gone: says so, asks again until it answers, then goes on. */
function lost(store, actions) {
  if (store.get().gone) return;
  store.set({ gone: true });
  notice("gone", "The server does not answer. Your changes are kept here; trying again every 3 seconds.", { tone: "fair" });
  const again = async () => {
    try {
      const session = await api.session();
      setCsrf(session.csrf);
      store.set({ session, gone: false });
    } catch {
      setTimeout(again, RETRY_MS);
      return;
    }
    clearNotice("gone");
    announce("The server answers again.");
    await actions.guarded(() => resume(store, actions));
  };
  setTimeout(again, RETRY_MS);
}

async function resume(store, actions) {
  const { session, instance, runningId } = store.get();
  if (session.needs_password && !session.signed_in) return;
  if (!instance) return actions.loadInstances();
  await actions.refreshHistory();
  if (!runningId) return undefined;
  const now = store.get().history.find(({ id }) => id === runningId);
  if (now && isOpen(now)) return follow(store, actions, runningId);
  if (now) await show(store, runningId);
  store.set({ runningId: null });
  return undefined;
}
