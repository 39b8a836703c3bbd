"""Who makes what cheapest among models compared, by how much, and why, in words.

A winner is told with its margin, and called open where the gaps of the plans are wider
than what divides them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.costs import weights
from dmopt.plan.frames import positions
from dmopt.studies.entry import FREE, HYBRID, Entry

NAMES = {
    "transport out": "delivery",
    "transport in": "bringing inputs",
    "transport between": "transport between sites",
    "sites": "sites",
    "modules": "machines",
    "energy": "energy",
    "labour": "labour",
    "land": "rent",
    "rules": "soft rules broken",
}
"""Kinds of cost as people say them; others as they are."""


SAME = 1e-9
"""Share of a cost below which a difference is the last digits of two sums."""


@dataclass(frozen=True)
class Verdict:
    """Who makes a product cheapest ("" stands for everything together).

    winner, second: names of pure models; second is "" where only one has a plan.
    cost, second_cost: money. wanted: units of the product over all years (NaN for
    the whole). certain: for everything, proven: no other model can cost less. For one
    product, a sign and no proof: the margin is wider than the gap of any plan; costs
    that products share are told apart by use (plan/products.py).
    why: in words.
    """

    product: str
    winner: str
    second: str
    cost: float
    second_cost: float
    wanted: float
    certain: bool
    why: str

    @property
    def per_unit(self) -> float:
        """Money a unit wanted, of the winner; NaN for the whole or where none is."""
        return self.cost / self.wanted if self.wanted else float("nan")

    @property
    def second_per_unit(self) -> float:
        return self.second_cost / self.wanted if self.wanted else float("nan")

    @property
    def tied(self) -> bool:
        """Whether the second costs the same."""
        return self.second_cost - self.cost <= SAME * abs(self.cost)


def verdicts(instance: Instance, entries: Sequence[Entry]) -> list[Verdict]:
    """For everything together and for each product: who is cheapest, and why."""
    every = [entry for entry in entries if entry.name not in (FREE, HYBRID)]
    pure = [entry for entry in every if entry.products is not None]
    if not pure:
        return []
    undecided = any(entry.result.status == "no_plan_found" for entry in every)
    return [
        _verdict(instance, pure, product, undecided)
        for product in ("", *products_of(pure))
    ]


def _verdict(
    instance: Instance, pure: Sequence[Entry], product: str, undecided: bool
) -> Verdict:
    ranked = cheapest_first(pure, product)
    first, cost = ranked[0], _cost_of(ranked[0], product)
    wanted = instance.demand_by_period
    weight = weights(instance)[positions(instance.periods.index, wanted.period)]
    units = (wanted.quantity_per_yr * weight)[wanted.commodity == product].sum()
    units = float(units) if product else float("nan")
    if len(ranked) == 1:
        why, sure = "it is the only model with a plan", not undecided
        return Verdict(product, first.name, "", cost, np.inf, units, sure, why)
    second = ranked[1]
    margin = _cost_of(second, product) - cost
    if product:
        sure = margin > max(_unproven(entry) for entry in ranked)
    else:
        sure = all((e.result.bound or -np.inf) > cost for e in ranked[1:])
    return Verdict(
        product=product,
        winner=first.name,
        second=second.name,
        cost=cost,
        second_cost=cost + margin,
        wanted=units,
        certain=bool(sure) and not undecided,
        why=_why(first, second, product),
    )


def _unproven(entry: Entry) -> float:
    """Money that the gap leaves open."""
    cost, bound = entry.result.cost, entry.result.bound
    return np.inf if cost is None or bound is None else cost - bound


def _why(first: Entry, second: Entry, product: str) -> str:
    """The kinds of cost in which the winner saves most, and the one where it loses."""
    saved = _by_kind(second, product) - _by_kind(first, product)
    saved = saved.sort_values(ascending=False)
    margin = float(saved.sum())
    if margin <= SAME * abs(_cost_of(first, product)):
        return "both cost the same"
    large = 0.2 * margin
    gains = [kind for kind in saved.index[:2] if saved[kind] > large]
    worst = saved.index[-1]
    cheaper = " and ".join(NAMES.get(kind, kind) for kind in gains if kind != "unmet")
    parts = ["it leaves less unmet"] if "unmet" in gains else []
    parts += [f"it is cheaper in {cheaper}"] if cheaper else []
    text = " and ".join(parts) or "it is a little cheaper in many things"
    if -saved[worst] > large:
        loses = "it leaves more unmet" if worst == "unmet" else ""
        text += f", though {loses or f'dearer in {NAMES.get(worst, worst)}'}"
    return text


def products_of(entries: Sequence[Entry]) -> list[str]:
    tables = [entry.products for entry in entries if entry.products is not None]
    return list(tables[0].index)


def _by_kind(entry: Entry, product: str) -> pd.Series:
    """What a product costs, by kind of cost; "" stands for everything together."""
    assert entry.products is not None
    if not product:
        return entry.products.sum()
    return cast(pd.Series, entry.products.loc[product])


def _cost_of(entry: Entry, product: str) -> float:
    return float(_by_kind(entry, product).sum())


def cheapest_first(pure: Sequence[Entry], product: str) -> list[Entry]:
    """Those that make a product cheapest first."""
    return sorted(pure, key=lambda entry: _cost_of(entry, product))
