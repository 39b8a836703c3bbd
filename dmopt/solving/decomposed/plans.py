"""Plans of a location problem: from options to flows, and to better options."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

import numpy as np

from dmopt.solving.decomposed.interchange import interchange, nearest
from dmopt.solving.decomposed.location import Location, Served, priced
from dmopt.solving.decomposed.node import Bounds
from dmopt.solving.decomposed.ranking import rank
from dmopt.solving.decomposed.transport import transport

FRESH = 256
"""Cuts after which arcs are listed anew for them."""
NEAR = 32
"""Sites with which a site exchanges."""
CUTS = 128
MOVES = 64
TRIES = 6
"""Moves tried before they are ranked anew with the cuts that came of it."""
ROUNDS = 20
SAMPLE = 256
"""Zones by which sites are told near."""


@dataclass
class Plans:
    """The best plan so far and what is known of others. location is levelled.

    moves: whether moves are tried, for which each flow leaves a cut.
    """

    location: Location
    offer: Callable[[Served], None]
    over: Callable[[], bool]
    moves: bool = True
    cost: float = np.inf
    choice: np.ndarray | None = None
    seen: dict[bytes, float] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        loc = self.location
        serves = loc.capacity > 0
        best = np.full(loc.sites, -1)
        order = np.lexsort((loc.fixed, -loc.capacity))
        best[loc.site_of[order[::-1]][serves[order[::-1]]]] = order[::-1][
            serves[order[::-1]]
        ]
        self.largest = best  # option with most capacity of each site, or -1
        idle = np.full(loc.sites, -1)
        for o in np.flatnonzero(~serves)[::-1]:
            i = loc.site_of[o]
            if idle[i] < 0 or loc.fixed[o] <= loc.fixed[idle[i]]:
                idle[i] = o
        self.idle = idle
        # More than any site costs: a zone is left only where nothing else can be done.
        far = 4.0 * loc.greatest + 1.0
        self.leaving = np.where(np.isfinite(loc.penalty), loc.penalty, far)
        self.unmet = bool(np.isfinite(loc.penalty).any())
        self._base = np.zeros(CUTS)
        self._pool = np.zeros((len(loc.fixed), CUTS))
        self._cuts, self._bound_at = 0, np.zeros(CUTS)
        self._bounds = Bounds(loc)
        # Prices of room: of the last flows, and of those that moves are tried from.
        self._prices = self._around = np.zeros(loc.sites)
        self._near: np.ndarray | None = None
        self.evaluations = 0

    # --- options to flows

    def value(self, choice: np.ndarray) -> float:
        """Cost of the best flows for these options (m,); inf where there are none."""
        key = choice.tobytes()
        with self.lock:
            if key not in self.seen:
                self.seen[key] = self._value(choice)
            return self.seen[key]

    def _value(self, choice: np.ndarray) -> float:
        loc = self.location
        counted = int(loc.counted[choice].sum())
        if not loc.least <= counted <= loc.most:
            return np.inf
        self.evaluations += 1
        flow, u, site, X = self.flows(choice)
        if not np.isfinite(flow):
            return np.inf
        cost = flow + float(loc.fixed[choice].sum()) + loc.constant
        if self.moves and not loc.simple:
            self.cut(u)
        if cost < self.cost:
            self.cost, self.choice = cost, choice.copy()
            zone, a = np.nonzero(X[:, : len(site)])
            share = X[zone, a] / loc.demand[zone]
            self.offer(priced(loc, choice, site[a], zone, share))
        return cost

    def flows(
        self, choice: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Cost of flows, multipliers, open sites, units (n, open sites ..)."""
        loc = self.location
        site = np.flatnonzero(loc.capacity[choice] > 0)
        n = len(loc.demand)
        if loc.simple:
            opened = np.zeros(loc.sites, bool)
            opened[site] = True
            at, d1, d2 = np.empty(n, np.int64), np.empty(n), np.empty(n)
            cost = nearest(loc.cost, loc.penalty, opened, at, d1, d2)
            X = np.zeros((n, len(site)))
            served = at >= 0
            X[served, np.searchsorted(site, at[served])] = loc.demand[served]
            return cost, d1, site, X
        K = loc.capacity[choice[site]]
        if self.unmet:
            K = np.append(K, np.inf)
        X, u = np.zeros((n, len(K))), np.empty(n)
        if not len(K) or K.sum() < loc.total * (1 - 1e-12):
            return np.inf, loc.demand.copy(), site, X
        prices, pi = self._around.copy(), np.zeros(len(K))
        pi[: len(site)] = prices[site]
        cost = transport(
            loc.cost, loc.demand, loc.penalty, site, loc.slope[choice[site]], K,
            self.unmet, pi, X, u,
        )  # fmt: skip
        if np.isfinite(cost):
            prices[site] = pi[: len(site)]
            self._prices = prices
        return cost, u, site, X

    # --- cuts

    def cut(self, u: np.ndarray) -> None:
        """What multipliers say of every choice of options."""
        loc = self.location
        if self.evaluations % FRESH == 0:
            self._bounds.forget()
        V = self._bounds.values(u)
        if self._cuts < CUTS:
            place = self._cuts
            self._cuts += 1
        else:
            place = int(np.argmin(self._bound_at))
        gain = np.where(np.isfinite(loc.penalty), np.minimum(loc.penalty - u, 0.0), 0.0)
        self._base[place] = u.sum() + gain.sum() + loc.constant
        self._pool[:, place] = V
        self._bound_at[place] = self.evaluations

    # --- better options

    def improve(
        self, choice: np.ndarray, seconds: float, tolerance: float
    ) -> np.ndarray:
        """Search from a choice of options on, as long as it pays; where it ended."""
        if self.location.simple:
            return self._interchange(choice)
        return self._by_moves(choice, seconds, tolerance)

    def _interchange(self, choice: np.ndarray) -> np.ndarray:
        loc = self.location
        opened = loc.capacity[choice] > 0
        forced = self.idle < 0
        opened |= forced & (self.largest >= 0)
        least, most = self.open_range()
        fixed = np.where(
            self.largest >= 0,
            loc.fixed[self.largest] - np.where(forced, 0.0, loc.fixed[self.idle]),
            0.0,
        )
        fixed[forced] = -1e30 if forced.any() else 0.0
        self.fit_count(opened, least, most)
        allowed = self.largest >= 0
        before = np.inf
        while not self.over():  # a few rounds at a time, to be stopped between them
            cost = interchange(
                loc.cost, self.leaving, fixed, least, most, allowed, opened, 1e-9,
                ROUNDS,
            )  # fmt: skip
            if not cost < before - 1e-9 * abs(before):
                break
            before = cost
        found = self.options_of(opened)
        self.value(found)
        return found

    def open_range(self) -> tuple[int, int]:
        loc = self.location
        if not loc.limits_count:
            return 0, loc.sites
        return loc.least, loc.most

    def fit_count(self, opened: np.ndarray, least: int, most: int) -> None:
        """Open or shut sites until their number is in range."""
        able = np.flatnonzero(~opened & (self.largest >= 0))
        if (short := least - int(opened.sum())) > 0:
            opened[able[:short]] = True
        if (over := int(opened.sum()) - most) > 0:
            opened[np.flatnonzero(opened)[:over]] = False

    def options_of(self, opened: np.ndarray) -> np.ndarray:
        """Largest option where open, else the one that does not serve."""
        some = np.where(opened | (self.idle < 0), self.largest, self.idle)
        return np.where(some < 0, self.idle, some).astype(np.int64)

    def _by_moves(
        self, choice: np.ndarray, seconds: float, tolerance: float
    ) -> np.ndarray:
        loc = self.location
        end = time.monotonic() + seconds
        at = self.value(choice)
        self._around = self._prices
        moves, values = np.empty((MOVES, 4), np.int64), np.empty(MOVES)
        while np.isfinite(at) and time.monotonic() < end and not self.over():
            counted = int(loc.counted[choice].sum())
            spare = float(loc.capacity[choice].sum()) - loc.total
            count = rank(
                choice, self._base, self._pool, self._cuts, loc.first, loc.capacity,
                loc.counted, self.near, np.inf if self.unmet else spare,
                counted - loc.least, loc.most - counted, at - tolerance * abs(at),
                moves, values,
            )  # fmt: skip
            tried, better = 0, False
            for a in np.argsort(values[:count]):
                new = choice.copy()
                new[moves[a, 0]] = moves[a, 1]
                if moves[a, 2] >= 0:
                    new[moves[a, 2]] = moves[a, 3]
                known = new.tobytes() in self.seen
                value = self.value(new)
                tried += not known
                if value < at - 0.5 * tolerance * abs(at):
                    at, choice, better = value, new, True
                    self._around = self._prices
                    break
                if tried >= TRIES or time.monotonic() > end:
                    break
            if not better and not tried:
                break
        return choice

    @property
    def near(self) -> np.ndarray:
        """Sites near each site, by what zones pay (m, up to NEAR)."""
        if self._near is None:
            self._near = near_sites(self.location, NEAR)
        return self._near


def near_sites(location: Location, count: int) -> np.ndarray:
    """Of each site the sites that serve zones at about the same cost, nearest first."""
    m, n = location.cost.shape
    sample = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(int))
    cost = location.cost[:, sample] / location.demand[sample]
    finite = np.isfinite(cost)
    cost = np.where(finite, cost, 2 * cost[finite].max(initial=1.0))
    count = min(count, m - 1)
    near = np.empty((m, count), np.int64)
    for i in range(m):
        # Zones near either site tell them apart; far ones hardly.
        apart = np.abs(cost - cost[i]).sum(axis=1)
        apart[i] = np.inf
        closest = np.argpartition(apart, count - 1)[:count] if count else near[i]
        near[i] = closest[np.argsort(apart[closest], kind="stable")]
    return near
