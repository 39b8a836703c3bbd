"""What tells one instance from another, as a wish: the inverse of whatif.apply.

Ways out of a conflict are instances (explaining/ways.py). Here each becomes a wish that
someone can read, change and make: rules switched or with other figures, sites no longer
forced, demand and budgets turned, and what is left as changes of tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.change import Change
from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES
from dmopt.rules.parameters import parameters_of, parameters_text
from dmopt.studies.knobs import PRODUCT, knobs
from dmopt.studies.whatif import NO_LIMIT, BudgetWish, RuleWish, Wish, apply, forced_id

SAME = 1e-9
"""Numbers that differ by less, relative, are the same."""


@dataclass
class _Draft:
    """A wish while it is written."""

    rules: dict[str, list[str]]
    sites: dict[str, Any]
    knobs: dict[str, float]
    budget: dict[str, Any]
    changes: list[Change] = field(default_factory=list)


def with_difference(
    instance: Instance, wish: Wish, after: Instance, before: Instance | None = None
) -> Wish:
    """The wish that makes `after` of the instance, written as an addition to a wish.

    before: what the wish makes of the instance, where it is there already.
    Raises InstanceError where the wish cannot be made.
    """
    before = apply(instance, wish) if before is None else before
    draft = _Draft(
        {name: list(each) for name, each in wish.rules.model_dump().items()},
        dict(wish.sites),
        dict(wish.knobs),
        wish.budget.model_dump(),
        list(wish.changes),
    )
    _rules(draft, before.rules, after.rules)
    for name, table in TABLES.items():
        old, new = before.tables[name], after.tables[name]
        if name != "rules" and old is not new:
            if name == "demand":
                old = _demand(draft, instance, old, new)
            if name == "periods":
                old = _budgets(draft, instance, old, new)
            draft.changes += _changes(name, list(table.unique), old, new)
    return Wish(
        model=wish.model,
        rules=RuleWish(**draft.rules),
        sites=draft.sites,
        knobs=draft.knobs,
        budget=BudgetWish(**draft.budget),
        changes=draft.changes,
    )


def _rules(draft: _Draft, old: pd.DataFrame, new: pd.DataFrame) -> None:
    forced = {forced_id(site, how): site for site, how in draft.sites.items()}
    before = {str(row["id"]): row for row in old.to_dict("records")}
    after = {str(row["id"]): row for row in new.to_dict("records")}
    for name, row in before.items():
        changed = after.get(name)
        if name in forced:
            # one site is forced or it is not: any loosening of it sets it free
            if changed is None or any(_differ(row[c], changed[c]) for c in row):
                del draft.sites[forced[name]]
        elif changed is None:
            _switch(draft, name, on=False)
        else:
            _rule(draft, name, row, changed)
    for name, row in after.items():
        if name not in before:
            given = {k: v for k, v in _cells(row).items() if v != ""}
            draft.changes.append(Change(table="rules", add=[given]))


def _rule(
    draft: _Draft, name: str, old: Mapping[Any, Any], new: Mapping[Any, Any]
) -> None:
    if bool(old["on"]) != bool(new["on"]):
        _switch(draft, name, on=bool(new["on"]))
    given, _ = parameters_of(str(old["parameters"]))
    wanted, _ = parameters_of(str(new["parameters"]))
    for parameter, value in wanted.items():
        if given.get(parameter) != value:
            _set(draft, f"{name}.{parameter}", value)
    other = [c for c in new if c not in ("id", "on", "parameters")]
    if given.keys() - wanted.keys():
        wish = {"parameters": parameters_text(wanted)}
        where: dict[str, Any] = {"id": name}
        draft.changes.append(Change.model_validate(_set_of("rules", where, wish)))
    for column in other:
        if _differ(old[column], new[column]):
            _set(draft, f"{name}.{column}", _plain(new[column]))


def _switch(draft: _Draft, name: str, on: bool) -> None:
    to, of = ("on", "off") if on else ("off", "on")
    draft.rules[of] = [each for each in draft.rules[of] if each != name]
    if name not in draft.rules[to]:
        draft.rules[to].append(name)


def _set(draft: _Draft, target: str, value: Any) -> None:
    """One figure of a rule; an earlier change of the same is replaced."""
    kept = [each for each in draft.rules["change"] if _target(each) != target]
    draft.rules["change"] = [*kept, f"{target}={value}"]


def _target(change: str) -> str:
    return change.partition("=")[0].strip()


def _demand(
    draft: _Draft, instance: Instance, old: pd.DataFrame, new: pd.DataFrame
) -> pd.DataFrame:
    """Products of which all demand is so many times as much become a knob; gives the
    demand with these made."""
    if len(old) != len(new):
        return old
    known = {knob.key: knob for knob in knobs(instance)}
    old = old.copy()
    for product, rows in old.groupby("commodity"):
        was = rows.quantity_per_yr.to_numpy()
        now = new.quantity_per_yr.loc[rows.index].to_numpy()
        if not was.sum() > 0 or np.array_equal(was, now):
            continue
        key, factor = f"{PRODUCT}{product}", now.sum() / was.sum()
        value = float(f"{draft.knobs.get(key, 1.0) * factor:.12g}")
        knob = known.get(key)
        if knob is None or not knob.low <= value <= knob.high:
            continue
        if np.allclose(now, was * factor, rtol=SAME, atol=0):
            draft.knobs[key] = value
            old.loc[rows.index, "quantity_per_yr"] = now
    return old


def _budgets(
    draft: _Draft, instance: Instance, old: pd.DataFrame, new: pd.DataFrame
) -> pd.DataFrame:
    """Budgets become the wish's own, unless a change of periods, which is made after
    them, is there already; gives the periods with these made."""
    if any(change.table == "periods" for change in draft.changes):
        return old
    old = old.copy()
    for name in ("capital", "public"):
        column = f"{name}_budget"
        value = new[column]
        if not _different(old[column], value).any():
            continue
        draft.budget[name] = _limits(instance.periods[column], value)
        old[column] = value
    return old


def _limits(given: pd.Series, wanted: pd.Series) -> Any:
    """A budget as a wish says it: None as given, one limit, or periods that differ."""
    limits = {t: NO_LIMIT if np.isnan(v) else float(v) for t, v in wanted.items()}
    differ = _different(given, wanted)
    if not differ.any():
        return None
    if len(set(limits.values())) == 1:
        return limits[wanted.index[0]]
    return {t: limits[t] for t in wanted.index[differ]}


def _changes(
    name: str, by: list[str], old: pd.DataFrame, new: pd.DataFrame
) -> Iterator[Change]:
    """Rows of a table removed, added, and cells set."""
    before = old.reset_index(drop=True).set_index(by, drop=False)
    after = new.reset_index(drop=True).set_index(by, drop=False)
    for where in _where_each(before[~before.index.isin(after.index)], by):
        yield Change.model_validate({"table": name, "where": where, "remove": True})
    both = before.index[before.index.isin(after.index)]
    one, other = before.loc[both], after.loc[both]
    for column in TABLES[name].column:
        different = _different(one[column], other[column])
        for value, rows in _by_value(other[column], different):
            for each in _where(one[rows], by):
                yield Change.model_validate(_set_of(name, each, {column: value}))
    added = after[~after.index.isin(before.index)]
    if len(added):
        rows_added = [
            {k: v for k, v in _cells(row).items() if v != ""}
            for row in added.to_dict("records")
        ]
        yield Change.model_validate({"table": name, "add": rows_added})


def _by_value(
    column: pd.Series, different: np.ndarray
) -> Iterator[tuple[Any, np.ndarray]]:
    """Each value that changed cells now have, and where."""
    values = [_plain(value) for value in column.to_numpy(object)]
    for value in dict.fromkeys(v for v, d in zip(values, different, strict=True) if d):
        yield value, different & np.array([each == value for each in values])


def _where(rows: pd.DataFrame, by: list[str]) -> list[dict[str, Any]]:
    """Conditions that pick these rows and no others."""
    if len(by) == 1:
        names = [str(value) for value in rows[by[0]]]
        return [{by[0]: names[0] if len(names) == 1 else names}]
    return _where_each(rows, by)


def _where_each(rows: pd.DataFrame, by: list[str]) -> list[dict[str, Any]]:
    """A condition for each row."""
    return [
        dict(zip(by, map(str, values), strict=True))
        for values in rows[by].itertuples(index=False, name=None)
    ]


def _set_of(
    table: str, where: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    return {"table": table, "where": dict(where), "set": dict(values)}


def _different(one: pd.Series, other: pd.Series) -> np.ndarray:
    return np.array(
        [
            _differ(a, b)
            for a, b in zip(one.to_numpy(object), other.to_numpy(object), strict=True)
        ],
        bool,
    )


def _differ(one: Any, other: Any) -> bool:
    return bool(_plain(one) != _plain(other))


def _cells(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """A cell as a change writes it: blank is ""; outlines are WKT."""
    if value is None or value != value:
        return ""
    if isinstance(value, np.generic):
        return value.item()
    return value.wkt if hasattr(value, "wkt") else value
