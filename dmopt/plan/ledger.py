"""What follows from a plan by arithmetic: the books that checks, costs and tables read.

Quantities over time are wide frames: one row per thing, one column per period of
the instance, in its order, 0 where the plan has no row. Everything is computed at most
once per ledger, and a plan has one (`Plan.ledger`); its tables are not to be changed.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan import later, moves, quantities
from dmopt.plan.frames import (
    before,
    cells,
    grouped,
    names_in,
    over_time,
    positions,
    rows_of,
    wide,
)
from dmopt.plan.plan import Plan

MODULE_COLUMNS = ("modules", "bought", "sold", "moved_in", "moved_out")


@dataclass(frozen=True)
class Ledger:
    """A plan read against an instance; the plan names only what the instance has."""

    instance: Instance
    plan: Plan

    @cached_property
    def periods(self) -> pd.Index:
        return self.instance.periods.index.rename("period")

    @cached_property
    def years(self) -> np.ndarray:
        """Length of each period, shape (periods,)."""
        return self.instance.periods.years.to_numpy(float)

    def per_period(self, rows: pd.DataFrame, amount: pd.Series) -> np.ndarray:
        """Sum of an amount over the rows of each period, (periods,); NaN stays."""
        period = positions(self.periods, rows.period)
        return np.bincount(period, amount.to_numpy(float), len(self.periods))

    def _like(self, frame: pd.DataFrame, amounts: np.ndarray) -> pd.DataFrame:
        """Other amounts of the same things, things x periods."""
        return pd.DataFrame(amounts, frame.index, self.periods)

    def late(self, setup_yr: np.ndarray) -> np.ndarray:
        """1 - ready[n, t', t]: share of period t in which what was ordered for t' is
        not there yet; 0 for t' > t. Shape (n, periods, periods)."""
        start = self.instance.periods.start_year.to_numpy(float)
        ordered = start.copy()
        decided = self.instance.settings.decision_year
        if decided is not None:
            ordered[0] = decided
        span = (start + self.years)[None, None, :] - ordered[None, :, None]
        ready = np.clip((span - setup_yr[:, None, None]) / self.years, 0.0, 1.0)
        if decided is None:
            ready[:, 0, :] = 1.0
        return np.triu(1.0 - ready)

    def not_yet(self, ordered: pd.DataFrame, setup_yr: np.ndarray) -> np.ndarray:
        """How much of all that was ordered so far is not there yet, per period."""
        return np.einsum("nut,nu->nt", self.late(setup_yr), ordered.to_numpy(float))

    # sites

    @cached_property
    def open(self) -> pd.DataFrame:
        """Sites x periods, 0/1."""
        rows = self.plan.tables["opened"].assign(count=1)
        sites = self.instance.sites.index.rename("site")
        row = positions(sites, rows.site)
        opened = over_time(rows, "count", row, sites, self.periods)
        return self._like(opened, np.minimum(opened.to_numpy(), 1))

    @cached_property
    def _change(self) -> np.ndarray:
        """Sites x periods: 1 opens, -1 closes; committed sites do neither."""
        status = self.instance.sites.status.to_numpy(object)
        stood = (status == "existing").astype(int)
        change = self.open.to_numpy() - before(self.open, stood)
        return change * (status != "committed")[:, None]

    @cached_property
    def opening(self) -> pd.DataFrame:
        """Sites x periods, 0/1: opens at the start of the period."""
        return self._like(self.open, np.maximum(self._change, 0))

    @cached_property
    def closing(self) -> pd.DataFrame:
        """Sites x periods, 0/1: closes at the start of the period."""
        return self._like(self.open, -np.minimum(self._change, 0))

    # modules

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Modules given as standing, sites x technologies."""
        rows = self.instance.standing_modules
        sites, kinds = self.instance.sites.index, self.instance.technologies.index
        modules = np.zeros((len(sites), len(kinds)), int)
        where = positions(sites, rows.site), positions(kinds, rows.technology)
        np.add.at(modules, where, rows.modules.to_numpy())
        return pd.DataFrame(modules, sites.rename("site"), kinds.rename("technology"))

    @cached_property
    def limit(self) -> pd.DataFrame:
        """Most modules that may stand, sites x technologies."""
        kinds, standing = self.instance.technologies, self.standing.to_numpy()
        site_class = self.instance.sites["class"].tolist()
        status = self.instance.sites.status.to_numpy(object)[:, None]
        most = np.zeros(standing.shape, int)
        given = zip(kinds.site_classes, kinds.max_modules, strict=True)
        for kind, (text, max_modules) in enumerate(given):
            classes = [name.strip() for name in text.split(";") if name.strip()]
            fits = [not classes or name in classes for name in site_class]
            most[:, kind] = np.where(fits, max_modules, 0)
        more = np.where(status == "existing", np.maximum(most, standing), most)
        more = np.where(status == "committed", standing, more)
        more = np.where(status == "excluded", 0, more)
        return pd.DataFrame(more, self.standing.index, self.standing.columns)

    @cached_property
    def pairs(self) -> pd.MultiIndex:
        """(site, technology) of every module that stands, stood or is said to."""
        by = ["site", "technology"]
        tables = self.plan.tables["modules"], self.instance.standing_modules
        both = [
            np.concatenate([t[name].to_numpy(object) for t in tables]) for name in by
        ]
        return cast(pd.MultiIndex, grouped(both, by)[1])

    @cached_property
    def modules(self) -> dict[str, pd.DataFrame]:
        """`modules`, `bought`, `sold`, `moved_in`, `moved_out`: pairs x periods."""
        rows = self.plan.tables["modules"]
        row = rows_of(names_in(rows, ["site", "technology"]), self.pairs.tolist())
        return {
            column: over_time(rows, column, row, self.pairs, self.periods)
            for column in MODULE_COLUMNS
        }

    @cached_property
    def paid_so_far(self) -> pd.DataFrame:
        """Mean price of all modules of its technology bought so far, pairs x periods;
        the first price where none is."""
        number, money = self._bought_so_far
        return self._price_of_pairs(number, money)

    @cached_property
    def paid(self) -> pd.DataFrame:
        """Mean price of the modules of its technology bought for the period, pairs x
        periods; the first price where none is."""
        number, money = (
            np.diff(each, axis=1, prepend=0.0) for each in self._bought_so_far
        )
        return self._price_of_pairs(number, money)

    @cached_property
    def _bought_so_far(self) -> tuple[np.ndarray, np.ndarray]:
        """Modules bought so far at all sites, and what they cost: technologies x
        periods.

        capital_cost N + sum_j (price[j] - price[j-1]) max(N - bought[j], 0)
        """
        kinds, given = self.instance.technologies, self.instance.module_prices
        number = np.zeros((len(kinds), len(self.periods)))
        so_far = self.modules["bought"].to_numpy().cumsum(axis=1)
        np.add.at(number, self._kind_of_pairs, so_far)
        price = kinds.capital_cost.to_numpy(float).copy()
        money = number * price[:, None]
        steps = given.sort_values("bought")
        row_of = positions(kinds.index, steps.technology)
        begins, prices = (steps[c].to_numpy(float) for c in ("bought", "capital_cost"))
        for row, begin, lower in zip(row_of, begins, prices, strict=True):
            beyond = np.maximum(number[row] - begin, 0.0)
            money[row] += (lower - price[row]) * beyond
            price[row] = lower
        return number, money

    @cached_property
    def _kind_of_pairs(self) -> np.ndarray:
        """Row of `technologies` of each pair, (pairs,)."""
        names = self.pairs.get_level_values("technology")
        return positions(self.instance.technologies.index, names)

    def _price_of_pairs(self, number: np.ndarray, money: np.ndarray) -> pd.DataFrame:
        first = self.instance.technologies.capital_cost.to_numpy(float)
        mean = np.repeat(first[:, None], len(self.periods), axis=1)
        np.divide(money, number, out=mean, where=number > 0)
        return pd.DataFrame(mean[self._kind_of_pairs], self.pairs, self.periods)

    @cached_property
    def lowest_price(self) -> np.ndarray:
        """Lowest price of each pair's technology, (pairs,): what a sale counts."""
        low = self.instance.module_prices.groupby("technology").capital_cost.min()
        own = self.of_pairs("capital_cost").astype(float)
        named = low.reindex(self.pairs.get_level_values("technology")).to_numpy(float)
        return np.fmin(own, named)

    def of_pairs(self, column: str) -> np.ndarray:
        """A column of `technologies` for each pair, shape (pairs,)."""
        names = self.pairs.get_level_values("technology")
        return self.instance.technologies[column].reindex(names).to_numpy()

    def site_of_pairs(self, column: str) -> np.ndarray:
        """A column of `sites` for each pair, shape (pairs,)."""
        names = self.pairs.get_level_values("site")
        return self.instance.sites[column].reindex(names).to_numpy()

    def per_pair(self, table: pd.DataFrame) -> np.ndarray:
        """A sites x technologies table for each pair, shape (pairs,)."""
        row = table.index.get_indexer(self.pairs.get_level_values("site"))
        column = table.columns.get_indexer(self.pairs.get_level_values("technology"))
        return table.to_numpy()[row, column]

    @cached_property
    def running(self) -> pd.DataFrame:
        """Modules less the share not set up yet, pairs x periods."""
        setup = self.of_pairs("setup_yr").astype(float)
        modules, bought = self.modules["modules"], self.modules["bought"]
        return self._like(modules, modules.to_numpy() - self.not_yet(bought, setup))

    # infrastructure

    @cached_property
    def locations(self) -> pd.DataFrame:
        """Locations with the figures of their infrastructure: see `quantities`."""
        return quantities.locations(self.instance)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Locations x periods."""
        return self._of_locations("steps")

    @cached_property
    def built(self) -> pd.DataFrame:
        """Locations x periods."""
        return self._of_locations("built")

    def _of_locations(self, column: str) -> pd.DataFrame:
        rows, places = self.plan.tables["infrastructure"], self.locations.index
        row = rows_of(names_in(rows, ["infrastructure", "location"]), places.tolist())
        return over_time(rows, column, row, places, self.periods)

    @cached_property
    def live(self) -> pd.DataFrame:
        """Steps less the share not set up yet, locations x periods."""
        setup = self.locations.setup_yr.to_numpy(float)
        there = self.steps.to_numpy() - self.not_yet(self.built, setup)
        return self._like(self.steps, there)

    @cached_property
    def uses(self) -> pd.DataFrame:
        """(site, infrastructure, location) x periods, 0/1."""
        by = ["site", "infrastructure", "location"]
        rows = self.plan.tables["uses"].assign(count=1)
        uses = wide(rows, by, "count", self.periods)
        return self._like(uses, np.minimum(uses.to_numpy(), 1))

    @cached_property
    def connecting(self) -> pd.DataFrame:
        """As `uses`: 1 where a site is connected at the start of the period."""
        more = self.uses.to_numpy() - before(self.uses, 0)
        return self._like(self.uses, np.maximum(more, 0))

    # quantities, long

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Activity with the figures of its recipe: see `quantities.activity`."""
        return quantities.activity(self.instance, self.plan)

    @cached_property
    def work(self) -> pd.DataFrame:
        """Capacity taken, (site, technology) x periods; only where there is some."""
        by = ["site", "technology"]
        return wide(self.activity, by, "work", self.periods)

    @cached_property
    def items(self) -> pd.DataFrame:
        """What activity makes and uses up: see `quantities.items`."""
        return quantities.items(self.instance, self.activity)

    @cached_property
    def needs(self) -> pd.DataFrame:
        """Services needed: see `quantities.needs`."""
        return quantities.needs(self.instance, self.plan)

    @cached_property
    def most_needed(self) -> pd.DataFrame:
        """Most of each service a site can need, sites x services."""
        return quantities.most_needed(self.instance, self.limit)

    # stock

    @cached_property
    def middle(self) -> np.ndarray:
        """Middle of each period in years, shape (periods,)."""
        return self.instance.periods.start_year.to_numpy(float) + self.years / 2

    @cached_property
    def stocks(self) -> pd.DataFrame:
        """What is set aside, with the figures of its stock: see `quantities.stocks`."""
        return quantities.stocks(self.instance, self.plan, self.middle)

    @cached_property
    def carried(self) -> pd.DataFrame:
        """Units carried into the next period: see `later.carried`."""
        return later.carried(self.stocks, self.middle, self.periods)

    def most_stock(self, things: pd.Index) -> np.ndarray:
        """max_units of each (site, commodity); infinity where there is no limit."""
        return self._of_stocks(things, "max_units", np.inf)

    def _of_stocks(self, things: pd.Index, column: str, none: float) -> np.ndarray:
        table = self.instance.stocks_by_site
        row = rows_of(things.tolist(), names_in(table, ["site", "commodity"]))
        return np.nan_to_num(cells(table[column], row), nan=none)

    @cached_property
    def holding_cost(self) -> pd.DataFrame:
        """(site, commodity) x periods: holding what is carried into the next period,
        money of one year."""
        until_next = np.append(np.diff(self.middle), 0.0)
        each = self._of_stocks(self.carried.index, "holding_cost_per_yr", 0.0)
        money = each[:, None] * until_next / self.years * self.carried.to_numpy()
        return self._like(self.carried, money)

    # promises

    @cached_property
    def promises(self) -> pd.DataFrame:
        """Promises, and how much of each stands: see `later.promises`."""
        return later.promises(self.instance, self.plan)

    @cached_property
    def broken_promises(self) -> pd.DataFrame:
        """period and cost_per_yr of what is fewer than promised at a price."""
        rows = self.promises.dropna(subset="change_cost")
        fewer = (rows["count"] - rows.there).clip(lower=0.0)
        length = self.years[positions(self.periods, rows.period)]
        return rows[["period"]].assign(cost_per_yr=rows.change_cost * fewer / length)

    # returns

    @cached_property
    def returned(self) -> pd.DataFrame:
        """Units/yr that came back to zones, and what sites took of it: came, collected;
        index (zone, commodity, period)."""
        return quantities.returned(self.instance, self.flows)

    @cached_property
    def left_at_zones(self) -> pd.DataFrame:
        """What came back and no site took: commodity, period, quantity_per_yr and
        cost_per_yr (money of one year)."""
        return quantities.left_at_zones(self.instance, self.returned)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Flows with distance, cost and emissions: see `moves.moves`."""
        return moves.moves(self.instance, self.plan.tables["flows"])

    @cached_property
    def costs(self) -> pd.DataFrame:
        """What all of it costs, by period and kind: see `costs.cost_table`."""
        from dmopt.plan.costs import cost_table_of

        return cost_table_of(self)
