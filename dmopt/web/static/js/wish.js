/** The wish: what is asked for beyond the instance as it is. Pure functions; a wish is
 * never changed in place. */

export const NO_LIMIT = "no limit";
const SITE_STATES = ["free", "open", "shut"];

export function emptyWish() {
  return {
    model: null,
    rules: { add: [], change: [], off: [], on: [] },
    sites: {},
    knobs: {},
    budget: {},
    changes: [],
  };
}

/** A wish with every part there, whatever the server left out. */
export function wholeWish(wish) {
  const empty = emptyWish();
  const given = wish ?? {};
  return {
    ...empty,
    ...given,
    rules: { ...empty.rules, ...given.rules },
    sites: { ...given.sites },
    knobs: { ...given.knobs },
    budget: withoutNull(given.budget),
    changes: [...(given.changes ?? [])],
  };
}

export function isEmpty(wish) {
  return sameWish(wish, emptyWish());
}

export function sameWish(one, other) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

export function siteState(wish, id) {
  return wish.sites[id] ?? "free";
}

export function withSite(wish, id, state) {
  const { [id]: _, ...rest } = wish.sites;
  return { ...wish, sites: state === "free" ? rest : { ...rest, [id]: state } };
}

/** free -> open -> shut -> free. */
export function nextState(state) {
  return SITE_STATES[(SITE_STATES.indexOf(state) + 1) % SITE_STATES.length];
}

export function withModel(wish, model) {
  return { ...wish, model };
}

/** A price or demand; back at what it is now, it is no wish. */
export function withKnob(wish, key, value, now) {
  const { [key]: _, ...rest } = wish.knobs;
  const asNow = value === null || value === now;
  return { ...wish, knobs: asNow ? rest : { ...rest, [key]: value } };
}

/**
 * kind: "capital" or "public". value: money or NO_LIMIT in all periods, or by period;
 * undefined: as in the instance.
 */
export function withBudget(wish, kind, value) {
  const { [kind]: _, ...rest } = wish.budget;
  return { ...wish, budget: value === undefined ? rest : { ...rest, [kind]: value } };
}

/** What a wish says of the budget of one period; undefined: as in the instance. */
export function budgetOf(wish, kind, period) {
  const asked = wish.budget[kind];
  return typeof asked === "object" ? asked[period] : asked;
}

/** Another limit in one period. now: period -> money, or null where there is none. */
export function withBudgetOf(wish, kind, period, value, now) {
  const limits = Object.keys(now).map((each) =>
    [each, each === period ? value : budgetOf(wish, kind, each)]);
  const other = limits.filter(([each, limit]) =>
    limit !== undefined && limit !== (now[each] ?? NO_LIMIT));
  return withBudget(wish, kind, other.length ? Object.fromEntries(other) : undefined);
}

/** rule: as the server lists it. on: switched on or off. */
export function withRule(wish, rule, on) {
  const without = (ids) => ids.filter((id) => id !== rule.id);
  const rules = { ...wish.rules, off: without(wish.rules.off), on: without(wish.rules.on) };
  if (on !== rule.on) rules[on ? "on" : "off"].push(rule.id);
  return { ...wish, rules };
}

export function ruleIsOn(wish, rule) {
  if (wish.rules.off.includes(rule.id)) return false;
  return wish.rules.on.includes(rule.id) || rule.on;
}

/** A figure of a rule; undefined: as it was. */
export function withFigure(wish, id, name, value) {
  const start = `${id}.${name}=`;
  const change = wish.rules.change.filter((text) => !text.startsWith(start));
  if (value !== undefined) change.push(`${start}${value}`);
  return { ...wish, rules: { ...wish.rules, change } };
}

/** A rule's name; one that forces a site of the wish by what it does. */
export function ruleName(id, wish, siteNames) {
  const site = Object.keys(wish.sites).find((each) => id === `forced ${each} ${wish.sites[each]}`);
  return site === undefined ? id : `${siteNames.get(site) ?? site} forced ${wish.sites[site]}`;
}

/** The figure a wish gives a rule's parameter as text, or undefined. */
export function figureOf(wish, id, name) {
  const start = `${id}.${name}=`;
  const found = wish.rules.change.findLast((text) => text.startsWith(start));
  return found?.slice(start.length);
}

export function withoutRule(wish, id) {
  const other = (each) => each !== id;
  const rules = {
    ...wish.rules,
    change: wish.rules.change.filter((text) => !text.startsWith(`${id}.`)),
    off: wish.rules.off.filter(other),
    on: wish.rules.on.filter(other),
  };
  return { ...wish, rules };
}

export function withAddedRule(wish, text) {
  return { ...wish, rules: { ...wish.rules, add: [...wish.rules.add, text] } };
}

/** Without what names a rule that is not there (after another model was chosen). */
export function pruned(wish, rules) {
  const added = wish.rules.add.map((text) => String(text).split(":")[0].trim());
  const ids = [...rules.map((rule) => rule.id), ...added];
  const there = (id) => ids.includes(id);
  const kept = {
    ...wish.rules,
    change: wish.rules.change.filter((text) =>
      ids.some((id) => text.startsWith(`${id}.`)),
    ),
    off: wish.rules.off.filter(there),
    on: wish.rules.on.filter(there),
  };
  return { ...wish, rules: kept };
}

/**
 * What a wish changes: [{words, without}], one for each change; `without` is the wish
 * with this change taken back.
 * known: {instance, rules, siteNames, money} to say things by their names.
 */
export function changesOf(wish, known) {
  return [
    ...modelChange(wish, known),
    ...siteChanges(wish, known),
    ...ruleChanges(wish, known),
    ...figureChanges(wish, known),
    ...wish.changes.map((change, place) => ({
      words: tableWords(change),
      without: { ...wish, changes: wish.changes.filter((_, other) => other !== place) },
    })),
  ];
}

function modelChange(wish, { instance }) {
  if (wish.model === null) return [];
  const model = instance.models.find((each) => each.name === wish.model);
  return [{
    words: `Way to produce: ${model?.label ?? wish.model}`,
    without: withModel(wish, null),
  }];
}

function siteChanges(wish, { siteNames }) {
  return Object.entries(wish.sites).map(([id, state]) => ({
    words: `${siteNames.get(id) ?? id}: ${state === "open" ? "must open" : "stays shut"}`,
    without: withSite(wish, id, "free"),
  }));
}

function ruleChanges(wish, { rules }) {
  const { add, change, off, on } = wish.rules;
  const less = (name, text) => ({
    ...wish,
    rules: { ...wish.rules, [name]: wish.rules[name].filter((each) => each !== text) },
  });
  const named = (text) => {
    const rule = rules.find((each) => text.startsWith(`${each.id}.`));
    const [name, value] = split(rule ? text.slice(rule.id.length + 1) : text);
    const parameter = rule?.parameters.find((each) => each.name === name);
    return `Rule ${rule?.id ?? ""} ${parameter?.meaning || name}: ${value}`;
  };
  return [
    ...off.map((id) => ({ words: `Rule ${id} off`, without: less("off", id) })),
    ...on.map((id) => ({ words: `Rule ${id} on`, without: less("on", id) })),
    ...change.map((text) => ({ words: named(text), without: less("change", text) })),
    ...add.map((text) => ({ words: `Rule added: ${ruleText(text)}`, without: less("add", text) })),
  ];
}

function figureChanges(wish, { instance, money }) {
  const knobs = Object.entries(wish.knobs).map(([key, value]) => {
    const knob = instance.knobs.find((each) => each.key === key);
    return {
      words: `${knob?.label ?? key}: ${value} ${knob?.unit ?? ""}`.trim(),
      without: withKnob(wish, key, null),
    };
  });
  const budgets = Object.entries(wish.budget).map(([kind, value]) => ({
    words: `${kind === "public" ? "Public" : "Capital"} budget: ${limitWords(value, money)}`,
    without: withBudget(wish, kind, undefined),
  }));
  return [...knobs, ...budgets];
}

function limitWords(limit, money) {
  if (typeof limit !== "object") return limit === NO_LIMIT ? limit : money(limit);
  return Object.entries(limit).map(([period, each]) => `${period} ${limitWords(each, money)}`).join(", ");
}

function ruleText(rule) {
  return typeof rule === "string" ? rule : `${rule.id ?? ""} ${rule.rule ?? ""}`.trim();
}

function tableWords(change) {
  const where = Object.values(change.where ?? {}).flat().join(", ");
  const given = change.set ?? change.multiply;
  if (!given) return `Table ${change.table}${where ? ` (${where})` : ""} changed`;
  const verb = change.multiply ? "times" : "to";
  const values = Object.entries(given).map(([column, value]) =>
    `${column.replaceAll("_", " ")} ${verb} ${typeof value === "object" ? "several" : value}`);
  return `${change.table}${where ? ` (${where})` : ""}: ${values.join(", ")}`;
}

function split(text) {
  const mark = text.indexOf("=");
  return [text.slice(0, mark), text.slice(mark + 1)];
}

function withoutNull(budget) {
  const given = Object.entries(budget ?? {}).filter(([, value]) => value !== null);
  return Object.fromEntries(given);
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value).sort().map((key) => [key, sorted(value[key])]),
  );
}
