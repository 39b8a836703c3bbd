/** What is known while it is planned: cost, bound, gap, and a chart of both. */

import { announceProgress } from "../a11y.js";
import { button, fill, h } from "../dom.js";
import { traceChart } from "../charts.js";
import { amount, boundSentence, duration, gapWords, money } from "../words.js";

export function progressPart(store, actions) {
  const box = h("section", { class: "progress", "aria-labelledby": "progress-title", hidden: true });
  const text = h("div");
  const stop = button("Stop and keep the best plan", () => {
    stop.disabled = true;
    actions.cancel();
  }, { class: "stop", id: "stop" });
  fill(box, h("h3", { id: "progress-title" }, "Planning"), text, stop);
  store.on(["runningId"], ({ runningId }) => {
    box.hidden = runningId === null;
    stop.disabled = false;
  });
  store.on(["trace", "runningId", "instance", "history"], (state) => {
    if (state.runningId !== null && state.instance) draw(text, state);
  });
  return box;
}

function draw(text, { trace, instance, history, runningId }) {
  const now = trace.at(-1);
  const scenario = history.find(({ id }) => id === runningId);
  const seconds = duration(now?.seconds);
  fill(
    text,
    h("p", { class: "running-name" }, scenario?.name ?? "", h("span", { class: "count" }, now ? `${now.step || "solving"}, ${seconds}` : "waiting for its turn")),
    h("dl", { class: "facts" },
      fact("Best plan", now?.cost, instance),
      fact("At least", now?.bound, instance),
      h("dt", {}, "Gap"), h("dd", { class: "gap" }, gapWords(now?.gap))),
    traceChart(trace, instance),
  );
  if (now) announceProgress(sentence(now, instance));
}

function fact(label, value, instance) {
  const known = value !== null && value !== undefined;
  return [h("dt", {}, label), h("dd", {}, known ? amount(value, instance) : "not known yet")];
}

/** Progress as a sentence for screen readers. */
export function sentence({ cost, bound, gap }, instance) {
  if (cost === null || cost === undefined)
    return `No plan found yet. ${boundSentence(bound, instance)}`.trim();
  return `Best plan ${money(cost, instance)}, gap ${gapWords(gap)}.`;
}
