"""A plan as the report knows it: one of several options, with where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dmopt.data.instance import ACCOUNTS, Instance
from dmopt.data.schema import TABLES
from dmopt.errors import Fault, InstanceError, PlanRejected
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.plan.products import product_costs
from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from dmopt.runs import misstated, read_result, read_run
from dmopt.runs.manifest import manifest
from dmopt.solving.result import Result

SAME_TABLES = ("periods", "zones", "commodities", "demand")
"""What must not differ between plans that are set side by side, besides accounts."""


@dataclass(frozen=True)
class Option:
    """name: for people. instance: what was solved. result: what came out.
    about: the content of plan.json. folder: its name, or "" for a result at hand."""

    name: str
    instance: Instance
    result: Result
    about: Mapping[str, Any]
    folder: str = ""

    @property
    def plan(self) -> Plan:
        """Its plan. Raises ValueError where it has none: ask `result.plan` first."""
        if self.result.plan is None:
            raise ValueError(f"{self.name} has no plan")
        return self.result.plan

    @cached_property
    def indicators(self) -> pd.Series:
        """Indicator -> value over all periods; empty where there is no plan."""
        if self.result.plan is None:
            return pd.Series(dtype=float)
        found = indicators(self.result.plan)
        return found[found.period == ALL].set_index("indicator").value

    @cached_property
    def product_costs(self) -> pd.DataFrame:
        """Commodities x kinds of cost, as in `dmopt.plan.products`. Raises ValueError
        where there is no plan."""
        return product_costs(self.plan)

    def indicator(self, name: str) -> float:
        """The value of an indicator over all periods; NaN where there is none."""
        return float(self.indicators.get(name, float("nan")))


def as_option(
    result: Result, name: str = "this plan", instance: Instance | None = None
) -> Option:
    """A result at hand as an option. Raises ValueError where it has neither a plan
    nor the instance."""
    if instance is None:
        if result.plan is None:
            raise ValueError("a result without a plan needs the instance")
        instance = result.plan.instance
    return Option(name, instance, result, manifest(result, instance, "", {}))


def read_option(instance: Instance, folder: str | Path, name: str = "") -> Option:
    """The run in a folder as an option, after every check that `dmopt verify` makes.

    Raises InstanceError where it cannot be read, was made for other data or misstates
    a figure; PlanRejected where its plan breaks a row or a rule.
    """
    folder = Path(folder)
    result, about = read_result(instance, folder), read_run(folder)
    if result.plan is not None:
        if violations := verify(instance, result.plan, make_rules(instance)):
            raise PlanRejected(violations)
        if wrong := misstated(result.plan, folder):
            expected = "figures that the plan bears out"
            raise InstanceError(
                [Fault(f"{folder}/plan.json", read=w, expected=expected) for w in wrong]
            )
    return Option(name or folder.name, instance, result, about, str(folder))


def refuse_other_accounts(options: Sequence[Option]) -> None:
    """Raise InstanceError where options do not count the same things in the same money:
    other currency, discounting, periods, people or demand than the first."""
    first = options[0].instance
    faults = [
        Fault(
            option.folder or option.name,
            read=f"other {what.replace('_', ' ')}",
            expected=f"the same {what.replace('_', ' ')} as {options[0].name!r}",
            hint="plans can be set side by side where demand and money are the same",
        )
        for option in options[1:]
        for what in _differing(first, option.instance)
    ]
    if faults:
        raise InstanceError(faults)


def _differing(one: Instance, other: Instance) -> list[str]:
    settings = [
        name
        for name in ACCOUNTS
        if getattr(one.settings, name) != getattr(other.settings, name)
    ]
    tables = [name for name in SAME_TABLES if not _same(one, other, name)]
    return [*settings, *tables]


def other_tables(one: Instance, other: Instance) -> list[str]:
    """Input tables, rules apart, in which two instances differ."""
    return [n for n in TABLES if n != "rules" and not _same(one, other, n)]


def _same(one: Instance, other: Instance, table: str) -> bool:
    return bool(one.tables[table].equals(other.tables[table]))
