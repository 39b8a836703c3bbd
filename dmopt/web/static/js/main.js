/** Puts the page together. */

import { createActions } from "./actions.js";
import { writeDraft } from "./draft.js";
import { createPlanMap } from "./map/plan-map.js";
import { createAccount } from "./panels/account.js";
import { createChangePanel } from "./panels/change.js";
import { createCompare } from "./panels/compare.js";
import { createHistory } from "./panels/history.js";
import { createPrices } from "./panels/prices.js";
import { createResultPanel } from "./panels/result.js";
import { createStudies } from "./panels/studies.js";
import { createTables } from "./panels/tables.js";
import { INITIAL, createStore } from "./state.js";
import { createViews } from "./views.js";
import { sameWish, wholeWish } from "./wish.js";

const store = createStore(INITIAL);
const actions = createActions(store);
createViews(store);
createAccount(store, actions);
createChangePanel(store, actions);
createResultPanel(store, actions);
createHistory(store, actions);
createCompare(store, actions);
createPrices(store, actions);
createStudies(store, actions);
createTables(store, actions);
const view = createPlanMap(store, actions);

store.on(["wish"], ({ session, instance, wish, shown }) => {
  if (!instance || !wish) return;
  const isShown = shown && sameWish(wish, wholeWish(shown.wish));
  writeDraft(session, instance.id, isShown ? null : wish);
});
// For the browser's console, and for tests that have to find a site on the map.
globalThis.dmopt = { store, actions, view };
actions.start();
