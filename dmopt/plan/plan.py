"""The plan: what is decided, whoever decided it (solver, baseline, file or hand)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from dmopt.data.instance import Instance
from dmopt.plan.violation import Violation

if TYPE_CHECKING:
    import geopandas as gpd

    from dmopt.plan.ledger import Ledger

COLUMNS: dict[str, dict[str, str]] = {
    # one row per open site and period
    "opened": {"site": "str", "period": "str"},
    # modules standing in the period, and what changed at its start
    "modules": {
        "site": "str",
        "technology": "str",
        "period": "str",
        "modules": "int64",
        "bought": "int64",
        "sold": "int64",
        "moved_in": "int64",
        "moved_out": "int64",
    },
    # steps standing in the period, and those built for it
    "infrastructure": {
        "infrastructure": "str",
        "location": "str",
        "period": "str",
        "steps": "int64",
        "built": "int64",
    },
    # which site draws on which shared infrastructure
    "uses": {
        "site": "str",
        "infrastructure": "str",
        "location": "str",
        "period": "str",
    },
    # how much of a service it draws from there
    "draws": {
        "site": "str",
        "infrastructure": "str",
        "location": "str",
        "service": "str",
        "period": "str",
        "quantity_per_yr": "float64",
    },
    "activity": {
        "site": "str",
        "recipe": "str",
        "period": "str",
        "quantity_per_yr": "float64",
    },
    # what a site sets aside in a period for use in a later one, all of the period
    "stocks": {
        "site": "str",
        "commodity": "str",
        "period": "str",
        "until": "str",
        "units": "float64",
    },
    "disposal": {
        "site": "str",
        "commodity": "str",
        "period": "str",
        "quantity_per_yr": "float64",
    },
    "flows": {
        "origin": "str",
        "destination": "str",
        "commodity": "str",
        "mode": "str",
        "period": "str",
        "quantity_per_yr": "float64",
    },
    "unmet": {
        "zone": "str",
        "commodity": "str",
        "period": "str",
        "quantity_per_yr": "float64",
    },
}
"""Tables of a plan: columns and dtypes. Rows that are all zero are left out."""

LATER = ("stocks",)
"""Tables that plans did not have when the first runs were kept."""


class Checked(Protocol):
    """A rule as far as plans are concerned (dmopt/rules/rule.py)."""

    @property
    def id(self) -> str: ...

    def check(self, instance: Instance, plan: "Plan") -> Iterator[Violation]: ...

    def penalties(
        self, instance: Instance, plan: "Plan"
    ) -> Iterator[tuple[str, float]]: ...


@dataclass(frozen=True)
class Plan:
    """What is decided for an instance.

    instance: what it was decided for.
    tables: the tables of `COLUMNS`, complete and typed (`make_plan` sees to it).
    rules: those it is to keep; breaking soft ones is part of its cost.
    """

    instance: Instance
    tables: Mapping[str, pd.DataFrame]
    rules: Sequence[Checked] = ()

    @cached_property
    def ledger(self) -> "Ledger":
        """The books of the plan, made once for all tables and figures (ledger.py)."""
        from dmopt.plan.ledger import Ledger

        return Ledger(self.instance, self)

    @property
    def sites(self) -> "gpd.GeoDataFrame":
        """Sites not excluded x periods: open, modules, technologies in words, what is
        made, utilisation, point (see `views.sites`)."""
        from dmopt.plan import views

        return views.sites(self)

    @property
    def flows(self) -> "gpd.GeoDataFrame":
        """One line per flow: units and tonnes per year, km, money and kg CO2e per year
        of moving (see `views.flows`)."""
        from dmopt.plan import views

        return views.flows(self)

    @property
    def zones(self) -> "gpd.GeoDataFrame":
        """Zones x periods: demand and delivery by value, unmet share, km to the nearest
        site, mean km of deliveries, outline (see `views.zones`)."""
        from dmopt.plan import views

        return views.zones(self)

    @property
    def infrastructure(self) -> "gpd.GeoDataFrame":
        """Infrastructure that stands: steps, users, utilisation, point (see
        `views.infrastructure`)."""
        from dmopt.plan import views

        return views.infrastructure(self)

    @property
    def costs(self) -> pd.DataFrame:
        """period, kind, cost_per_yr: money of one year (see `costs.cost_table`)."""
        from dmopt.plan.costs import cost_table

        return cost_table(self)

    @property
    def indicators(self) -> pd.DataFrame:
        """period (or "all"), indicator, value, unit (see `indicators.indicators`)."""
        from dmopt.plan.indicators import indicators

        return indicators(self)


def make_plan(
    instance: Instance, tables: Mapping[str, Any], rules: Sequence[Checked] = ()
) -> Plan:
    """A plan from tables (DataFrames, lists of dicts); missing tables are empty.

    Raises ValueError where a count is not a whole number: none is rounded.
    """
    complete = {}
    for name, columns in COLUMNS.items():
        table = pd.DataFrame(tables.get(name, []), columns=list(columns))
        cells = {}
        for column, kind in columns.items():
            if kind == "int64" and not _whole(table[column]):
                raise ValueError(f"plan table {name}: {column} has a part of a whole")
            # one by one: a frame's own astype takes half as long again
            cells[column] = table[column].astype(pandas_dtype(kind)).array
        complete[name] = pd.DataFrame(cells)
    return Plan(instance, complete, rules)


def _whole(counts: pd.Series) -> bool:
    """Whether all are whole numbers (NaN and infinity are not)."""
    return bool(np.all(np.mod(counts.to_numpy(float), 1) == 0))
