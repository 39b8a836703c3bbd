"""What an origin gains by selling: the worth of deliveries at prices of demands.

With the gain of each delivery,  gain[a] = u - cost  for all of its demand, an origin o
that pays p for a unit takes every delivery whose gain by the unit is above p:

    F[o](p) = max { sum (gain - p D) x : 0 <= x <= most }
            = sum max(0, gain - p D) most

Deliveries are sorted once by gain a unit; then F at any p is a place in that order.
"""

from dataclasses import dataclass

import numpy as np

EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Worth:
    """Deliveries in order of origin, then of gain a unit, the greatest first.

    order (X,): their numbers. begin (O + 1,): where each origin's begin. ratio (X,):
    gain a unit. units, gains (X + 1,): sums of what all before ask for and gain.
    size (O,): sum of the absolute gains of each origin.
    """

    order: np.ndarray
    begin: np.ndarray
    ratio: np.ndarray
    units: np.ndarray
    gains: np.ndarray
    size: np.ndarray

    @staticmethod
    def of(
        origin: np.ndarray, gain: np.ndarray, units: np.ndarray, origins: int
    ) -> "Worth":
        """origin, gain, units (X,): of each delivery; `units` what it asks for at most,
        above 0, and `gain` what it gains by that."""
        ratio = gain / units
        order = np.argsort(-ratio)
        small = np.uint16 if origins < 2**16 else np.int64  # sorted by its digits
        order = order[np.argsort(origin[order].astype(small), kind="stable")]
        begin = np.searchsorted(origin[order], np.arange(origins + 1))
        gain, units = gain[order], units[order]
        return Worth(
            order,
            begin,
            ratio[order],
            np.concatenate([[0.0], np.cumsum(units)]),
            np.concatenate([[0.0], np.cumsum(gain)]),
            np.bincount(origin[order], np.abs(gain), origins),
        )

    def taken(self, origin: np.ndarray, price: np.ndarray) -> np.ndarray:
        """Place behind the last delivery that gains more than the price, (X,) each."""
        low, high = self.begin[origin], self.begin[origin + 1]
        longest = int(np.max(high - low, initial=0))
        for _ in range(longest.bit_length()):
            open_to = low < high
            middle = (low + high) // 2
            above = self.ratio[np.minimum(middle, len(self.ratio) - 1)] > price
            low = np.where(open_to & above, middle + 1, low)
            high = np.where(open_to & ~above, middle, high)
        return low

    def sold(self, origin: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Units of all deliveries of an origin before a place."""
        return self.units[place] - self.units[self.begin[origin]]

    def gained(self, origin: np.ndarray, place: np.ndarray) -> np.ndarray:
        """What they gain."""
        return self.gains[place] - self.gains[self.begin[origin]]

    def at(self, origin: np.ndarray, price: np.ndarray) -> np.ndarray:
        """F of each origin at each price."""
        place = self.taken(origin, price)
        return self.gained(origin, place) - price * self.sold(origin, place)

    @property
    def doubt(self) -> float:
        """By how much rounding may make any F wrong, but for that in gains and prices:
        sums run over all deliveries."""
        return 4 * len(self.ratio) * EPS * float(self.size.sum())
