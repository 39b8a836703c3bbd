/** Figures in words: units, three significant digits, as dmopt/runs/words.py says them. */

const PROVEN_OPTIMAL_GAP = 1e-6;

/** The value rounded to so many significant digits. */
export function significant(value, digits = 3) {
  if (value === 0 || !Number.isFinite(value)) return value;
  return Number(value.toPrecision(digits));
}

/** A number for people: three significant digits, thousands apart. */
export function quantity(value) {
  const rounded = significant(value);
  const whole = Math.abs(rounded) >= 100 || Number.isInteger(rounded);
  const most = whole ? 0 : 2 - Math.floor(Math.log10(Math.abs(rounded)));
  return rounded.toLocaleString("en-GB", { maximumFractionDigits: Math.max(most, 0) });
}

/**
 * An amount of money: "GBP 12.3 million a year".
 * instance: has currency and money_words ("GBP a year", "GBP, present value").
 */
export function money(amount, instance) {
  const { currency = "", money_words: words = "" } = instance ?? {};
  const after = words.startsWith(currency) ? words.slice(currency.length) : "";
  return `${currency} ${figure(amount)}${after}`.trim();
}

/** An amount without "a year": for tables that say it in their heading. */
export function amount(value, instance) {
  return `${instance?.currency ?? ""} ${figure(value)}`.trim();
}

/** A number of any size: "41.2 million". */
export function figure(value) {
  const rounded = significant(value);
  for (const [size, name] of [[1e9, "billion"], [1e6, "million"]]) {
    if (Math.abs(rounded) < size) continue;
    const digits = 2 - Math.floor(Math.log10(Math.abs(rounded) / size));
    const shown = (rounded / size).toLocaleString("en-GB", fixed(Math.max(digits, 0)));
    return `${shown} ${name}`;
  }
  return quantity(rounded);
}

function fixed(digits) {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

/** A share as per cent, two significant digits, never rounded down. */
export function percentAbove(share) {
  const percent = 100 * share;
  const digits = 1 - Math.floor(Math.log10(percent));
  // The subtraction forgives binary noise: 0.8 % must not become 0.81 %.
  const up = Math.ceil(percent * 10 ** digits - 1e-6) / 10 ** digits;
  return `${Number(up.toFixed(Math.max(digits, 0)))} %`;
}

/** A share as per cent: "42 %", "under 0.1 %", "99.8 %". */
export function percent(share) {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  const edge = (share > 0 && share < 0.1) || (share > 0.99 && share < 1);
  return `${(100 * share).toFixed(edge ? 1 : 0)} %`;
}

/** A share as per cent in three digits, never rounded up to all of it: "19.4 %". */
export function share(value) {
  const words = quantity(100 * value);
  return value < 1 - 1e-6 && words === "100" ? "under 100 %" : `${words} %`;
}

/** The gap while solving: "1.4 %", or "not known yet". */
export function gapWords(gap) {
  if (gap === null || gap === undefined) return "not known yet";
  return gap <= PROVEN_OPTIMAL_GAP ? "0 %" : percentAbove(gap);
}

/** How far a scenario's plan is proven good; {text, tone: good|fair|bad|plain}. */
export function badge({ state, status, gap, cost = null, asked_gap: asked = 0 }) {
  if (state === "running" && cost !== null) return soFar(gap, asked);
  if (state === "waiting") return { text: "waiting for its turn", tone: "plain" };
  if (state === "running") return { text: "planning", tone: "plain" };
  if (state === "failed") return { text: "failed", tone: "bad" };
  if (status === "infeasible")
    return { text: "no plan exists (proven)", tone: "bad" };
  if (status === "no_plan_found" || !status)
    return { text: "no plan found in the time given", tone: "bad" };
  if (gap === null || gap === undefined)
    return { text: "feasible, not proven", tone: "fair" };
  if (gap <= PROVEN_OPTIMAL_GAP) return { text: "proven optimal", tone: "good" };
  if (status === "optimal")
    return { text: `proven within ${percentAbove(gap)}`, tone: "good" };
  return { text: `feasible, gap ${percentAbove(gap)}`, tone: "fair" };
}

/** The same of a plan that is shown while a better one is looked for. */
function soFar(gap, asked) {
  if (gap === null || gap === undefined) return { text: "so far not proven", tone: "plain" };
  const tone = gap <= asked ? "good" : "fair";
  if (gap <= PROVEN_OPTIMAL_GAP) return { text: "proven optimal", tone };
  return { text: `so far proven within ${percentAbove(gap)}`, tone };
}

/** A scenario that runs, with what has been proven since its plan was found. */
export function withNews(scenario, trace) {
  const bound = trace.at(-1)?.bound ?? null;
  const { state, cost } = scenario;
  if (state !== "running" || cost === null || bound === null) return scenario;
  if (scenario.bound !== null && scenario.bound >= bound) return scenario;
  const best = Math.min(bound, cost);
  return { ...scenario, bound: best, gap: (cost - best) / Math.max(Math.abs(cost), 1e-9) };
}

/** The bound as a sentence. */
export function boundSentence(bound, instance) {
  if (bound === null || bound === undefined) return "";
  return `No plan costs less than ${money(bound, instance)}.`;
}

/** One indicator's value with its unit. */
export function indicatorValue(value, unit, instance) {
  if (value === null || value === undefined || Number.isNaN(value)) return "none";
  if (unit === "%") return percent(value / 100);
  const currency = instance?.currency;
  if (currency && unit === currency) return amount(value, instance);
  if (currency && unit === `${currency}/yr`) return `${amount(value, instance)} a year`;
  return `${figure(value)} ${unitWords(unit)}`.trim();
}

/** "t/yr" -> "t a year"; counted things need no unit beside their label. */
export function unitWords(unit) {
  if (["sites", "jobs", "modules"].includes(unit)) return "";
  return (unit ?? "").replace("/yr", " a year");
}

/** A time of solving: "8 s", "2 min 5 s". */
export function duration(seconds) {
  const whole = Math.round(seconds ?? 0);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** When a scenario was made: "25 Nov 2026, 16:50". */
export function when(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return String(text ?? "");
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** "1 site", "3 sites". */
export function counted(count, one, many = `${one}s`) {
  return `${quantity(count)} ${count === 1 ? one : many}`;
}

/** A label as the start of a line: in words, with a proper arrow. */
export function capital(label) {
  const words = label.replaceAll("->", "\u2192").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
