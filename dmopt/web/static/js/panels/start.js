/** The one main button, and how good a plan is wanted by when. */

import { button, fill, h } from "../dom.js";
import { sameWish, wholeWish } from "../wish.js";
import { options } from "./group.js";

const GAPS = [["0.001", "0.1 %"], ["0.005", "0.5 %"], ["0.01", "1 %"], ["0.02", "2 %"], ["0.05", "5 %"]];
const LIMITS = [["10", "10 s"], ["30", "30 s"], ["60", "1 minute"], ["180", "3 minutes"], ["600", "10 minutes"]];

export function startPart(store, actions) {
  const name = h("input", { type: "text", id: "scenario-name", maxlength: "80", autocomplete: "off" });
  const gap = h("select", { id: "gap", value: "0.01" }, options(GAPS));
  const limit = h("select", { id: "time-limit", value: "60" }, options(LIMITS));
  const run = button("Plan", async () => {
    run.disabled = true;
    await actions.plan({ name: name.value.trim(), gap: Number(gap.value), limit: Number(limit.value) });
    name.value = "";
    store.set({ view: matchMedia("(max-width: 999px)").matches ? "result" : store.get().view });
    drawButton(run, store.get());
  }, { class: "primary", id: "plan" });
  store.on(["wish", "shown", "runningId", "instance", "history"], (state) => drawButton(run, state));
  return [
    h("div", { class: "row" },
      h("div", { class: "field grow" }, h("label", { for: "scenario-name" }, "Name"), name),
      h("div", { class: "field" }, h("label", { for: "gap" }, "Proven within"), gap),
      h("div", { class: "field" }, h("label", { for: "time-limit" }, "At most"), limit)),
    run,
  ];
}

function drawButton(run, { wish, shown, runningId, instance, history }) {
  const running = history.find(({ id }) => id === runningId) ?? null;
  fill(run, buttonWords({ wish, shown, runningId, running }));
  run.disabled = !instance || (runningId !== null && !isAnother(wish, running));
}

/** Whether something else is wished than what is being planned. */
function isAnother(wish, running) {
  return Boolean(running && wish) && !sameWish(wish, wholeWish(running.wish));
}

/** "Plan" for the first time, "Plan again" where something changed since. */
export function buttonWords({ wish, shown, runningId, running = null }) {
  if (runningId !== null) return isAnother(wish, running) ? "Stop, and plan this" : "Planning ...";
  if (!shown || !wish) return "Plan";
  return sameWish(wish, wholeWish(shown.wish)) ? "Plan once more" : "Plan again";
}
