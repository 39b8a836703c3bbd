"""The price of rules: what a plan costs with a rule and without it, for each rule, each
dimension (all its rules off) and all of them together.

    price of D = cost(with all) - cost(without D)

Both costs are known to a gap only:  low <= price <= high  with

    low  = bound(with all) - cost(without D)      (0 at least: a rule never saves money)
    high = cost(with all) - bound(without D)

A price whose `low` is 0 is not known to be any: it is said to be within the gaps.

Few rules bind. So those that the plan without any rules keeps by itself are dropped
together first: a bound near the cost with all rules settles every one of them, and
every dimension made of them, at once. Where it is not near, each half is asked.
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
ROUNDING = 1e-9
"""Share of the cost below which a difference is the last digits of two sums."""
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
    brings = _Brings()
    found: list[Price] = []
    for kind, name, says, dropped in _cases(rules):
        if cancel is not None and cancel.is_set():
            break
        if warm and len(found) == 1:
            _settle_together(archive, known, gap, ask, on_case, cancel)
        without = ask(dropped, on_progress=on_case(name))
        change = brings.change(known.plan, without.plan)
        found.append(_price(kind, name, says, dropped, known, without, change))
    return Prices(known, found, archive.solves)


def _settle_together(
    archive: Archive,
    base: Known,
    gap: float,
    ask: Callable[..., Known],
    on_case: OnCase,
    cancel: Event | None,
) -> None:
    """Ask of rules together that hardly bind, most of them in one solve."""
    every = frozenset(rule.id for rule in archive.rules)
    if base.cost is None:
        return
    enough = base.cost - gap * abs(base.cost)
    groups = [sorted(every - archive.broken(every))]
    while groups and not (cancel is not None and cancel.is_set()):
        group = groups.pop()
        if len(group) < 2:
            continue  # asked for itself, if what is known does not answer it
        without = ask(
            frozenset(group), on_progress=on_case(f"{len(group)} rules together")
        )
        decided = without.gap is not None and without.gap <= gap
        if decided and without.bound < enough:
            half = len(group) // 2
            groups += [group[:half], group[half:]]


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
    kind: str,
    name: str,
    says: str,
    dropped: Dropped,
    base: Known,
    without: Known,
    change: dict[str, float],
) -> Price:
    if base.cost is None:
        low = high = np.nan
    else:
        cost = np.inf if without.cost is None else without.cost
        low, high = max(0.0, base.bound - cost), max(0.0, base.cost - without.bound)
        if high <= ROUNDING * abs(base.cost):
            low = high = 0.0
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


class _Brings:
    """What plans bring, each looked at once: many cases share a plan."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Plan, pd.Series]] = {}

    def change(self, base: Plan | None, without: Plan | None) -> dict[str, float]:
        """Indicator -> without less base; {} where there is no plan to compare."""
        if base is None or without is None:
            return {}
        before, after = self._of(base), self._of(without)
        return {name: float(after[name] - before[name]) for name in COLUMNS}

    def _of(self, plan: Plan) -> pd.Series:
        # rules do not change what is delivered: plans with the same tables are one
        if id(plan.tables) not in self._known:
            found = indicators(plan)
            whole = found[found.period == ALL].set_index("indicator").value
            self._known[id(plan.tables)] = (plan, whole)
        return self._known[id(plan.tables)][1]
