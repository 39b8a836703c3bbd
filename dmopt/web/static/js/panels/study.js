/** A study of the plan shown: asked for, followed, stopped; what it found is drawn. */

import { announce, keepingFocus } from "../a11y.js";
import { api } from "../api.js";
import { button, fill, h } from "../dom.js";
import { isOver, polled } from "./polled.js";

/**
 * kind: of the question. title, about: heading and what it asks. label, again: of the
 * button, before and after. controls: fields beside it, or null. wish(): what more is
 * asked. draw(answer, shown): what was found, as children; called again as more comes.
 * said(answer): that it has ended, for screen readers.
 * Gives {element, open(shown), close(), paint()}: open shows what is known of a scenario
 * with a plan; after close nothing more is asked; paint draws again what was found last.
 */
export function studyPart(store, actions, given) {
  const { kind, title, about, label, again, controls = null, draw, said } = given;
  const wish = given.wish ?? (() => undefined);
  let [of, last] = [null, null];
  const found = h("div", { class: "study-found" });
  const says = h("p", { class: "hint", role: "status" });
  const wrong = h("p", { class: "fault", hidden: true });
  const start = button(label, () => follow(true), { class: "primary", id: `ask-${kind}` });
  const stop = button("Stop and keep what is known", () => {
    stop.disabled = true;
    actions.guarded(() => stopped(of.id, kind));
  }, { class: "stop", id: `stop-${kind}`, hidden: true });
  const isBusy = (is) => {
    start.disabled = is;
    stop.hidden = !is;
    stop.disabled = false;
  };
  const paint = () => last && keepingFocus(found, () => fill(found, draw(last, of)));
  const show = (answer) => {
    last = answer;
    paint();
    const over = isOver(answer);
    isBusy(!over);
    start.classList.toggle("primary", !over);
    fill(says, over ? "" : answer.progress?.step || waiting(answer));
    fill(wrong, answer.error ?? "");
    wrong.hidden = !answer.error;
    if (over) fill(start, again);
  };
  const follow = (asks) => {
    const mine = of;
    const wanted = () => of === mine;
    isBusy(true);
    if (asks) fill(says, "Asked for ...");
    actions.guarded(async () => {
      let isDone = false;
      try {
        await polled({
          begin: async () => asks && api.askStudy(mine.id, kind, wish()),
          read: () => api.study(mine.id, kind),
          wanted,
          onAnswer: (answer) => {
            show(answer);
            isDone = isOver(answer);
            if (isDone && asks) announce(said(answer));
          },
        });
      } finally {
        if (wanted() && !isDone) isBusy(false);
      }
      if (isDone && asks) await actions.refreshHistory();
    });
  };
  const element = h("section", { class: "study", "aria-labelledby": `${kind}-title` },
    h("h3", { id: `${kind}-title` }, title),
    h("p", {}, about),
    h("div", { class: "row study-ask" }, controls, start, stop),
    says, wrong, found);
  return {
    element,
    paint,
    close() {
      [of, last] = [null, null];
    },
    open(shown) {
      [of, last] = [shown, null];
      for (const part of [found, says, wrong]) fill(part);
      wrong.hidden = true;
      isBusy(false);
      fill(start, label);
      start.classList.add("primary");
      if (shown.asked?.[kind]) follow(false);
    },
  };
}

function waiting({ state }) {
  return state === "waiting" ? "Waiting for its turn ..." : "Begun ...";
}

/** Asks a study to end; that it has ended already is as good. */
async function stopped(id, kind) {
  try {
    await api.stopStudy(id, kind);
    announce("Stopping. What is known is kept.");
  } catch (error) {
    if (error.status !== 409) throw error;
  }
}
