/** What is better: indicators of one plan against those of another. */

import { amount, figure, indicatorValue, percent, quantity, unitWords } from "./words.js";

/** Smaller relative differences are beneath what three digits show. */
const SAME = 5e-4;

/**
 * {difference, verdict} of a value against a base, as text; null where unknown.
 * better: "more" or "less", or "" where neither is.
 */
export function against(better, value, base, unit, instance) {
  if (!known(value) || !known(base)) return null;
  const change = value - base;
  const scale = Math.max(Math.abs(value), Math.abs(base), 1e-12);
  if (Math.abs(change) / scale < SAME) return { difference: "", verdict: "the same" };
  return {
    difference: signed(change, unit, instance),
    verdict: verdict(better, change),
  };
}

/** "better", "worse", "higher" or "lower". */
export function verdict(better, change) {
  if (!better) return change > 0 ? "higher" : "lower";
  return change > 0 === (better === "more") ? "better" : "worse";
}

/** A difference with its sign and unit; shares in percentage points. */
export function signed(change, unit, instance) {
  const sign = change > 0 ? "+" : "\u2212";
  const size = Math.abs(change);
  if (unit === "%") return `${sign}${quantity(size)} points`;
  if (instance?.currency && unit?.startsWith(instance.currency))
    return `${sign}${amount(size, instance)}`;
  return `${sign}${figure(size)} ${unitWords(unit)}`.trim();
}

/** Rows of two plans side by side: [{name, label, left, right, difference, verdict}]. */
export function sideBySide(left, right, instance) {
  const rows = [];
  if (known(left.cost) || known(right.cost)) {
    const shown = (cost) => (known(cost) ? amount(cost, instance) : "none");
    rows.push({
      name: "cost",
      label: "Cost",
      left: shown(left.cost),
      right: shown(right.cost),
      ...against("less", right.cost, left.cost, instance?.currency, instance),
    });
  }
  const others = new Map((right.indicators ?? []).map((each) => [each.name, each]));
  const names = new Set((left.indicators ?? []).map((each) => each.name));
  const base = new Map((left.indicators ?? []).map((each) => [each.name, each]));
  for (const name of [...names, ...[...others.keys()].filter((n) => !names.has(n))]) {
    const [a, b] = [base.get(name), others.get(name)];
    const { label, unit, better } = a ?? b;
    rows.push({
      name,
      label,
      left: indicatorValue(a?.value, unit, instance),
      right: indicatorValue(b?.value, unit, instance),
      ...against(better, b?.value, a?.value, unit, instance),
    });
  }
  return rows;
}

/** Whether a dearer plan is dearer by more than the proofs leave open. */
export function provenDearer(dear, cheap) {
  return known(dear.bound) && known(cheap.cost) && dear.bound > cheap.cost;
}

const OPEN = " The proofs leave open whether it must.";

/** How two costs stand to one another, as far as it is proven. */
export function costSentence(base, other, instance) {
  if (!known(base.cost) || !known(other.cost)) return "";
  const change = other.cost - base.cost;
  const share = Math.abs(change) / Math.abs(base.cost || 1);
  const size = `${amount(Math.abs(change), instance)} (${percent(share)})`;
  if (share < SAME) return "Both cost the same.";
  if (change > 0) {
    const sure = provenDearer(other, base) ? "" : OPEN;
    return `It costs ${size} more.${sure}`;
  }
  const sure = provenDearer(base, other) ? "" : OPEN;
  return `It costs ${size} less.${sure}`;
}

function known(value) {
  return typeof value === "number" && Number.isFinite(value);
}
