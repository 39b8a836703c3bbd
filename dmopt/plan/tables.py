"""A plan as plain tables for people and files: fixed columns, units in their names.

Amounts are per year of the period, money in the instance's currency. Every function
takes a plan; `all_tables` gives all of them under their names.
"""

import numpy as np
import pandas as pd

from dmopt.plan import views
from dmopt.plan.checks.capacity import work_and_capacity
from dmopt.plan.costs import annuity, weights
from dmopt.plan.frames import long, positions
from dmopt.plan.indicators import measured, supply_table
from dmopt.plan.ledger import MODULE_COLUMNS
from dmopt.plan.plan import Plan

__all__ = [
    "all_tables",
    "costs_table",
    "flows_table",
    "indicators_table",
    "infrastructure_table",
    "modules_table",
    "sites_table",
    "stocks_table",
    "supply_table",
    "zones_table",
]


def sites_table(plan: Plan) -> pd.DataFrame:
    """Sites and periods as in `views.sites`, with x and y for the point."""
    layer = views.sites(plan)
    points = layer.geometry
    return _plain(layer).assign(x=points.x.to_numpy(), y=points.y.to_numpy())


def modules_table(plan: Plan) -> pd.DataFrame:
    """Modules that stand or change, by site, technology and period.

    Columns site, technology, period, modules, bought, sold, moved_in, moved_out (int),
    running (modules that are set up), capacity_per_yr and used_per_yr (capacity units
    of the technology), utilisation (NaN: nothing runs), capital_cost (outlay of the
    period), annuity_per_yr (for what was bought for this period).
    """
    ledger = plan.ledger
    work, full = work_and_capacity(ledger)
    frames = ledger.modules | {
        "running": ledger.running,
        "capacity_per_yr": full.reindex(ledger.pairs),
        "used_per_yr": work.reindex(ledger.pairs),
        "paid": ledger.paid,
    }
    table = pd.DataFrame(
        {name: long(frame, name) for name, frame in frames.items()}
    ).reset_index()
    table = table[(table[list(MODULE_COLUMNS)] != 0).any(axis=1)]
    kinds = ledger.instance.technologies.reindex(table.technology)
    outlay = table.bought * table.pop("paid").to_numpy()
    there = table.capacity_per_yr
    return table.assign(
        utilisation=table.used_per_yr / there.where(there > 0),
        capital_cost=outlay,
        annuity_per_yr=outlay * annuity(ledger.instance, kinds.life_yr.to_numpy()),
    ).reset_index(drop=True)


def infrastructure_table(plan: Plan) -> pd.DataFrame:
    """Infrastructure that stands, as in `views.infrastructure`, without geometry."""
    return _plain(views.infrastructure(plan))


def flows_table(plan: Plan) -> pd.DataFrame:
    """Flows as in `views.flows`, without geometry."""
    return _plain(views.flows(plan))


def zones_table(plan: Plan) -> pd.DataFrame:
    """Zones and periods as in `views.zones`, without geometry."""
    return _plain(views.zones(plan))


def stocks_table(plan: Plan) -> pd.DataFrame:
    """What is held from one period to a later one.

    Columns site, commodity, period (in which it is set aside), until (in which it is
    used), units and t (set aside, all of the period), lost_units (on the way).
    """
    rows = plan.ledger.stocks
    weight = plan.instance.commodities.t_per_unit.reindex(rows.commodity).to_numpy()
    table = rows[list(plan.tables["stocks"].columns)]
    return table.assign(t=weight * rows.units, lost_units=rows.units - rows.left)


def costs_table(plan: Plan) -> pd.DataFrame:
    """Cost by period and kind: period, kind, cost_per_yr, weight (of the period in
    the total), weighted_cost (they add up to `total_cost`), currency."""
    table = plan.ledger.costs
    period = positions(plan.instance.periods.index, table.period)
    weight = weights(plan.instance)[period]
    return table.assign(
        weight=weight,
        weighted_cost=weight * table.cost_per_yr,
        currency=np.full(len(table), plan.instance.settings.currency),
    ).astype({"currency": "str"})


def indicators_table(plan: Plan) -> pd.DataFrame:
    """One row per indicator: indicator, unit, a column per period, and "all"."""
    return measured(plan)


def all_tables(plan: Plan) -> dict[str, pd.DataFrame]:
    """Every table for people, by name; `stocks` where something is held."""
    held = {"stocks": stocks_table(plan)} if len(plan.tables["stocks"]) else {}
    return {
        "sites": sites_table(plan),
        "modules": modules_table(plan),
        "infrastructure": infrastructure_table(plan),
        "flows": flows_table(plan),
        "zones": zones_table(plan),
        "supply": supply_table(plan),
        "costs": costs_table(plan),
        "indicators": indicators_table(plan),
        **held,
    }


def _plain(layer: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(layer.drop(columns="geometry"))
