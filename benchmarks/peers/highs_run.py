"""Run a model that HiGHS holds, whoever handed it over."""

import highspy
import numpy as np
from highspy.highs import HighsCallbackEvent

from peers.peer import Answer, Clock, Ended, Limits, Seen, finite

ENDED: dict[highspy.HighsModelStatus, Ended] = {
    highspy.HighsModelStatus.kOptimal: "solved",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
}


def run_highs(
    h: highspy.Highs, limits: Limits, clock: Clock, seen: Seen
) -> tuple[Answer, np.ndarray | None]:
    """The answer without a plan, and HiGHS's columns of its best one."""
    build_seconds = clock.seconds
    settings: dict[str, bool | int | float] = {
        "output_flag": False,
        "time_limit": clock.left,
        "mip_rel_gap": limits.gap,
        "mip_abs_gap": 0.0,
        "random_seed": limits.seed,
        "threads": limits.threads,
    }
    for name, value in settings.items():
        h.setOptionValue(name, value)

    def logged(event: HighsCallbackEvent) -> None:
        out = event.data_out
        seen(finite(out.mip_primal_bound), finite(out.mip_dual_bound))

    h.cbMipLogging += logged
    h.cbMipImprovingSolution += logged
    h.run()
    info = h.getInfo()
    has_plan = info.primal_solution_status == 2
    answer = Answer(
        ENDED.get(h.getModelStatus(), "stopped"),
        float(info.objective_function_value) if has_plan else None,
        finite(info.mip_dual_bound),
        build_seconds,
        clock.seconds - build_seconds,
    )
    return answer, np.array(h.getSolution().col_value) if has_plan else None
