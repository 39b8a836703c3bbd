"""A plan near another one: what it decides is kept but around one site.

All whole decisions of the plan are fixed, but those of the site, of the sites nearest
to it, of shared infrastructure and of rules; deliveries run from sites that are in use
or free. Small enough for one model, whatever the size of the instance.
"""

from dataclasses import replace
from threading import Event

import numpy as np

from dmopt.plan.plan import Plan
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.neighbourhoods import nearest
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from dmopt.solving.start import decided


def plan_nearby(
    problem: Problem,
    plan: Plan,
    site: str,
    limits: Limits,
    *,
    sites: int = 10,
    cancel: Event | None = None,
) -> tuple[float, np.ndarray] | None:
    """Cost and solution (all columns), or None where none was found in time.

    sites: how many sites besides `site` are free: half of them in use, half not.
    """
    values = decided(problem, plan)
    if values is None:
        return None
    evaluator, owners = Evaluator(problem), problem.owners
    here, half = owners.sites.index(site), max(1, sites // 2)
    free = nearest(problem, evaluator.busy(values), here, half, half)
    free[here] = True
    loose = problem.decisions.whole & ((owners.of_column < 0) | owners.columns_of(free))
    values[loose] = np.nan
    return evaluator.solve(values, replace(limits, threads=1), cancel, also=free)
