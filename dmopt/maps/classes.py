"""Classes of a shaded map: few, with limits that are easy to say."""

import itertools
from dataclasses import dataclass

import numpy as np

from dmopt.runs.words import quantity, significant


@dataclass(frozen=True, slots=True)
class Classes:
    """limits: ascending, n + 1 numbers for n classes; the first class includes
    both its ends, the others their upper end."""

    limits: tuple[float, ...]

    def of(self, values: np.ndarray) -> np.ndarray:
        """Class of each value, 0 the lowest; -1 where there is no value."""
        found = np.searchsorted(self.limits[1:-1], values, side="left")
        return np.where(np.isnan(values), -1, found)

    def labels(self) -> list[str]:
        """One label for each class: "up to 20", "20 - 50"."""
        words = [quantity(limit) for limit in self.limits[1:]]
        between = itertools.pairwise(words)
        return [f"up to {words[0]}", *(f"{a} \N{EN DASH} {b}" for a, b in between)]


def make_classes(values: np.ndarray, count: int = 5) -> Classes:
    """Classes with about as many places each, limits to two significant figures.

    values: shape (n,), NaN = no value. Fewer than `count` classes come out where
    values repeat; with no values at all, one class from 0 to 0.
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return Classes((0.0, 0.0))
    inner = np.quantile(values, np.arange(1, count) / count, method="inverted_cdf")
    low, high = _outer(values.min(), down=True), _outer(values.max(), down=False)
    rounded = {significant(float(limit), 2) for limit in inner}
    kept = sorted(limit for limit in rounded if low < limit < high)
    return Classes((low, *kept, high))


def _outer(value: float, down: bool) -> float:
    """The value to two significant figures, away from the other values."""
    if value == 0:
        return 0.0
    step = 10.0 ** (np.floor(np.log10(abs(value))) - 1)
    whole = np.floor(value / step) if down else np.ceil(value / step)
    return significant(float(whole * step), 2)
