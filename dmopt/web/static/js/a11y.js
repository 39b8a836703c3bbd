/** Said aloud, and where the focus goes. */

import { at } from "./dom.js";

const PAUSE_MS = 4000;
let last = 0;
let timer = null;

/** Tells screen readers at once. */
export function announce(text) {
  clearTimeout(timer);
  last = Date.now();
  at("live").textContent = text;
}

/** The same for progress: at most once in four seconds, the latest wins. */
export function announceProgress(text) {
  clearTimeout(timer);
  const wait = Math.max(0, last + PAUSE_MS - Date.now());
  timer = setTimeout(() => announce(text), wait);
}

/** Rebuilds a part and gives the focus back to the control that had it. */
export function keepingFocus(element, rebuild) {
  const held = document.activeElement;
  const key = element.contains(held) ? held.dataset.focus : null;
  const scrolled = element.scrollTop;
  rebuild();
  element.scrollTop = scrolled;
  if (key) element.querySelector(`[data-focus="${CSS.escape(key)}"]`)?.focus();
}

export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
