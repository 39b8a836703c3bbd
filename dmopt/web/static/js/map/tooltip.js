/** A small card beside the pointer. */

import { fill, h } from "../dom.js";

/** show(point, [title, facts, hint] or null) and hide(); box: what it may cover. */
export function createTooltip(box) {
  const card = h("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });
  box.append(card);
  const hide = () => { card.hidden = true; };
  return {
    hide,
    show({ x, y }, tip) {
      if (!tip) return hide();
      const [title, facts, hint] = tip;
      fill(
        card,
        h("strong", {}, title),
        h("dl", {}, facts.map(([label, text]) => [h("dt", {}, label), h("dd", {}, text)])),
        hint && h("p", {}, hint),
      );
      card.hidden = false;
      const left = x + 16 + card.offsetWidth > box.clientWidth ? x - 12 - card.offsetWidth : x + 16;
      const top = Math.min(y + 12, box.clientHeight - card.offsetHeight - 8);
      card.style.transform = `translate(${Math.max(left, 4)}px, ${Math.max(top, 4)}px)`;
    },
  };
}
