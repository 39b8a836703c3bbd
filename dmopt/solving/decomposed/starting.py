"""Where a search begins: first sites, first multipliers, options from averages."""

import numpy as np

from dmopt.solving.decomposed.location import Location
from dmopt.solving.decomposed.plans import Plans


def first_open(location: Location, plans: Plans, seed: int) -> np.ndarray:
    """Sites (m,) bool spread over the demand: the next one stands at a zone drawn by
    what it pays now (k-means++), until that saves less than a site costs, or until
    there is room for all demand."""
    loc, random = location, np.random.default_rng(seed)
    able = plans.largest >= 0
    if not able.any():
        return able
    fixed = np.where(able, loc.fixed[plans.largest], np.inf)
    capacity = np.where(able, loc.capacity[plans.largest], 0.0)
    least, most = plans.open_range()
    opened = np.zeros(loc.sites, bool)
    d1 = plans.leaving.copy()
    low = np.where(np.isfinite(loc.lowest), loc.lowest, 0.0)
    room, usual = 0.0, float(np.median(fixed[able]))
    while opened.sum() < min(most, able.sum()):
        weight = np.maximum(d1 - low, 0.0) + 1e-12
        j = int(random.choice(len(d1), p=weight / weight.sum()))
        column = np.where(able & ~opened, loc.cost[:, j], np.inf)
        i = int(np.argmin(column))
        if not np.isfinite(column[i]):
            i = int(np.flatnonzero(able & ~opened)[0])
        saved = float(np.maximum(d1 - loc.cost[i], 0.0).sum())
        full = room >= loc.total or plans.unmet
        if opened.sum() >= least and opened.any() and full and saved < usual:
            break
        opened[i] = True
        room += capacity[i]
        d1 = np.minimum(d1, loc.cost[i])
        if usual <= 0 and opened.sum() >= max(least, 1) and loc.limits_count:
            break
    return opened


def first_multipliers(
    location: Location, opened: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Between the cost of the nearest and the second nearest open site, (n,)."""
    cost = location.cost[opened]
    if not len(cost):
        return np.clip(np.where(np.isfinite(high), high, low), low, high)
    if len(cost) == 1:
        first = second = cost[0]
    else:
        first, second = np.partition(cost, 1, axis=0)[:2]
    first = np.where(np.isfinite(first), first, np.where(np.isfinite(low), low, 0.0))
    second = np.where(np.isfinite(second), second, first)
    return np.clip(0.6 * first + 0.4 * np.minimum(second, 3 * first), low, high)


def rounded(
    location: Location, plans: Plans, mean: np.ndarray, scale: float
) -> np.ndarray:
    """Options (m,) that the averages (O,) of an ascent point to, with room for all."""
    loc = location
    serves = loc.capacity > 0
    weight = np.where(serves, mean, 0.0)
    total = np.add.reduceat(weight, loc.first[:-1])
    able = plans.largest >= 0
    forced = plans.idle < 0
    least, most = plans.open_range()
    number = int(np.clip(round(total.sum() * scale), max(least, 1), most))
    rank = np.where(able, total + forced * 1e6, -1.0)
    order = np.argsort(-rank, kind="stable")
    opened = np.zeros(loc.sites, bool)
    opened[order[:number]] = True
    opened &= able
    if loc.simple:
        return plans.options_of(opened)
    choice = plans.options_of(np.zeros(loc.sites, bool))
    for i in np.flatnonzero(opened):
        mine = np.arange(loc.first[i], loc.first[i + 1])
        mine = mine[serves[mine]]
        choice[i] = mine[np.argmax(weight[mine])]
    if not plans.unmet:
        _make_room(loc, plans, choice, order, weight, most)
    _fit_count(loc, choice)
    return choice


def shaken(
    location: Location, plans: Plans, mean: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """The best plan's options with a few changed, where averages are least decided."""
    loc = location
    assert plans.choice is not None
    choice = plans.choice.copy()
    first = loc.first[:-1]
    serves = np.where(loc.capacity > 0, mean, 0.0)
    opened = np.add.reduceat(serves, first)
    now = loc.capacity[choice] > 0
    # Open where averages say shut, or shut where they say open: likely to change.
    doubt = np.maximum(np.where(now, 1.0 - opened, opened), 0.0) + 0.02
    doubt[np.diff(loc.first) < 2] = 0.0
    count = min(int(random.integers(2, 6)), int((doubt > 0).sum()))
    if not count:
        return choice
    for i in random.choice(loc.sites, count, replace=False, p=doubt / doubt.sum()):
        mine = np.arange(loc.first[i], loc.first[i + 1])
        mine = mine[mine != choice[i]]
        weight = mean[mine] + 0.02
        choice[i] = int(random.choice(mine, p=weight / weight.sum()))
    if not plans.unmet and not loc.simple:
        order = np.argsort(-opened, kind="stable")
        _, most = plans.open_range()
        _make_room(loc, plans, choice, order, serves, most)
    _fit_count(loc, choice)
    return choice


def _fit_count(loc: Location, choice: np.ndarray) -> None:
    """Cheapest changes of options until as many count as may."""
    while True:
        counted = loc.counted[choice]
        short = int(counted.sum()) < loc.least
        if not short and int(counted.sum()) <= loc.most:
            return
        # A site with more room than it had at no less cost is not made poorer.
        able = (loc.counted == short) & (counted[loc.site_of] != short)
        if not able.any():
            return
        lost = np.maximum(loc.capacity[choice][loc.site_of] - loc.capacity, 0.0)
        extra = loc.fixed - loc.fixed[choice][loc.site_of]
        rank = np.where(able, extra + 1e6 * lost, np.inf)
        o = int(np.argmin(rank))
        choice[loc.site_of[o]] = o


def _make_room(
    loc: Location,
    plans: Plans,
    choice: np.ndarray,
    order: np.ndarray,
    weight: np.ndarray,
    most: int,
) -> None:
    """Larger options and more sites until they can send all demand."""
    wanted = loc.total * (1 + 1e-9)
    room = float(loc.capacity[choice].sum())
    for i in order:
        if room >= wanted:
            return
        shut = loc.capacity[choice[i]] <= 0
        if plans.largest[i] < 0 or (shut and loc.counted[choice].sum() >= most):
            continue
        mine = np.arange(loc.first[i], loc.first[i + 1])
        more = mine[loc.capacity[mine] > loc.capacity[choice[i]]]
        if len(more):
            # The smallest that is enough, else the likeliest, else the largest.
            gain = loc.capacity[more] - loc.capacity[choice[i]]
            enough = more[gain >= wanted - room]
            if len(enough):
                to = enough[np.argmin(loc.capacity[enough])]
            else:
                to = more[np.argmax(weight[more] + 1e-9 * gain / loc.total)]
            room += float(loc.capacity[to] - loc.capacity[choice[i]])
            choice[i] = to
    for i in order:
        if room >= wanted:
            return
        if plans.largest[i] >= 0 and (
            loc.capacity[choice[i]] > 0 or loc.counted[choice].sum() < most
        ):
            room += float(loc.capacity[plans.largest[i]] - loc.capacity[choice[i]])
            choice[i] = plans.largest[i]
