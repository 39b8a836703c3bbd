"""A location problem in arrays: sites with options, zones to serve.

    minimise   sum_i fixed[o_i] + slope[o_i] q_i + sum_ij cost[i, j] x_ij
               + sum_j penalty[j] short_j + constant
    with       sum_i x_ij + short_j = 1,   q_i = sum_j demand[j] x_ij <= capacity[o_i],
               least <= sum_i counted[o_i] <= most,   0 <= x <= 1

where o_i is the one option that site i has: shut, or open with some modules. So
uncapacitated location, p-median, location with capacities and with modules are one.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

BLOCK = 1_000_000
"""Costs looked at in one go."""
ALL = 1 - 1e-9
"""Share of all demand that is as good as all of it."""


@dataclass(frozen=True)
class Location:
    """cost (m, n): money of serving all of zone j from site i; inf: it cannot.

    demand (n,), above 0. penalty (n,): money of not serving a zone; inf: it must be.
    first (m + 1,): options of site i are first[i] .. first[i + 1]. Of each option (O,):
    fixed money, slope money per unit, capacity units, counted 0 or 1 (bool).
    least, most: of counted options chosen. covers: `least` is not asked for, but fewer
    serving options could not send all demand.
    """

    cost: np.ndarray
    demand: np.ndarray
    penalty: np.ndarray
    first: np.ndarray
    fixed: np.ndarray
    slope: np.ndarray
    capacity: np.ndarray
    counted: np.ndarray
    least: int
    most: int
    constant: float = 0.0
    covers: bool = False

    @property
    def sites(self) -> int:
        return len(self.first) - 1

    @cached_property
    def site_of(self) -> np.ndarray:
        """Site of each option, (O,)."""
        return np.repeat(np.arange(self.sites), np.diff(self.first))

    @cached_property
    def total(self) -> float:
        return float(self.demand.sum())

    @cached_property
    def lowest(self) -> np.ndarray:
        """Least cost of serving each zone (n,), inf where no site can."""
        lowest: np.ndarray = self.cost.min(axis=0)
        return lowest

    @cached_property
    def greatest(self) -> float:
        """Greatest cost there is: of serving a zone, or of an option."""
        # Row by row: a second matrix of this size may not fit.
        rows = (np.abs(row[np.isfinite(row)]).max(initial=0.0) for row in self.cost)
        return max(float(max(rows)), float(np.abs(self.fixed).max()))

    @cached_property
    def limits_count(self) -> bool:
        """Whether the number of counted options matters at all."""
        return self.least > 0 or self.most < self.sites

    @cached_property
    def simple(self) -> bool:
        """Whether each site has at most one option to serve from, and that without
        limit: uncapacitated location or p-median."""
        serves = self.capacity > 0
        alone = np.bincount(self.site_of[serves], minlength=self.sites) <= 1
        idle = np.bincount(self.site_of[~serves], minlength=self.sites) <= 1
        endless = self.capacity[serves] >= ALL * self.total
        plain = not self.limits_count or bool((self.counted == serves).all())
        return bool(plain and alone.all() and idle.all() and endless.all())

    @cached_property
    def cover(self) -> int:
        """Least number of sites that can send all demand; 0 where it may stay unmet."""
        if np.isfinite(self.penalty).any():
            return 0
        room = np.cumsum(self.largest_first)
        return 1 + int((room < ALL * self.total).sum())

    @cached_property
    def largest_first(self) -> np.ndarray:
        """Most that each site can send, falling (m,)."""
        return -np.sort(-np.maximum.reduceat(self.capacity, self.first[:-1]))

    def covered(self) -> "Location":
        """The same with the least number of sites that serve, where nothing else is
        counted."""
        serves = self.capacity > 0
        if self.limits_count or self.simple or not 1 < self.cover <= self.sites:
            return self
        return replace(self, counted=serves, least=self.cover, covers=True)

    def levelled(self) -> "Location":
        """The same with the least slope of each site in its costs of serving."""
        serves = self.capacity > 0
        least = np.full(self.sites, np.inf)
        np.minimum.at(least, self.site_of[serves], self.slope[serves])
        least = np.where(np.isfinite(least), least, 0.0)
        if not least.any():
            return self
        return replace(
            self,
            cost=self.cost + least[:, None] * self.demand,
            slope=np.where(serves, self.slope - least[self.site_of], 0.0),
        )


@dataclass(frozen=True)
class Served:
    """A plan of a location problem: option (m,) of each site; who brings what.

    site, zone, share (F,): deliveries with a share above 0. cost: all of it, money.
    """

    option: np.ndarray
    site: np.ndarray
    zone: np.ndarray
    share: np.ndarray
    cost: float


def priced(
    location: Location,
    option: np.ndarray,
    site: np.ndarray,
    zone: np.ndarray,
    share: np.ndarray,
) -> Served:
    """A plan with what it costs."""
    sent = np.bincount(site, share * location.demand[zone], minlength=location.sites)
    served = np.bincount(zone, share, minlength=len(location.demand))
    short = np.where(np.isfinite(location.penalty), np.maximum(1.0 - served, 0.0), 0.0)
    short[short < 1e-12] = 0.0
    owed = np.where(short > 0, location.penalty, 0.0)
    cost = (
        location.constant
        + float(location.fixed[option].sum())
        + float((location.slope[option] * sent).sum())
        + float((location.cost[site, zone] * share).sum())
        + float((owed * short).sum())
    )
    return Served(option, site, zone, share, cost)


def merged(location: Location) -> Location:
    """The problem with zones that look alike as one: those with the same two cheapest
    sites, which then are served alike. What serves them so costs the same in both."""
    cost = location.cost
    # A block at a time: of a country a second matrix as large as its costs may not fit.
    step = max(1, BLOCK // location.sites)
    two = [
        np.sort(np.argpartition(some, min(1, len(some) - 1), axis=0)[:2], axis=0)
        for some in (cost[:, at : at + step] for at in range(0, cost.shape[1], step))
    ]
    _, group = np.unique(np.hstack(two), axis=1, return_inverse=True)
    group = np.ravel(group)
    order = np.argsort(group, kind="stable")
    begin = np.flatnonzero(np.diff(group[order], prepend=-1))
    return replace(
        location,
        cost=np.stack([np.add.reduceat(row[order], begin) for row in cost]),
        demand=np.add.reduceat(location.demand[order], begin),
        penalty=np.add.reduceat(location.penalty[order], begin),
    )
