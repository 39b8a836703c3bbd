"""Is a plan one of the problem's, and what does it cost? Numbers only, no solver."""

from dataclasses import dataclass

import numpy as np
from generators.location import LocationProblem

TOLERANCE = 1e-5
"""Most by which a row may be missed, relative: solvers allow themselves 1e-6."""


@dataclass(frozen=True)
class Checked:
    """cost: money/year, with openings rounded. faults: what the plan breaks."""

    cost: float
    faults: tuple[str, ...]


def check(problem: LocationProblem, y: np.ndarray, x: np.ndarray) -> Checked:
    """y: (m, L) openings. x: (m, n) shares of demand."""
    whole = np.round(y)
    opened = whole.sum(axis=1)
    missed = {
        "an opening is not whole": np.abs(y - whole).max(),
        "a share is below 0": -x.min(),
        "demand is not met exactly": np.abs(x.sum(axis=0) - 1).max(),
        "a closed site serves": (x - opened[:, None]).max(),
        "two levels at a site": opened.max() - 1,
    }
    if problem.capacitated:
        room = (problem.capacity * whole).sum(axis=1)
        over = (x @ problem.demand - room) / problem.demand.sum()
        missed["a site sends more than it can"] = over.max()
    if problem.p is not None:
        missed["another number of sites"] = abs(opened.sum() - problem.p)
    cost = float((problem.fixed * whole).sum() + (problem.cost * x).sum())
    faults = (f"{what} (by {by:.2g})" for what, by in missed.items() if by > TOLERANCE)
    return Checked(cost, tuple(faults))
