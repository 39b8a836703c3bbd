"""What of a problem is location with options at each site, and what is not.

Recognised from the two layers alone, row by row: each row either lies within one site,
whose options are gone through one by one (proof/options.py), or counts options of
sites, or follows from what the sites send:  for some a, for every option and all that
it sends q,

    its part of the row  >= a q,    unmet's coefficient >= a,    right side <= a demand

Anything else, and the problem is none: the reason is told in words. No row is dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmopt.flows.layer import Demands
from dmopt.proof.located import Located
from dmopt.proof.options import parts_of
from dmopt.solving.decomposed.optionwise import line_of, values_of
from dmopt.solving.decomposed.splitting import inseparable
from dmopt.solving.problem import Problem

IN_TOTAL = ("in_total", "enough")
"""Rows of formulation/supply.py: they join sites and follow from the flows."""
CLOSE = 1e-7
"""Relative, how closely rows must hold for an option as it is read off."""
IMPLIED = 1e-8


class NotLocation(Exception):
    """Why a problem is not location with options, in words."""


Counts = tuple[tuple[int, float], ...]
"""Rows that count: place in `linking`, and what one option counts there."""


@dataclass(frozen=True)
class Read:
    """Of each option (C,): fixed cost, slope, whether it counts; and the count."""

    fixed: np.ndarray
    slope: np.ndarray
    counted: np.ndarray
    least: int
    most: int
    counts: Counts


@dataclass(frozen=True)
class Reading:
    problem: Problem

    @property
    def demands(self) -> Demands:
        return self.problem.flows.demands

    def read(self) -> Read:
        """Raises NotLocation."""
        for reason in self._flows():
            raise NotLocation(reason)
        options, d = self.located.found, self.problem.decisions
        self._attained()
        fixed, slope, _ = options.cost(d.cost, np.zeros(d.size))
        if not np.isfinite(fixed).all():
            raise NotLocation("something earns money without limit")
        each, o = d.cost[options.column], options.option
        shared = options.share > 0
        unit = np.full(len(options.of), np.inf)
        ratio = each[shared] / options.share[shared]
        np.minimum.at(unit, o[shared], ratio)
        if (ratio > unit[o[shared]] + CLOSE * np.abs(ratio)).any():
            raise NotLocation("machines side by side cost differently per unit")
        counted, least, most, counts = self._joined()
        return Read(fixed, slope, counted, least, most, counts)

    def _flows(self) -> Iterator[str]:
        """What does not fit, the cheapest to see first."""
        demands, d = self.demands, self.problem.decisions
        gates = demands.gates
        if not len(demands.quantity) or not len(gates.output):
            yield "there is no demand or no site"
        if len(gates.market) != 1:
            yield "there are several markets (products or periods)"
        wanted, market = float(demands.quantity.sum()), gates.market[0]
        if demands.may_fall_short.any() and d.high[market] < wanted * (1 - CLOSE):
            yield "unmet demand is limited in total"
        if d.low[market] > 0:
            yield "some demand must stay unmet"
        if isinstance(self.problem.flows.costs, str):
            yield self.problem.flows.costs
        if reason := self.located.unfit():
            yield self._joins() if "together" in reason else reason
        outside = np.ones(d.A.shape[0], bool)
        outside[self.located.linking] = False
        if d.A[outside][:, gates.market].getnnz():
            yield "a row of its own is about unmet demand"

    def _joins(self) -> str:
        """Which families of rows lie across what should be sites."""
        d = self.problem.decisions
        usual = {"change", "stand", "room", "balance", "capacity", "made_here"}
        names = {name for name, _, _ in d.row_keys} - usual - set(IN_TOTAL)
        said = ", ".join(sorted(names)) or "periods or products"
        return f"sites are decided together ({said})"

    @cached_property
    def located(self) -> Located:
        """Rows of rules and of supply in total are left out of sites, unless they lie
        within one."""
        d = self.problem.decisions
        of_rule = np.array([bool(rule) for _, _, rule in d.row_keys], bool)
        in_total = np.array([name in IN_TOTAL for name, _, _ in d.row_keys], bool)
        market = np.zeros(d.size, bool)
        market[self.demands.gates.market] = True
        _, part = parts_of(d, of_rule | in_total, market)
        rows = d.A.tocoo()
        counts = (rows.data != 0) & ((d.low != 0) | (d.high != 0))[rows.col]
        row, named = rows.row[counts], part[rows.col[counts]]
        least, greatest = np.full(d.A.shape[0], np.inf), np.full(d.A.shape[0], -1.0)
        np.minimum.at(least, row, named)
        np.maximum.at(greatest, row, named)
        within = (least == greatest) & (least >= 0)
        joining = in_total | (of_rule & ~within)
        costs = self.problem.flows.costs
        assert not isinstance(costs, str)
        return Located(d, self.demands, costs, np.flatnonzero(joining))

    @cached_property
    def served(self) -> np.ndarray:
        """Columns of modules: their total may be the number of sites that serve."""
        columns = self.problem.decisions.column["modules"].values()
        return np.fromiter(columns, int, len(columns))

    @cached_property
    def site_part(self) -> np.ndarray:
        return self.located.found.part[self.demands.gates.output]

    @cached_property
    def parts(self) -> int:
        return int(self.located.found.part.max()) + 1

    def _attained(self) -> None:
        """Each option is possible as it is read off, sending nothing and sending all it
        can: then also all between, at a cost that is a line."""
        d, options = self.problem.decisions, self.located.found
        rows = np.ones(d.A.shape[0], bool)
        rows[self.located.linking] = False
        A, size = d.A[rows], abs(d.A[rows])
        low, high = d.row_low[rows], d.row_high[rows]
        begin = np.searchsorted(options.of, np.arange(self.parts + 1))
        count = np.diff(begin)
        if not (count > 0).all():
            raise NotLocation("a site has no option at all")
        for nth in range(int(count.max())):
            chosen = begin[:-1] + np.minimum(nth, count - 1)
            for sent in (0.0, 1.0):
                columns, value = values_of(
                    options, d.cost, chosen, sent * options.capacity[chosen]
                )
                x = np.zeros(d.size)
                x[columns] = value
                room = CLOSE * (size @ np.abs(x) + 1.0)
                Ax = A @ x
                if not (
                    (Ax >= low - room).all()
                    and (Ax <= high + room).all()
                    and (x >= d.low - CLOSE * (1 + np.abs(x))).all()
                    and (x <= d.high + CLOSE * (1 + np.abs(x))).all()
                ):
                    raise NotLocation(
                        "what a site sends has a least amount or a cost "
                        "that is no straight line"
                    )

    def _joined(self) -> tuple[np.ndarray, int, int, Counts]:
        """What rows that join sites say: which options count (C,), least, most, and
        which rows say so."""
        d, options, located = self.problem.decisions, self.located.found, self.located
        counted: np.ndarray | None = None
        least, most = 0, len(self.site_part)
        counts: list[tuple[int, float]] = []
        for place, row in enumerate(located.linking.tolist()):
            entries = slice(d.A.indptr[row], d.A.indptr[row + 1])
            a = np.zeros(d.size)
            a[d.A.indices[entries]] = d.A.data[entries]
            line = line_of(options, a[options.column])
            if line is None:
                raise NotLocation(self._named(row))
            at, per = line
            if self._follows(row, a, at, per):
                continue
            size = float(at.max(initial=0.0))
            ones = at == size
            unmet = a[self.demands.gates.market].any()
            if unmet or per.any() or size <= 0 or not (ones | (at == 0)).all():
                raise NotLocation(self._named(row))
            if counted is not None and (counted != ones).any():
                raise NotLocation("several rules count different sites")
            if not np.isin(options.of[ones], self.site_part).all():
                raise NotLocation(self._named(row))
            counted = ones
            counts.append((place, size))
            low, high = d.row_low[row] / size, d.row_high[row] / size
            least = max(least, int(np.ceil(low - CLOSE)) if np.isfinite(low) else 0)
            most = min(most, int(np.floor(high + CLOSE)) if np.isfinite(high) else most)
        none = np.zeros(len(options.of), bool)
        return none if counted is None else counted, least, most, tuple(counts)

    def _named(self, row: int) -> str:
        name, _, rule = self.problem.decisions.row_keys[row]
        if rule:
            return f"rule {rule} joins sites in another way than by counting them"
        return f"rows ({name}) join sites"

    def _follows(
        self, row: int, a: np.ndarray, at: np.ndarray, per: np.ndarray
    ) -> bool:
        """Whether a row follows from what sites send and what is unmet."""
        d, options, demands = self.problem.decisions, self.located.found, self.demands
        low, high = d.row_low[row], d.row_high[row]
        if np.isfinite(high) or not np.isfinite(low):
            return False
        wanted = float(demands.quantity.sum())
        unit = low / wanted
        enough = unit * (1 - IMPLIED)
        sent = options.capacity
        # At both ends of 0 .. capacity, so between them too.
        fits = (at >= 0) & (at + per * sent >= enough * sent)
        return bool(
            fits.all()
            and a[demands.gates.market[0]] >= enough * demands.may_fall_short.any()
        )

    def stands(self, site_of_part: np.ndarray, read: Read) -> np.ndarray:
        """Of each option (C,) the one that stands for it: itself, or one of the same
        site that is at least as good and counts alike; -1 for parts that send nothing.

        Of several the most alike one, so that a split hardly ever parts the two.
        """
        options, stands = self.located.found, np.full(len(read.fixed), -1)
        begin = np.searchsorted(options.of, np.arange(self.parts + 1))
        entry = np.searchsorted(options.option, np.arange(len(options.of) + 1))
        for part in np.flatnonzero(site_of_part >= 0):
            mine = np.arange(begin[part], begin[part + 1])
            f, s, k = read.fixed[mine], read.slope[mine], read.counted[mine]
            q = options.capacity[mine]
            better = (
                (f[:, None] <= f)
                & ((s[:, None] <= s) | (q == 0))
                & (q[:, None] >= q)
                & (k[:, None] == k)
            )
            # Of equals the first stays.
            better &= ~better.T | (mine[:, None] < mine)
            np.fill_diagonal(better, False)
            stays = ~better.any(axis=0)
            # All options of a part have the same columns in the same order.
            value = options.at[entry[mine[0]] : entry[mine[-1] + 1]]
            value = value.reshape(len(mine), -1)
            alike = (value[:, None] == value).sum(axis=2)
            by = np.where(better & stays[:, None], alike, -1).argmax(axis=0)
            stands[mine] = np.where(stays, mine, mine[by])
        alike = inseparable(options, self.problem.decisions.whole, stands)
        loose = np.isin(options.of, alike)
        stands[loose] = np.flatnonzero(loose)
        return stands

    def rest(self, site_of_part: np.ndarray, fixed: np.ndarray) -> np.ndarray:
        """The cheapest option of each part that sends nothing."""
        options = self.located.found
        order = np.lexsort((fixed, options.of))
        _, first = np.unique(options.of[order], return_index=True)
        best = order[first]
        return best[site_of_part[options.of[best]] < 0]
