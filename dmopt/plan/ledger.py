"""What follows from a plan by arithmetic: the books that checks, costs and tables read.

Quantities over time are wide frames: one row per thing, one column per period of
the instance, in its order, 0 where the plan has no row. Everything is computed at
most once per ledger; a ledger is made for one use and thrown away.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan import moves, quantities
from dmopt.plan.frames import all_wide, before, positions, wide
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

    def not_yet(self, ordered: pd.DataFrame, setup_yr: np.ndarray) -> pd.DataFrame:
        """How much of all that was ordered so far is not there yet, per period."""
        missing = np.einsum("nut,nu->nt", self.late(setup_yr), ordered.to_numpy(float))
        return pd.DataFrame(missing, index=ordered.index, columns=ordered.columns)

    # sites

    @cached_property
    def open(self) -> pd.DataFrame:
        """Sites x periods, 0/1."""
        rows = self.plan.tables["opened"].assign(count=1)
        opened = wide(rows, ["site"], "count", self.periods).clip(upper=1)
        return opened.reindex(self.instance.sites.index.rename("site"), fill_value=0)

    @cached_property
    def _change(self) -> pd.DataFrame:
        """Sites x periods: 1 opens, -1 closes; committed sites do neither."""
        status = self.instance.sites.status
        stood = (status == "existing").astype(int)
        change = self.open - before(self.open, stood)
        return change.mul((status != "committed").to_numpy(int), axis=0)

    @cached_property
    def opening(self) -> pd.DataFrame:
        """Sites x periods, 0/1: opens at the start of the period."""
        return self._change.clip(lower=0)

    @cached_property
    def closing(self) -> pd.DataFrame:
        """Sites x periods, 0/1: closes at the start of the period."""
        return -self._change.clip(upper=0)

    # modules

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Modules given as standing, sites x technologies."""
        rows = self.instance.standing_modules
        table = rows.groupby(["site", "technology"]).modules.sum().unstack(fill_value=0)
        return table.reindex(
            index=self.instance.sites.index.rename("site"),
            columns=self.instance.technologies.index.rename("technology"),
            fill_value=0,
        )

    @cached_property
    def limit(self) -> pd.DataFrame:
        """Most modules that may stand, sites x technologies."""
        sites, standing = self.instance.sites, self.standing
        most = standing.copy()
        for name, technology in self.instance.technologies.iterrows():
            classes = [c.strip() for c in technology.site_classes.split(";")]
            classes = [c for c in classes if c]
            fits = sites["class"].isin(classes) if classes else True
            most[name] = np.where(fits, technology.max_modules, 0)
        status = sites.status.to_numpy()[:, None]
        more = np.where(status == "existing", np.maximum(most, standing), most)
        more = np.where(status == "committed", standing, more)
        more = np.where(status == "excluded", 0, more)
        return pd.DataFrame(more, index=most.index, columns=most.columns)

    @cached_property
    def pairs(self) -> pd.MultiIndex:
        """(site, technology) of every module that stands, stood or is said to."""
        named = self.plan.tables["modules"][["site", "technology"]]
        given = self.instance.standing_modules[["site", "technology"]]
        pairs = pd.concat([named, given]).drop_duplicates()
        return pd.MultiIndex.from_frame(pairs).sort_values()

    @cached_property
    def modules(self) -> dict[str, pd.DataFrame]:
        """`modules`, `bought`, `sold`, `moved_in`, `moved_out`: pairs x periods."""
        rows = self.plan.tables["modules"]
        by = ["site", "technology"]
        frames = all_wide(rows, by, MODULE_COLUMNS, self.periods)
        return {
            column: frame.reindex(self.pairs, fill_value=0)
            for column, frame in frames.items()
        }

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
        return self.modules["modules"] - self.not_yet(self.modules["bought"], setup)

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
        rows = self.plan.tables["infrastructure"]
        by = ["infrastructure", "location"]
        return wide(rows, by, column, self.periods).reindex(
            self.locations.index, fill_value=0
        )

    @cached_property
    def live(self) -> pd.DataFrame:
        """Steps less the share not set up yet, locations x periods."""
        setup = self.locations.setup_yr.to_numpy(float)
        return self.steps - self.not_yet(self.built, setup)

    @cached_property
    def uses(self) -> pd.DataFrame:
        """(site, infrastructure, location) x periods, 0/1."""
        by = ["site", "infrastructure", "location"]
        rows = self.plan.tables["uses"].assign(count=1)
        return wide(rows, by, "count", self.periods).clip(upper=1)

    @cached_property
    def connecting(self) -> pd.DataFrame:
        """As `uses`: 1 where a site is connected at the start of the period."""
        return (self.uses - before(self.uses, 0)).clip(lower=0)

    # quantities, long

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Activity with the figures of its recipe: see `quantities.activity`."""
        return quantities.activity(self.instance, self.plan)

    @cached_property
    def work(self) -> pd.DataFrame:
        """Capacity taken, (site, technology) x periods; only where there is some."""
        by = ["site", "technology"]
        return wide(self.activity, by, "work", self.periods).astype(float)

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

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Flows with distance, cost and emissions: see `moves.moves`."""
        return moves.moves(self.instance, self.plan.tables["flows"])
