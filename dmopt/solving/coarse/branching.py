"""Which total to split: the one that raises the bound most on both sides.

A side's gain is guessed from earlier splits of the same total: mean gain for each unit
that the total was away from that side's limit (pseudo-costs). Totals never split are
tried out first. Source: Achterberg, Koch, Martin (2005), "Branching rules revisited".
"""

from dataclasses import dataclass

import numpy as np

WHOLE = 1e-5
"""Distance from a whole number up to which a total is one."""
BELOW, ABOVE = 0, 1


def fractions(values: np.ndarray) -> np.ndarray:
    """How far above a whole number each value is, 0 where it is one itself."""
    above = values - np.floor(values + WHOLE)
    return np.where((above > WHOLE) & (above < 1 - WHOLE), above, 0.0)


@dataclass
class Gains:
    """Sum and count, (T, 2) each, of the gains per unit seen below and above.

    money (T,): cost of one more, a first guess.
    """

    money: np.ndarray
    total: np.ndarray
    count: np.ndarray

    @staticmethod
    def of(money: np.ndarray) -> "Gains":
        shape = len(money), 2
        return Gains(money, np.zeros(shape), np.zeros(shape, int))

    def saw(self, total: int, side: int, gain: float, distance: float) -> None:
        self.total[total, side] += gain / distance
        self.count[total, side] += 1

    def order(self, fraction: np.ndarray, tries: int) -> np.ndarray:
        """Totals to try: up to `tries` never split yet, those that round to the most
        money first, and the one that promises most of those known."""
        known = self.count.min(1) > 0
        split = np.flatnonzero(fraction > 0)
        new, old = split[~known[split]], split[known[split]]
        rounded = self.money[new] * np.minimum(fraction[new], 1 - fraction[new])
        new = new[np.argsort(-rounded, kind="stable")[:tries]]
        if not len(old):
            return new
        mean = self.total[old] / self.count[old]
        below, above = mean[:, 0] * fraction[old], mean[:, 1] * (1 - fraction[old])
        return np.append(new, old[np.argmax(worth(below, above))])


def worth(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Both gains count; a side that gains nothing does not cancel the other."""
    least = 1e-6 * np.maximum(below, above)
    return np.maximum(below, least) * np.maximum(above, least)
