"""Where the winning model changes as one price or quantity does.

    transport_price   what moving costs, by tonne-km, km and stop: times the factor
    emission_price    money a tonne of CO2e, in every period: the value itself
    machine_price     capital of modules, plants aside: times the factor
    crew              labour that modules and recipes need, plants aside: times
    volume            all demand: times the factor

The models are solved at each value; between two values with different winners more are
tried, halfway, until they are near enough.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Event

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.models import PURE
from dmopt.solving.progress import OnProgress
from dmopt.studies.compare import Comparison, compare
from dmopt.studies.rejected import Rejected

Over = str
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
EMISSION_PRICES = (0.0, 50.0, 100.0, 250.0, 500.0)
CLOSE = 0.1
"""Two values with different winners are near enough when this far apart, relative."""
MOST_HALVINGS = 4


@dataclass(frozen=True)
class Change:
    """Between `low` and `high` the winner goes from `before` to `after`. certain:
    whether both are told apart from the second by more than the gaps."""

    low: float
    high: float
    before: str
    after: str
    certain: bool


@dataclass(frozen=True)
class Breakeven:
    """over, unit. table: value, model, cost, bound, gap, wins (bool), certain.
    changes: where the winner changes, in order. rejected: models at a value of which a
    plan did not pass its check; they count as without one there."""

    over: Over
    unit: str
    table: pd.DataFrame
    changes: Sequence[Change]
    rejected: Sequence[Rejected] = ()


def transport_price(instance: Instance, factor: float) -> Instance:
    return _times(
        instance, "modes", ["cost_per_tkm", "cost_per_km", "cost_per_drop"], factor
    )


def emission_price(instance: Instance, price: float) -> Instance:
    periods = instance.periods.assign(emission_price_per_t=float(price))
    return replace(instance, tables={**instance.tables, "periods": periods})


def machine_price(instance: Instance, factor: float) -> Instance:
    small = instance.technologies.size_class != "plant"
    steps = instance.module_prices.technology.map(small).astype(bool)
    given = _times(instance, "module_prices", ["capital_cost"], factor, steps)
    return _times(given, "technologies", ["capital_cost"], factor, small)


def crew(instance: Instance, factor: float) -> Instance:
    services = instance.services
    labour = set(services.index[services.kind == "labour"])
    small = instance.technologies.size_class != "plant"
    technologies = set(instance.technologies.index[small])
    recipes = instance.recipes.technology.isin(technologies)
    needs, uses = instance.technology_needs, instance.recipe_needs
    given = _times(
        instance,
        "technology_needs",
        ["per_module"],
        factor,
        needs.service.isin(labour) & needs.technology.isin(technologies),
    )
    mine = uses.recipe.isin(recipes.index[recipes])
    return _times(
        given, "recipe_needs", ["per_unit"], factor, uses.service.isin(labour) & mine
    )


def volume(instance: Instance, factor: float) -> Instance:
    return _times(instance, "demand", ["quantity_per_yr"], factor)


def _times(
    instance: Instance,
    table: str,
    columns: list[str],
    factor: float,
    rows: pd.Series | None = None,
) -> Instance:
    frame = instance.tables[table].copy()
    mine = slice(None) if rows is None else rows.to_numpy()
    frame.loc[mine, columns] = frame.loc[mine, columns] * factor
    return replace(instance, tables={**instance.tables, table: frame})


OVER: dict[Over, tuple[Callable[[Instance, float], Instance], str]] = {
    "transport_price": (transport_price, "times today"),
    "emission_price": (emission_price, "money per t CO2e"),
    "machine_price": (machine_price, "times today"),
    "crew": (crew, "times today"),
    "volume": (volume, "times today"),
}
"""What can be varied: (instance, value) -> instance, and the unit of the value."""


def breakeven(
    instance: Instance,
    over: Over,
    *,
    values: Sequence[float] = (),
    models: Sequence[str] = PURE,
    gap: float = 0.01,
    time_limit_s: float = 30.0,
    seed: int = 0,
    threads: int = 2,
    on_model: Callable[[float, str], OnProgress | None] = lambda value, name: None,
    cancel: Event | None = None,
) -> Breakeven:
    """Solve the models over values of one thing and find where the winner changes.

    values: where to begin (default: from a quarter to four times today; emission
    prices 0 to 500). gap, time_limit_s: of each solve. Raises KeyError for another
    `over`, ValueError for values below 0 or fewer than two.
    """
    vary, unit = OVER[over]
    start = sorted(set(values or _values(over)))
    if len(start) < 2 or start[0] < 0:
        raise ValueError("values: at least two, none below 0")
    solved: dict[float, Comparison] = {}

    def at(value: float) -> Comparison:
        if value not in solved:
            solved[value] = compare(
                vary(instance, value),
                models,
                gap=gap,
                time_limit_s=time_limit_s,
                seed=seed,
                threads=threads,
                on_model=lambda name: on_model(value, name),
                cancel=cancel,
            )
        return solved[value]

    for value in start:
        if cancel is None or not cancel.is_set():
            at(value)
    for low, high in pairwise(start):
        _narrow(low, high, at, cancel)
    out = [
        replace(each, what=f"{each.what} at {value:g}")
        for value, comparison in sorted(solved.items())
        for each in comparison.rejected
    ]
    return Breakeven(over, unit, _table(solved), list(_changes(solved)), out)


def _values(over: Over) -> tuple[float, ...]:
    return EMISSION_PRICES if over == "emission_price" else FACTORS


def _narrow(
    low: float, high: float, at: Callable[[float], Comparison], cancel: Event | None
) -> None:
    for _ in range(MOST_HALVINGS):
        if cancel is not None and cancel.is_set():
            return
        first = winner(at(low))
        if first == winner(at(high)) or high - low <= CLOSE * max(high, 1e-9):
            return
        middle = float(np.sqrt(low * high)) if low > 0 else (low + high) / 2
        low, high = (middle, high) if winner(at(middle)) == first else (low, middle)


def winner(comparison: Comparison) -> str:
    """The cheapest model, "" where none has a plan."""
    return comparison.verdicts[0].winner if comparison.verdicts else ""


def _table(solved: dict[float, Comparison]) -> pd.DataFrame:
    rows = [
        {
            "value": value,
            "model": entry.name,
            "status": entry.result.status,
            "cost": entry.result.cost,
            "bound": entry.result.bound,
            "gap": entry.result.gap,
            "wins": entry.name == winner(comparison),
            "certain": bool(comparison.verdicts) and comparison.verdicts[0].certain,
        }
        for value, comparison in sorted(solved.items())
        for entry in comparison.entries
    ]
    return pd.DataFrame(rows)


def _changes(solved: dict[float, Comparison]) -> Iterator[Change]:
    points = sorted(solved.items())
    for (low, one), (high, other) in pairwise(points):
        if winner(one) != winner(other):
            certain = all(c.verdicts and c.verdicts[0].certain for c in (one, other))
            yield Change(low, high, winner(one), winner(other), certain)
