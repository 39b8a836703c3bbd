/** The wish being made outlives a reload of the page, in this tab only. */

import { wholeWish } from "./wish.js";

/** The draft of this user for an instance, or null. */
export function readDraft(session, instance) {
  try {
    const text = sessionStorage.getItem(key(session, instance));
    return text ? wholeWish(JSON.parse(text)) : null;
  } catch {
    return null;
  }
}

/** Keeps a draft; null forgets it. */
export function writeDraft(session, instance, wish) {
  try {
    if (wish) sessionStorage.setItem(key(session, instance), JSON.stringify(wish));
    else sessionStorage.removeItem(key(session, instance));
  } catch {
    // Private windows may refuse to store: the draft then lives as long as the page.
  }
}

function key(session, instance) {
  return `dmopt wish ${session?.user ?? ""} ${instance}`;
}
