"""What a solve gives back. Infeasible is an answer; None means "there is none"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dmopt.plan.plan import Plan
from dmopt.proof.certificate import Certificate
from dmopt.solving.coarse.memory import Memory
from dmopt.solving.progress import Progress, relative_gap

Status = Literal["optimal", "feasible", "infeasible", "no_plan_found"]

WORLDS_PATH = "worlds"
"""Path of a plan that was decided for several worlds (studies/worlds/)."""


@dataclass(frozen=True)
class Result:
    """A plan with its proof, or the answer that there is none.

    status: optimal (verified plan within the asked gap), feasible (verified plan,
        larger gap), infeasible (proven), no_plan_found (limit reached first).
    plan: the verified plan, or None.
    cost: its cost as recomputed by the checker, instance currency, or None.
    bound: proven lower bound on the cost of any plan, or None.
    path: solve path taken: "exact", "coarse", "decomposed" or
        "reference", of plans on the way "nearby" or "interim", of a plan for several
        worlds "worlds"; `why_path` says why.
    seconds, build_seconds: wall time of the solve, and of what came before the search
        in it: building models, fitting a start.
    peak_mb: peak memory of the process, MB.
    options: gap, time_limit_s, seed, threads, path as asked.
    proof: how the bound was proven, in words.
    certificate: what proves the bound, to be checked (dmopt/proof); or None.
    log: progress, in order of time.
    memory: what a solve of a problem of the same make can begin with, or None.
    """

    status: Status
    plan: Plan | None
    cost: float | None
    bound: float | None
    path: str
    why_path: str
    seconds: float
    build_seconds: float
    peak_mb: float
    options: Mapping[str, Any]
    proof: str = ""
    certificate: Certificate | None = None
    log: tuple[Progress, ...] = ()
    memory: Memory | None = field(default=None, repr=False, compare=False)

    @property
    def gap(self) -> float | None:
        """(cost - bound) / |cost|, or None."""
        return relative_gap(self.cost, self.bound)

    @property
    def verified(self) -> bool:
        """Whether there is a plan: none is handed out unverified."""
        return self.plan is not None
