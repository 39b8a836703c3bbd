"""The one tolerance of the package: when a number counts as above another.

    left > right + RELATIVE * max(|left|, |right|, scale)

RELATIVE is 1e-6. Solvers keep rows to 1e-7, so what a solver calls feasible
passes, and what is wrong by more than a millionth of what is counted does not.
`scale` is the size that the numbers have by nature, in their own unit; it keeps
rounding from showing where both sides are near zero. It is one unit unless named.
"""

from typing import overload

import numpy as np
from numpy.typing import ArrayLike

RELATIVE = 1e-6


@overload
def over(left: float, right: float, scale: float = 1.0) -> float: ...
@overload
def over(left: ArrayLike, right: ArrayLike, scale: ArrayLike = 1.0) -> np.ndarray: ...
def over(
    left: ArrayLike, right: ArrayLike, scale: ArrayLike = 1.0
) -> float | np.ndarray:
    """How far `left` is above `right`; 0 within the tolerance.

    Numbers give a number, arrays (broadcast like numpy) an array. A `right` of
    infinity is no limit. NaN on either side stays NaN, which is not 0: what cannot
    be compared does not pass.
    """
    left, right, scale = (np.asarray(side, float) for side in (left, right, scale))
    with np.errstate(invalid="ignore"):
        excess = left - right
        size = np.maximum(np.maximum(np.abs(left), np.abs(right)), scale)
        found = np.where(excess <= RELATIVE * size, 0.0, excess)
    return float(found) if found.ndim == 0 else found


@overload
def apart(left: float, right: float, scale: float = 1.0) -> float: ...
@overload
def apart(left: ArrayLike, right: ArrayLike, scale: ArrayLike = 1.0) -> np.ndarray: ...
def apart(
    left: ArrayLike, right: ArrayLike, scale: ArrayLike = 1.0
) -> float | np.ndarray:
    """How far two sides of an equation are from each other; 0 within the tolerance."""
    return over(np.maximum(left, right), np.minimum(left, right), scale)
