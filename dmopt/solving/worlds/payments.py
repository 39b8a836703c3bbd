"""What worlds pay each other for common totals: payments that prove ever more.

Each world w, told to pay pay_w for one more of each total of whole decisions, costs at
least L_w(pay_w), and where payments add up to nothing, a bound on all worlds is

    sum_w p_w L_w(pay_w)      sum_w p_w pay_w = 0

L_w is the least over what the world may choose, so that each choice seen (point k:
what it costs without payments, totals T[w,k]) is a plane above it. The next payments
are the best under these planes, in a box around the best so far:

    minimise  sum_w p_w (sum_k a[w,k] cost[w,k] + over (centre + up) + under (down - centre))
    (link)    sum_k a[w,k] T[w,k] - common - over + under = 0      per world and total
    (choice)  sum_k a[w,k] = 1                                     per world

    common        totals that all worlds agree on: free, so that payments, the prices of
                  (link) over -p_w, add up to nothing
    over, under   what is missing to agree: they keep payments in the box

The box grows where payments prove more, and shrinks where they do not (cutting planes
in a box, Marsten, Hogan and Blankenship 1975). One world of many may have to pay for
what it alone needs, as dear as all worlds together: so the box is wider upwards, and
the wider the more is paid.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.program import LinearProgram

LEAST_MONEY = 1e-4
"""Of the dearest total: what the cheapest counts as in the size of a box."""
UPWARDS = 2.0
"""How many times wider a box is upwards."""
TOGETHER = 1e-9
"""Relative difference of totals up to which they are the same."""


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
    chosen = sp.csr_matrix((points.totals.ravel(), (row, each)), (W * T, K))
    common = sp.csr_matrix((-np.ones(W * T), (at, at % T)), (W * T, T))
    rest = sp.eye(W * T)
    link = sp.hstack([chosen, common, -rest, rest])
    ones = sp.csr_matrix((np.ones(K), (points.world, np.arange(K))), (W, K))
    choice = sp.hstack([ones, sp.csr_matrix((W, T + 2 * W * T))])
    by = weight[:, None]
    over, under = by * (centre + UPWARDS * wide), by * (wide - centre)
    columns = K + T + 2 * W * T
    right = np.concatenate([np.zeros(W * T), np.ones(W)])
    low = np.zeros(columns)
    low[K : K + T] = -np.inf
    program = LinearProgram(
        A=sp.csr_matrix(sp.vstack([link, choice])),
        cost=np.concatenate(
            [weight[points.world] * points.cost, np.zeros(T), over.ravel(), under.ravel()]
        ),
        offset=0.0,
        low=low,
        high=np.full(columns, np.inf),
        row_low=right,
        row_high=right,
        whole=np.zeros(columns, bool),
        shares=np.arange(columns) < K,
    )
    answer = run_highs(program, Limits(60.0, 1e-9, seed, 1), solver="simplex")
    if answer.status != "optimal" or answer.dual is None or answer.x is None:
        return None
    pay = -answer.dual[: W * T].reshape(W, T) / by
    return Offer(settled(pay, weight), answer.cost, answer.x[K : K + T])


def settled(pay: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The payments (W, T) less their mean: by weight they add up to nothing."""
    return np.asarray(pay - weight @ pay / weight.sum())

