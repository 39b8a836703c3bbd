"""What worlds pay each other for common totals: payments that prove ever more.

Each world w, told to pay pay_w for one more of each total of whole decisions, costs at
least L_w(pay_w), and where payments add up to nothing, a bound on all worlds is

    sum_w p_w L_w(pay_w)      sum_w p_w pay_w = 0

L_w is the least over what the world may choose, so that each choice seen (point k:
what it costs without payments, totals T[w,k]) is a plane above it; where strong rows
have come since it may lie below, and payments are then given up too early. The next
payments are the best under these planes, in a box around the best so far (centre):

    minimise  sum_w p_w (sum_k a[w,k] dear[w,k] + up over + down under)
    (link)    sum_k a[w,k] T[w,k] - common - over + under = 0      per world and total
    (choice)  sum_k a[w,k] = 1                                     per world

    dear[w,k]     what point k costs with the payments of the centre, less the least
                  that any point of the world does
    common        totals that all worlds agree on: free, so that changes of payments,
                  the prices of (link) over -p_w, add up to nothing
    over, under   what is missing to agree: they keep payments in the box

The box grows where payments prove more, and shrinks where they do not (cutting planes
in a box, Marsten, Hogan and Blankenship 1975). One world of many may have to pay for
what it alone needs, as dear as all worlds together: so the box is wider upwards, and
the wider the more is paid.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Limits, Options, run_highs
from dmopt.solving.program import LinearProgram

LEAST_MONEY = 1e-4
"""Of the dearest total: what the cheapest counts as in the size of a box."""
UPWARDS = 2.0
"""How many times wider a box is upwards."""
TOGETHER = 1e-9
"""Relative difference of totals up to which they are the same."""
NOTHING = 1e-9
"""A total that is none."""
PLAIN: Options = {"presolve": "off"}


@dataclass(frozen=True)
class Points:
    """What worlds chose: world (K,), cost (K,) without payments, totals (K, T)."""

    world: np.ndarray
    cost: np.ndarray
    totals: np.ndarray

    @staticmethod
    def none(totals: int) -> "Points":
        return Points(np.empty(0, int), np.empty(0), np.empty((0, totals)))

    def with_(self, cost: np.ndarray, totals: np.ndarray) -> "Points":
        """And one more of each world, (W,) and (W, T)."""
        return Points(
            np.concatenate([self.world, np.arange(len(cost))]),
            np.concatenate([self.cost, cost]),
            np.concatenate([self.totals, totals]),
        )

    def within(self, low: np.ndarray, high: np.ndarray) -> "Points":
        """Those within limits of the totals, (T,) each."""
        room = TOGETHER * np.maximum(1.0, np.abs(self.totals))
        inside = (self.totals >= low - room) & (self.totals <= high + room)
        kept = inside.all(axis=1)
        return Points(self.world[kept], self.cost[kept], self.totals[kept])


@dataclass(frozen=True)
class Offer:
    """pay (W, T): by weight they add up to nothing. hoped: what they prove at most,
    money. common (T,): totals that worlds would agree on."""

    pay: np.ndarray
    hoped: float
    common: np.ndarray


def next_payments(
    points: Points,
    weight: np.ndarray,
    centre: np.ndarray,
    money: np.ndarray,
    size: float,
    seed: int,
) -> Offer | None:
    """The best payments in a box around `centre` (W, T) under all planes; None where
    no answer was found. Every world has a point.

    weight (W,). money (T,): cost of one more of each total. size: of the box, as a
    share of that and of what is paid.
    """
    W, T = centre.shape
    K, at = len(points.cost), np.arange(W * T)
    least = LEAST_MONEY * max(float(money.max(initial=0.0)), 1.0)
    wide = size * (np.maximum(money, least) + np.abs(centre))
    row = (points.world[:, None] * T + np.arange(T)).ravel()
    each = np.repeat(np.arange(K), T)
    totals = np.where(np.abs(points.totals) > NOTHING, points.totals, 0.0)
    chosen = sp.csr_matrix((totals.ravel(), (row, each)), (W * T, K))
    chosen.eliminate_zeros()
    common = sp.csr_matrix((-np.ones(W * T), (at, at % T)), (W * T, T))
    rest = sp.eye(W * T)
    link = sp.hstack([chosen, common, -rest, rest])
    ones = sp.csr_matrix((np.ones(K), (points.world, np.arange(K))), (W, K))
    choice = sp.hstack([ones, sp.csr_matrix((W, T + 2 * W * T))])
    by = weight[:, None]
    dear = points.cost + (centre[points.world] * points.totals).sum(axis=1)
    floor = np.full(W, np.inf)
    np.minimum.at(floor, points.world, dear)
    dear -= floor[points.world]
    over, under = by * UPWARDS * wide, by * wide
    columns = K + T + 2 * W * T
    right = np.concatenate([np.zeros(W * T), np.ones(W)])
    low = np.zeros(columns)
    low[K : K + T] = -np.inf
    program = LinearProgram(
        A=sp.csr_matrix(sp.vstack([link, choice])),
        cost=np.concatenate(
            [
                weight[points.world] * dear,
                np.zeros(T),
                over.ravel(),
                under.ravel(),
            ]
        ),
        offset=0.0,
        low=low,
        high=np.full(columns, np.inf),
        row_low=right,
        row_high=right,
        whole=np.zeros(columns, bool),
        shares=np.arange(columns) < K,
    )
    # with presolve HiGHS (1.16) takes some of these, which have a solution, for endless
    answer = run_highs(
        program, Limits(60.0, 1e-9, seed, 1), solver="simplex", options=PLAIN
    )
    if answer.status != "optimal" or answer.dual is None or answer.x is None:
        return None
    pay = centre - answer.dual[: W * T].reshape(W, T) / by
    hoped = float(weight @ floor) + answer.cost
    return Offer(settled(pay, weight), hoped, answer.x[K : K + T])


def settled(pay: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The payments (W, T) less their mean: by weight they add up to nothing."""
    return np.asarray(pay - weight @ pay / weight.sum())
