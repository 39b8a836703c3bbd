"""How much of a trade-off plans cover: hypervolume, in shares of the box of its ends.

    cost and each objective run from 0, the best that any point has, to 1, the worst;
    least   the volume that some plan known is at least as good as
    most    the volume that bounds leave open: no plan is outside it    one objective

The box is that of the points, so volumes of two frontiers are not to be compared.
Computed by moocore (Fonseca, Paquete and Lopez-Ibanez 2006), which is optional.
"""

from collections.abc import Sequence

import numpy as np

from dmopt.studies.frontier.frontier import Frontier


def volumes(found: Frontier) -> tuple[float, float] | None:
    """(least, most); most is NaN with two objectives. None where there are not two
    different points, or moocore is not installed."""
    try:
        from moocore import hypervolume
    except ImportError:
        return None
    points = [p for p in found.points if p.cost is not None]
    if not points:
        return None
    values = np.array([[p.cost, *p.attained] for p in points])
    sense = [1.0, *(1.0 if o.less_is_better else -1.0 for o in found.objectives)]
    lost = values * sense
    best, worst = lost.min(axis=0), lost.max(axis=0)
    if (worst <= best).any():
        return None

    def covered(corners: Sequence[Sequence[float]]) -> float:
        inside = np.maximum((np.array(corners) * sense - best) / (worst - best), 0.0)
        return float(hypervolume(inside, ref=np.ones(len(sense))))

    least = covered(values.tolist())
    if len(found.objectives) > 1:
        return least, float("nan")
    # Between two figures no plan costs less than the bound of the looser one.
    tight = [p.figures[0] for p in found.points[1:]] + [float(best[1] * sense[1])]
    cheapest = np.maximum([p.bound for p in found.points], best[0])
    corners = [c for c in zip(cheapest.tolist(), tight, strict=True) if c[0] < np.inf]
    return least, covered(corners)
