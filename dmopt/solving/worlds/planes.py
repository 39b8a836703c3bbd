"""Totals of whole decisions at which all worlds cost least, from planes below.

V_w(t), what the relaxation of world w costs where totals are t, is convex. What it
costs at totals seen (point k) and what one more of each adds there make a plane that it
lies above. The least of all worlds under all planes,

    minimise  sum_w p_w theta_w
    theta_w >= base[k] + slope[k] t     each plane k of world w
    low <= t <= high                    a part of all plans

is no more than what any plan with totals within these limits costs, as far as the
relaxations say. In a box around the best totals seen it tells which to try next: the
box grows where they cost less as hoped, and shrinks where they do not (multicuts, Birge
and Louveaux 1988, in a trust region, Linderoth and Wright 2003).

What a world would have to pay the others for one more of each, to agree on these
totals: the mean of all worlds' slopes less that of its own, by the prices of the rows
of its planes. With these payments worlds apart prove as much (apart.py).
"""

from dataclasses import dataclass
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.program import LinearProgram


@dataclass(frozen=True)
class Planes:
    """world (K,), base (K,) money, slope (K, T) money for one more of each total."""

    world: np.ndarray
    base: np.ndarray
    slope: np.ndarray

    @staticmethod
    def flat(value: np.ndarray, totals: int) -> "Planes":
        """One for each world, which costs no less (W,) whatever the totals are."""
        return Planes(
            np.arange(len(value)), value.copy(), np.zeros((len(value), totals))
        )

    def with_(
        self, totals: np.ndarray, value: np.ndarray, slope: np.ndarray
    ) -> "Planes":
        """And one more of each world, which costs (W,) at totals (T,), and (W, T) more
        for one more of each."""
        return Planes(
            np.concatenate([self.world, np.arange(len(value))]),
            np.concatenate([self.base, value - slope @ totals]),
            np.concatenate([self.slope, slope]),
        )

    def least(
        self,
        weight: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        seed: int,
        stop: Event | None = None,
    ) -> "Least | None":
        """Where all worlds cost least, within limits (T,) of the totals; None where
        stopped, or none are within them. weight (W,): of the worlds, they add up to 1.
        """
        (K, T), W = self.slope.shape, len(weight)
        theta = sp.csr_matrix((np.ones(K), (np.arange(K), self.world)), (K, W))
        endless = np.full(W, np.inf)
        program = LinearProgram(
            A=sp.csr_matrix(sp.hstack([sp.csr_matrix(-self.slope), theta])),
            cost=np.concatenate([np.zeros(T), weight]),
            offset=0.0,
            low=np.concatenate([low, -endless]),
            high=np.concatenate([high, endless]),
            row_low=self.base,
            row_high=np.full(K, np.inf),
            whole=np.zeros(T + W, bool),
            shares=np.arange(T + W) < T,
        )
        limits = Limits(60.0, 1e-9, seed, 1)
        answer = run_highs(program, limits, solver="simplex", cancel=stop)
        if answer.status != "optimal" or answer.dual is None or answer.x is None:
            return None
        share = answer.dual / np.where(weight > 0, weight, 1.0)[self.world]
        pay = np.zeros((W, T))
        np.add.at(pay, self.world, -share[:, None] * self.slope)
        return Least(answer.cost, answer.x[:T], settled(pay, weight))


@dataclass(frozen=True)
class Least:
    """value: money, all worlds by weight. totals (T,): where it is. pay (W, T): what
    each world pays for one more of each; by weight that adds up to nothing."""

    value: float
    totals: np.ndarray
    pay: np.ndarray


def settled(pay: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The payments (W, T) less their mean: by weight they add up to nothing."""
    return np.asarray(pay - weight @ pay / weight.sum())
