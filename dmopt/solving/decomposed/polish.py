"""Multipliers by a linear program, where few options and arcs are left.

Steps along violations end slowly where a problem has many ties. What is left after
options have been taken out is often small enough for HiGHS: the relaxation with a
column for each option and each of its arcs within reach, and one way out per zone at
the cost R_j where its reach ends,

    min  sum fixed y + sum (c + slope D) x + sum R_j w_j
    sum_o x_oj + w_j = 1,   x_oj <= y_o,   sum_j D x_oj <= capacity y_o,
    sum_{o of i} y_o = 1,   least <= sum counted y <= most

Its duals of the zones are multipliers like any others: what they prove is computed over
all arcs, as for others.
"""

from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.solving.decomposed.location import ALL, Location
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.program import LinearProgram

MOST_COLUMNS = 20_000
REACH = 0.3
"""Beyond its multiplier, how far a zone's arcs are looked for: share of it."""


def polished(
    location: Location, allow: np.ndarray, u: np.ndarray, seconds: float, cancel: Event
) -> np.ndarray | None:
    """Multipliers (n,) of the options left; None where they are too many, or in vain.

    location is levelled. allow (O,): options left. u (n,): multipliers to look around.
    """
    program = _relaxation(location, allow, u)
    if program is None:
        return None
    answer = run_highs(program, Limits(seconds, 0.0, 0, 1), cancel=cancel)
    if answer.status != "optimal" or answer.dual is None:
        return None
    return answer.dual[: len(u)]


def _relaxation(
    loc: Location, allow: np.ndarray, u: np.ndarray
) -> LinearProgram | None:
    n = len(u)
    reach = np.minimum(u + REACH * np.abs(u) + 1e-9, loc.penalty)
    options = np.flatnonzero(allow)
    serving = np.flatnonzero(allow & (loc.capacity > 0))
    number = np.array([np.count_nonzero(row < reach) for row in loc.cost])
    if int(number[loc.site_of[serving]].sum()) > MOST_COLUMNS:
        return None
    which, zone = np.nonzero(loc.cost[loc.site_of[serving]] < reach)
    option, arcs = serving[which], len(which)
    place = np.full(len(allow), -1)
    place[options] = np.arange(len(options))
    ys, x, w = len(options), len(options) + np.arange(arcs), len(options) + arcs
    demand, site = loc.demand[zone], loc.site_of[option]
    cost = loc.cost[site, zone] + loc.slope[option] * demand
    limited = np.flatnonzero(loc.capacity[serving] < ALL * loc.total)
    row_of = np.full(len(serving), -1)
    row_of[limited] = np.arange(len(limited))
    bound = row_of[which] >= 0
    links, rooms = n + np.arange(arcs), n + arcs
    ones = rooms + len(limited)
    counts = ones + loc.sites
    counted = options[loc.counted[options]]
    triples = [
        (zone, x, np.ones(arcs)),
        (np.arange(n), w + np.arange(n), np.ones(n)),
        (links, x, np.ones(arcs)),
        (links, place[option], -np.ones(arcs)),
        (rooms + row_of[which[bound]], x[bound], demand[bound]),
        (
            rooms + np.arange(len(limited)),
            place[serving[limited]],
            -loc.capacity[serving[limited]],
        ),
        (ones + loc.site_of[options], place[options], np.ones(ys)),
        (np.full(len(counted), counts), place[counted], np.ones(len(counted))),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*triples, strict=True))
    size = w + n
    none = np.full(arcs + len(limited), -np.inf)
    free = np.zeros(arcs + len(limited))
    return LinearProgram(
        A=sp.csr_matrix((value, (row, column)), (counts + 1, size)),
        cost=np.concatenate([loc.fixed[options], cost, reach]),
        offset=0.0,
        low=np.zeros(size),
        high=np.full(size, np.inf),
        row_low=np.concatenate([np.ones(n), none, np.ones(loc.sites), [loc.least]]),
        row_high=np.concatenate([np.ones(n), free, np.ones(loc.sites), [loc.most]]),
        whole=np.zeros(size, bool),
        shares=np.ones(size, bool),
    )
