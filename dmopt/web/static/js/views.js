/** Which part of the page is seen: kept in the address, so that Back works. */

import { at } from "./dom.js";

export const VIEWS = ["map", "change", "result", "history", "compare", "prices", "studies", "tables"];
const PLAN = ["map", "change", "result"];

export function createViews(store) {
  const fromAddress = () => {
    const view = location.hash.slice(1);
    if (VIEWS.includes(view)) store.set({ view });
  };
  addEventListener("hashchange", fromAddress);
  fromAddress();
  let before = null;
  store.on(["view"], ({ view }) => {
    document.body.dataset.view = view;
    for (const link of document.querySelectorAll(".views a, .tabbar a")) {
      const target = link.hash.slice(1);
      const isCurrent = target === view || (link.dataset.group === "plan" && PLAN.includes(view));
      if (isCurrent) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    // Not while the page loads: browsers move the focus to what the address names.
    if (before !== null && before !== view) {
      if (location.hash.slice(1) !== view) history.replaceState(null, "", `#${view}`);
      at(view).focus({ preventScroll: true });
    }
    before = view;
  });
}
