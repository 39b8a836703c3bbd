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

from dmopt.proof.located import Located
from dmopt.proof.options import Options, parts_of
from dmopt.solving.decomposed.location import Location, Served
from dmopt.solving.decomposed.splitting import inseparable
from dmopt.solving.problem import Problem

IN_TOTAL = ("in_total", "enough")
"""Rows of formulation/supply.py: they join sites and follow from the flows."""
CLOSE = 1e-7
"""Relative, how closely rows must hold for an option as it is read off."""
IMPLIED = 1e-8


@dataclass(frozen=True)
class Structure:
    """A problem as location. located: sites' options, and the check of bounds.

    site_part (m,): part of each site. chosen (O,): option of `located` that each option
    of the location is; stands (C,): which of them stands for an option of `located`
    (-1: of no site). rest: options of parts that send nothing. order, key (X,):
    deliveries by site and zone. counts: rows that count,
    their place in `located.linking` and what one option counts in them. served:
    columns of modules.
    """

    problem: Problem
    located: Located
    location: Location
    chosen: np.ndarray
    stands: np.ndarray
    rest: np.ndarray
    order: np.ndarray
    key: np.ndarray
    counts: "Counts"
    served: np.ndarray

    def solution(self, plan: Served) -> np.ndarray:
        """All columns of the problem's program for a plan."""
        layer, d = self.problem.layer, self.problem.decisions
        n, zones = d.size, len(layer.quantity)
        x = np.zeros(n + layer.columns)
        at = np.searchsorted(self.key, plan.site * zones + plan.zone)
        x[n + self.order[at]] = plan.share
        served = np.bincount(plan.zone, plan.share, minlength=zones)
        short = np.where(layer.may_fall_short, np.maximum(1.0 - served, 0.0), 0.0)
        short[short < 1e-12] = 0.0
        x[n + len(layer.x_to) + len(layer.y_to) :] = short
        sent = np.bincount(
            plan.site, plan.share * layer.quantity[plan.zone], self.location.sites
        )
        options = np.concatenate([self.chosen[plan.option], self.rest])
        sends = np.concatenate([sent, np.zeros(len(self.rest))])
        columns, value = _values(self.located.found, d.cost, options, sends)
        x[columns] = value
        market = layer.gates.market
        x[market] = np.bincount(layer.market_of, short * layer.quantity, len(market))
        return x

    def options_in(self, x: np.ndarray) -> np.ndarray | None:
        """Options (m,) that a solution of all columns has; None where some have been
        left out as no better than others."""
        options, loc = self.located.found, self.location
        place = np.full(len(options.of), -1)
        place[self.chosen] = np.arange(len(self.chosen))
        whole = self.problem.decisions.whole[options.column]
        entry = np.flatnonzero((place[options.option] >= 0) & whole)
        differs = np.abs(options.at[entry] - x[options.column[entry]]) > 0.5
        apart = np.bincount(
            place[options.option[entry]], differs, minlength=len(self.chosen)
        )
        same = np.flatnonzero(apart == 0)
        found = np.full(loc.sites, -1)
        found[loc.site_of[same]] = same
        return found if (found >= 0).all() else None

    def cost(self, x: np.ndarray) -> float:
        """Cost of a solution of all columns."""
        d, layer = self.problem.decisions, self.problem.layer
        parts = np.split(x[d.size :], np.cumsum([len(layer.x_to), len(layer.y_to)]))
        return float(
            d.offset
            + d.cost @ x[: d.size]
            + layer.x_cost @ parts[0]
            + layer.short_cost @ parts[2]
        )


def structure_of(problem: Problem) -> Structure | str:
    """The problem as location, or why it is none."""
    try:
        return _Reading(problem).structure()
    except NotLocation as reason:
        return str(reason)


def unlike(problem: Problem) -> str:
    """Why a problem is not location with options, or "": as `structure_of`, without
    going through the deliveries."""
    try:
        _Reading(problem).read()
    except NotLocation as reason:
        return str(reason)
    return ""


class NotLocation(Exception):
    """Why a problem is not location with options, in words."""


Counts = tuple[tuple[int, float], ...]
"""Rows that count: place in `linking`, and what one option counts there."""


@dataclass(frozen=True)
class _Read:
    """Of each option (C,): fixed cost, slope, whether it counts; and the count."""

    fixed: np.ndarray
    slope: np.ndarray
    counted: np.ndarray
    least: int
    most: int
    counts: Counts


@dataclass(frozen=True)
class _Reading:
    problem: Problem

    def read(self) -> _Read:
        """Everything but the costs of deliveries; raises NotLocation."""
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
        return _Read(fixed, slope, counted, least, most, counts)

    def structure(self) -> Structure:
        read = self.read()
        options = self.located.found
        layer, d = self.problem.layer, self.problem.decisions
        site_of_part = np.full(self.parts, -1)
        site_of_part[self.site_part] = np.arange(len(self.site_part))
        stands = self._stands(site_of_part, read)
        kept = np.flatnonzero(stands == np.arange(len(stands)))
        site = site_of_part[options.of[kept]]
        kept = kept[np.argsort(site, kind="stable")]
        site = np.sort(site)
        rest = self._rest(site_of_part, read.fixed)
        count, zones = len(self.site_part), len(layer.quantity)
        cost = np.full((count, zones), np.inf)
        cost[layer.x_from, layer.x_to] = layer.x_cost
        key = layer.x_from.astype(np.int64) * zones + layer.x_to
        order = np.argsort(key, kind="stable")
        penalty = layer.short_cost + layer.quantity * d.cost[layer.gates.market][0]
        location = Location(
            cost=cost,
            demand=layer.quantity,
            penalty=np.where(layer.may_fall_short, penalty, np.inf),
            first=np.searchsorted(site, np.arange(count + 1)),
            fixed=read.fixed[kept],
            slope=read.slope[kept],
            capacity=options.capacity[kept],
            counted=read.counted[kept],
            least=read.least,
            most=read.most,
            constant=d.offset + float(read.fixed[rest].sum()),
        )
        if _counts_serving(self.served, located=self.located, site=self.site_part):
            location = location.covered()
        return Structure(
            self.problem, self.located, location, kept, stands, rest, order, key[order],
            read.counts, self.served,
        )  # fmt: skip

    def _flows(self) -> Iterator[str]:
        layer, d = self.problem.layer, self.problem.decisions
        gates = layer.gates
        if not len(layer.quantity) or not len(gates.output):
            yield "there is no demand or no site"
            return
        if reason := self.located.unfit():
            yield self._joins() if "together" in reason else reason
            return
        if len(gates.market) != 1:
            yield "there are several markets (products or periods)"
            return
        if len(layer.side.most):
            yield "rules ask something of flows"
        if layer.x_mode.any():
            yield "there are several ways from a site to a zone"
        if layer.whole.any() or (layer.x_most < 1).any():
            yield "deliveries are all or nothing, or limited one by one"
        wanted = float(layer.quantity.sum())
        if layer.may_fall_short.any() and d.high[gates.market[0]] < wanted * (
            1 - CLOSE
        ):
            yield "unmet demand is limited in total"
        if d.low[gates.market[0]] > 0:
            yield "some demand must stay unmet"

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
        market[self.problem.layer.gates.market] = True
        _, part = parts_of(d, of_rule | in_total, market)
        rows = d.A.tocoo()
        counts = (rows.data != 0) & ((d.low != 0) | (d.high != 0))[rows.col]
        row, named = rows.row[counts], part[rows.col[counts]]
        least, greatest = np.full(d.A.shape[0], np.inf), np.full(d.A.shape[0], -1.0)
        np.minimum.at(least, row, named)
        np.maximum.at(greatest, row, named)
        within = (least == greatest) & (least >= 0)
        joining = in_total | (of_rule & ~within)
        return Located(d, self.problem.layer, np.flatnonzero(joining))

    @cached_property
    def served(self) -> np.ndarray:
        """Columns of modules: their total may be the number of sites that serve."""
        columns = self.problem.decisions.column["modules"].values()
        return np.fromiter(columns, int, len(columns))

    @cached_property
    def site_part(self) -> np.ndarray:
        return self.located.found.part[self.problem.layer.gates.output]

    @cached_property
    def parts(self) -> int:
        return int(self.located.found.part.max()) + 1

    def _attained(self) -> None:
        """Each option is possible as it is read off, sending nothing and sending all it
        can: then also all between, at a cost that is a line."""
        d, options = self.problem.decisions, self.located.found
        rows = np.ones(d.A.shape[0], bool)
        rows[self.located.linking] = False
        rows &= d.A[:, self.problem.layer.gates.market].getnnz(axis=1) == 0
        A, size = d.A[rows], abs(d.A[rows])
        low, high = d.row_low[rows], d.row_high[rows]
        begin = np.searchsorted(options.of, np.arange(self.parts + 1))
        count = np.diff(begin)
        if not (count > 0).all():
            raise NotLocation("a site has no option at all")
        for nth in range(int(count.max())):
            chosen = begin[:-1] + np.minimum(nth, count - 1)
            for sent in (0.0, 1.0):
                columns, value = _values(
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
            line = _line(options, a[options.column])
            if line is None:
                raise NotLocation(self._named(row))
            at, per = line
            if self._follows(row, a, at, per):
                continue
            size = float(at.max(initial=0.0))
            ones = at == size
            unmet = a[self.problem.layer.gates.market].any()
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
        d, options, layer = (
            self.problem.decisions,
            self.located.found,
            self.problem.layer,
        )
        low, high = d.row_low[row], d.row_high[row]
        if np.isfinite(high) or not np.isfinite(low):
            return False
        wanted = float(layer.quantity.sum())
        unit = low / wanted
        enough = unit * (1 - IMPLIED)
        sent = options.capacity
        # At both ends of 0 .. capacity, so between them too.
        fits = (at >= 0) & (at + per * sent >= enough * sent)
        return bool(
            fits.all()
            and a[layer.gates.market[0]] >= enough * layer.may_fall_short.any()
        )

    def _stands(self, site_of_part: np.ndarray, read: _Read) -> np.ndarray:
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

    def _rest(self, site_of_part: np.ndarray, fixed: np.ndarray) -> np.ndarray:
        """The cheapest option of each part that sends nothing."""
        options = self.located.found
        order = np.lexsort((fixed, options.of))
        _, first = np.unique(options.of[order], return_index=True)
        best = order[first]
        return best[site_of_part[options.of[best]] < 0]


def _counts_serving(columns: np.ndarray, located: Located, site: np.ndarray) -> bool:
    """Whether the total of these whole columns is 1 at a site that can send anything
    and 0 at one that cannot, in every option."""
    options = located.found
    mine = np.isin(options.column, columns)
    value = np.bincount(options.option[mine], options.at[mine], len(options.of))
    at_site = np.isin(options.of, site)
    serves = (options.capacity > 0).astype(float)
    return bool(
        located.decisions.whole[columns].all()
        and (value[at_site] == serves[at_site]).all()
        and (value[~at_site] == 0).all()
    )


def _line(options: Options, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """What each option's columns come to with these weights (E,), as a line  at + per q
    (C,); None where it is none."""
    o, count = options.option, len(options.of)
    shares = options.share > 0
    if (weight[~options.tied & ~shares] != 0).any():
        return None
    at = np.bincount(o, weight * options.at, count)
    per = np.bincount(o, weight * options.per, count)
    least, greatest = np.full(count, np.inf), np.full(count, -np.inf)
    ratio = weight[shares] / options.share[shares]
    np.minimum.at(least, o[shares], ratio)
    np.maximum.at(greatest, o[shares], ratio)
    some = np.isfinite(least)
    if (greatest - least)[some].max(initial=0.0) > 1e-12 * np.abs(weight).max():
        return None
    unit = np.where(some, least, 0.0)
    return at - unit * options.base, per + unit


def _values(
    options: Options, cost: np.ndarray, chosen: np.ndarray, sent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Columns and their values where some options are chosen that send so much."""
    place = np.full(len(options.of), -1)
    place[chosen] = np.arange(len(chosen))
    entry = np.flatnonzero(place[options.option] >= 0)
    q = sent[place[options.option[entry]]]
    line = options.at[entry] + options.per[entry] * q
    column = options.column[entry]
    end = np.where(cost[column] >= 0, options.low[entry], options.high[entry])
    # Columns that share what is sent do so by what each of them can.
    share, option = options.share[entry], options.option[entry]
    low, room = options.low[entry], options.high[entry] - options.low[entry]
    count = len(options.of)
    some = np.where(share > 0, share, 0.0)
    with np.errstate(invalid="ignore"):
        all_room = np.bincount(option, np.where(share > 0, some * room, 0.0), count)
    least = options.base + np.bincount(option, some * low, count)
    part = (q - least[option]) / np.where(all_room > 0, all_room, 1.0)[option]
    shared = low + np.clip(part, 0.0, 1.0) * np.where(share > 0, room, 0.0)
    value = np.where(options.tied[entry], line, np.where(share > 0, shared, end))
    return column, value
