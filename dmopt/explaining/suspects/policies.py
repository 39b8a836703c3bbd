"""What was decided: hard rules, budgets, sites that are excluded."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import (
    SHARE,
    Figure,
    Suspect,
    at_value,
    with_cells,
)
from dmopt.rules.edit import edit_rules
from dmopt.rules.rule import Rule
from dmopt.rules.words import figure


def rules_held(rules: Sequence[Rule]) -> Iterator[Suspect]:
    for rule in rules:
        if rule.soft_price is None:
            yield Suspect(
                "rule",
                (rule.id,),
                rule.kind.sentence(),
                tuple(rule_figures(rule)),
                partial(edit_rules, off=[rule.id]),
                f"rule {rule.id} switched off",
            )


def rule_figures(rule: Rule) -> Iterator[Figure]:
    """The parameters of a rule that say how they are loosened (`parameters.looser`)."""
    for name, declared in type(rule.kind).model_fields.items():  # type: ignore[attr-defined]
        extra, value = declared.json_schema_extra, getattr(rule.kind, name)
        if not isinstance(extra, dict) or "looser" not in extra or value is None:
            continue

        def edit(
            instance: Instance, to: float, id: str = rule.id, parameter: str = name
        ) -> Instance:
            return edit_rules(instance, change=[f"{id}.{parameter}={to:.12g}"])

        whole = isinstance(value, int) and not isinstance(value, bool)
        unit = str(extra.get("unit") or unit_of(name))
        yield Figure(name, unit, float(value), float(extra["to"]), whole, edit)


def unit_of(parameter: str) -> str:
    """The unit that the name of a parameter ends in, or ""."""
    words = {"km": "km", "h": "h", "min": "min", "days": "days", "t": "t"}
    words |= {"share": SHARE, "reserve": SHARE}
    return words.get(parameter.rsplit("_", 1)[-1], "")


def budgets(instance: Instance) -> Iterator[Suspect]:
    currency = instance.settings.currency
    for kind, column in (("capital", "capital_budget"), ("public", "public_budget")):
        for t, money in instance.periods[column].items():
            if np.isnan(money):
                continue
            name = f"{column} of {t}"

            def edit(i: Instance, to: float, t: Any = t, c: str = column) -> Instance:
                return with_cells(i, "periods", t, c, to)

            yield Suspect(
                "budget",
                (str(t), kind),
                f"The {kind} budget of {t} is {currency} {figure(money)}.",
                (Figure(name, currency, money, max(1e12, money), False, edit),),
                at_value(edit, np.nan),
                f"no {kind} budget in {t}",
            )


def excluded_sites(instance: Instance) -> Iterator[Suspect]:
    sites = instance.sites
    for s in sites.index[sites.status == "excluded"]:
        reason = f" ({sites.reason[s]})" if sites.reason[s] else ""
        yield Suspect(
            "excluded site",
            (str(s),),
            f"Site {s} is excluded{reason}.",
            (),
            partial(
                with_cells, table="sites", rows=s, column="status", value="candidate"
            ),
            f"site {s} may open",
        )
