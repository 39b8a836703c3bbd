/** What the server found wrong, in words, and at which field of the page it belongs. */

/** One fault as a sentence. */
export function faultWords({ place, row, column, read, expected, hint }) {
  const where = [place, row ? `row ${row}` : "", column].filter(Boolean).join(", ");
  const found = read ? `${read} was read, ` : "";
  const end = hint ? ` (${hint})` : "";
  return `${where ? `${where}: ` : ""}${found}expected ${expected}${end}`;
}

/**
 * Key of the field that a fault is about: "budget.capital", "knob.<key>",
 * "rule.<id>.<name>", "rule.<id>", "site.<id>"; null where no field shows it.
 */
export function fieldOf(fault, { instance, rules }) {
  const text = [fault.place, fault.row, fault.column, fault.read].filter(Boolean).join(" ");
  const has = (word) => new RegExp(`(^|[^\\w.-])${RegExp.escape?.(word) ?? escaped(word)}($|[^\\w-])`).test(text);
  for (const kind of ["capital", "public"])
    if (has(`budget.${kind}`) || has(`${kind}_budget`)) return `budget.${kind}`;
  const knob = instance.knobs.find(({ key }) => has(key) || has(`knobs.${key}`));
  if (knob) return `knob.${knob.key}`;
  const rule = rules.find(({ id }) => has(id) || text.includes(`${id}.`));
  if (!rule) return null;
  const parameter = rule.parameters.find(({ name }) => has(name) || text.includes(`.${name}`));
  return parameter ? `rule.${rule.id}.${parameter.name}` : `rule.${rule.id}`;
}

/** Faults by the field they belong to; those without one under "". */
export function byField(faults, known) {
  const sorted = new Map();
  for (const fault of faults) {
    const key = fieldOf(fault, known) ?? "";
    sorted.set(key, [...(sorted.get(key) ?? []), fault]);
  }
  return sorted;
}

function escaped(word) {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
