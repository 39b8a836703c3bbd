"""dmopt: from an Instance with positions, by whichever path it chooses."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from generators.location import (
    LocationProblem,
    location_instance,
    site_ids,
    zone_ids,
)
from proofs import in_words, problem_of, proof_row

from dmopt.plan.plan import Plan
from dmopt.solving.progress import Progress
from dmopt.solving.result import Status
from dmopt.solving.run import solve as solve_instance
from peers.apart import own_peak_mb
from peers.peer import Answer, Clock, Ended, Limits, Seen

ENDED: dict[Status, Ended] = {
    "optimal": "solved",
    "feasible": "stopped",
    "no_plan_found": "stopped",
    "infeasible": "infeasible",
}


def prepare(problem: LocationProblem) -> Callable[[Limits, Seen], Answer]:
    instance = location_instance(problem)

    def solve(limits: Limits, seen: Seen) -> Answer:
        clock = Clock(limits.time_limit_s)

        def told(progress: Progress) -> None:
            seen(progress.cost, progress.bound)

        result = solve_instance(
            instance,
            gap=limits.gap,
            time_limit_s=limits.time_limit_s,
            seed=limits.seed,
            threads=limits.threads,
            on_progress=told,
        )
        seconds, held_mb = clock.seconds, own_peak_mb()
        y, x = (None, None) if result.plan is None else plan_of(problem, result.plan)
        return Answer(
            ENDED[result.status],
            result.cost,
            result.bound,
            result.build_seconds,
            seconds - result.build_seconds,
            y,
            x,
            result.path,
            in_words(proof_row(problem_of(instance), result)),
            held_mb,
        )

    return solve


def plan_of(problem: LocationProblem, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Openings y (m, L) and shares x (m, n) of a plan."""
    sites, zones = pd.Index(site_ids(problem)), pd.Index(zone_ids(problem))
    y, x = np.zeros(problem.fixed.shape), np.zeros(problem.cost.shape)
    opened, modules, flows = (plan.tables[k] for k in ("opened", "modules", "flows"))
    if problem.capacitated:
        level = modules.technology.str.rpartition("-level")[2].astype(int) - 1
        rows = sites.get_indexer(pd.Index(modules.site))
        y[rows, level.to_numpy(int)] = modules.modules.to_numpy(float)
    else:
        y[sites.get_indexer(pd.Index(opened.site)), 0] = 1.0
    origin = sites.get_indexer(pd.Index(flows.origin))
    zone = zones.get_indexer(pd.Index(flows.destination))
    x[origin, zone] = flows.quantity_per_yr.to_numpy() / problem.demand[zone]
    return y, x
