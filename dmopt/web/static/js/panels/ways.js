/** When nothing fits: what collides, and ways out, each a button that applies it. */

import { announce } from "../a11y.js";
import { api } from "../api.js";
import { button, fill, h } from "../dom.js";
import { amount, capital, gapWords } from "../words.js";
import { sameWish, wholeWish } from "../wish.js";
import { statusMark } from "./group.js";
import { isOver, polled } from "./polled.js";

export function waysPart(store, actions) {
  const box = h("section", { class: "ways", "aria-label": "Why nothing fits", hidden: true });
  let of = null;
  store.on(["shown"], ({ shown }) => {
    const wanted = shown?.status === "infeasible" ? shown.id : null;
    if (wanted === of) return;
    of = wanted;
    box.hidden = of === null;
    if (of) begin(box, store, actions, of, () => of === wanted);
  });
  return box;
}

function begin(box, store, actions, id, wanted) {
  fill(box, h("h3", {}, "Why nothing fits"), ask(box, store, actions, id, wanted));
}

function ask(box, store, actions, id, wanted) {
  return [
    h("p", {}, "The rules and figures contradict one another. The server can find out which, and the least changes that help."),
    button("Explain and find ways out", () => follow(box, store, actions, id, wanted), {
      class: "primary",
      id: "explain",
    }),
  ];
}

function follow(box, store, actions, id, wanted) {
  const waiting = h("p", { class: "hint", role: "status" }, "Looking for what collides ...");
  fill(box, h("h3", {}, "Why nothing fits"), waiting);
  return actions.guarded(() => polled({
    begin: () => api.explain(id),
    read: () => api.explanation(id),
    wanted,
    onAnswer: (answer) => {
      if (isOver(answer)) draw(box, store, actions, answer);
      else fill(waiting, progressWords(answer.progress) || "Looking for what collides ...");
    },
  }));
}

function draw(box, store, actions, answer) {
  const { sentences = [], conflict = [], error } = answer;
  const ways = different(answer.ways ?? []);
  const { instance, rules } = store.get();
  fill(
    box,
    h("h3", {}, "Why nothing fits"),
    error && h("p", { class: "fault" }, error),
    // The sentences say the conflict and the ways once more.
    !conflict.length && sentences.map((text) => h("p", {}, text)),
    conflict.length > 0 && [
      h("h4", {}, "These cannot hold together"),
      h("ul", { class: "conflict" }, conflict.map(({ label, sentence }) =>
        h("li", {}, h("strong", {}, capital(label)), markOf(label, rules), sentence))),
    ],
    ways.length > 0 && [
      h("h4", {}, "Ways out"),
      h("ol", { class: "ways-list" }, ways.map((way) => wayItem(way, actions, instance))),
    ],
    !ways.length && h("p", { class: "hint" }, "No way out was found in the time given."),
  );
  announce(ways.length ? `${ways.length} ways out found.` : "The explanation is ready.");
}

/** The mark of a rule that is reconstructed; labels of rules are "rule ID". */
function markOf(label, rules) {
  return statusMark(rules.find(({ id }) => label === `rule ${id}`)?.status);
}

/** Ways that lead to different wishes. */
export function different(ways) {
  return ways.filter((way, place) =>
    ways.findIndex(({ wish }) => sameWish(wholeWish(wish), wholeWish(way.wish))) === place);
}

function wayItem(way, actions, instance) {
  const has = way.cost !== null && way.cost !== undefined;
  return h("li", {},
    h("p", {}, capital(way.label)),
    has && h("p", { class: "hint" }, `costs ${amount(way.cost, instance)}, gap ${gapWords(way.gap)}`),
    button("Apply and plan", () => actions.applyWay(way), { class: "small", "aria-label": `Apply and plan: ${way.label}` }));
}

function progressWords(progress) {
  return progress?.step ? `Looking for what collides: ${progress.step}` : "";
}
