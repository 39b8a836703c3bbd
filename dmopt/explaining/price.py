"""The price of rules: what a plan costs with a rule and without it, for each rule, each
dimension (all its rules off) and all of them together.

    price of D = cost(with all) - cost(without D)

Both costs are known to a gap only:  low <= price <= high  with

    low  = bound(with all) - cost(without D)      (0 at least: a rule never saves money)
    high = cost(with all) - bound(without D)

A price whose `low` is 0 is not known to be any: it is said to be within the gaps.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.explaining.archive import Archive, Dropped, Known
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.plan import Plan
from dmopt.rules.catalogue import dimension_of, make_rules
from dmopt.rules.rule import Rule
from dmopt.solving.progress import OnProgress
from dmopt.solving.result import Result

ALL_RULES = "all rules"
COLUMNS = ("emissions_t", "sites_open", "sites_outside", "jobs")


@dataclass(frozen=True)
class Price:
    """What one set of rules costs.

    kind: "rule", "dimension" or "all". name: id, key of the dimension or "all rules".
    says: the rule's sentence. dropped: ids. low, high: between these the price lies,
    money (high is infinite where without the rules nothing is proven; both are NaN
    where there is no plan with the rules: they cost the plan itself).
    cost, bound: without them. change: indicator -> without less with. solved: whether
    a solve was needed.
    """

    kind: str
    name: str
    says: str
    dropped: Dropped
    low: float
    high: float
    cost: float | None
    bound: float
    change: dict[str, float]
    solved: bool

    @property
    def known(self) -> bool:
        """Whether it is proven to be above nothing."""
        return bool(self.low > 0)


@dataclass(frozen=True)
class Prices:
    """base: with all rules. prices: all, then dimensions, then rules. solves: how many
    programs were solved besides the base."""

    base: Known
    prices: Sequence[Price]
    solves: int


OnCase = Callable[[str], OnProgress | None]


def price(
    instance: Instance,
    *,
    base: Result | None = None,
    gap: float = 0.01,
    time_limit_s: float = 60.0,
    seed: int = 0,
    threads: int = 2,
    warm: bool = True,
    on_case: OnCase = lambda name: None,
    cancel: Event | None = None,
) -> Prices:
    """Price every rule, every dimension, and all together.

    base: an earlier solve of the instance with all its rules. gap, time_limit_s: of
    each solve. warm: reuse what earlier solves say (False: solve each from nothing).
    Raises InstanceError for rules that cannot be read.
    """
    rules = make_rules(instance)
    archive = Archive(instance, rules)
    ask = partial(
        archive.ask,
        gap=gap,
        time_limit_s=time_limit_s,
        seed=seed,
        threads=threads,
        cancel=cancel,
        warm=warm,
    )
    nothing: Dropped = frozenset()
    if base is not None and base.plan is not None:
        archive.add(nothing, base.plan, base.bound)
        known = archive.known(nothing)
    else:
        known = ask(nothing, on_progress=on_case("with all"))
        archive.solves = 0
    found = []
    for kind, name, says, dropped in _cases(rules):
        if cancel is not None and cancel.is_set():
            break
        without = ask(dropped, on_progress=on_case(name))
        found.append(_price(kind, name, says, dropped, known, without))
    return Prices(known, found, archive.solves)


def _cases(rules: Sequence[Rule]) -> Iterator[tuple[str, str, str, Dropped]]:
    """Large sets first: what they say settles many of the small ones."""
    yield "all", ALL_RULES, "Every rule off.", frozenset(rule.id for rule in rules)
    by_dimension: dict[str, list[str]] = {}
    for rule in rules:
        by_dimension.setdefault(dimension_of(rule.kind.name), []).append(rule.id)
    for dimension, ids in sorted(by_dimension.items()):
        yield "dimension", dimension, f"Its {len(ids)} rules off.", frozenset(ids)
    for rule in rules:
        yield "rule", rule.id, rule.kind.sentence(), frozenset([rule.id])


def _price(
    kind: str, name: str, says: str, dropped: Dropped, base: Known, without: Known
) -> Price:
    if base.cost is None:
        low = high = np.nan
    else:
        cost = np.inf if without.cost is None else without.cost
        low, high = max(0.0, base.bound - cost), max(0.0, base.cost - without.bound)
    change = {}
    if base.plan is not None and without.plan is not None:
        change = _change(base.plan, without.plan)
    return Price(
        kind,
        name,
        says,
        dropped,
        low,
        high,
        without.cost,
        without.bound,
        change,
        without.solved,
    )


def _change(base: Plan, without: Plan) -> dict[str, float]:
    if without.tables is base.tables:
        return dict.fromkeys(COLUMNS, 0.0)
    return {name: _of(without)[name] - _of(base)[name] for name in COLUMNS}


def _of(plan: Plan) -> pd.Series:
    found = indicators(plan)
    return found[found.period == ALL].set_index("indicator").value
