"""Solve an instance: choose a path, run it, check its plan, and say what is proven."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Any, Literal

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import PlanRejected
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.verify import audit
from dmopt.rules.catalogue import make_rules
from dmopt.rules.rule import Rule
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.memory import Memory
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.decomposed.entry import refused, solve_decomposed
from dmopt.solving.exact import solve_exact
from dmopt.solving.extract import extract
from dmopt.solving.highs import Limits
from dmopt.solving.nearby import plan_nearby
from dmopt.solving.outcome import ELSEWHERE, Outcome, agreed
from dmopt.solving.problem import Listener, Problem, Solution
from dmopt.solving.progress import Log, OnProgress, relative_gap
from dmopt.solving.reference import solve_reference
from dmopt.solving.result import Result, Status
from dmopt.solving.start import Start, start_from

Path = Literal["auto", "exact", "coarse", "decomposed", "reference"]
PATHS: dict[str, Callable[..., Outcome]] = {
    "exact": solve_exact,
    "coarse": solve_coarse,
    "decomposed": solve_decomposed,
    "reference": solve_reference,
}
CITY_DELIVERIES, CITY_DECISIONS = 1_500, 400
"""Most for one model: with more whole decisions its plans are poor even where there are
few deliveries (infrastructure over periods)."""
TEXTBOOK_DELIVERIES = 200_000
LOCATION_DELIVERIES = 2_000
"""From here on location problems are better decomposed than put in one model."""
RETURNING_DELIVERIES = 20_000
"""To here one model is better where things come back: merged zones say little of what
each of them can give (random towns of 120 and 220 zones: gaps of 0.02 % and 0.13 % in
the time in which the coarse path came to 4.4 % and 0.8 %)."""
SAME_COST = 1e-6
"""Most that the solver's cost of a plan may differ from the checker's, relative."""


def solve(
    instance: Instance,
    *,
    path: Path = "auto",
    gap: float = 1e-3,
    time_limit_s: float = 60.0,
    seed: int = 0,
    threads: int = 2,
    rules: Sequence[Rule] | None = None,
    start: Plan | None = None,
    bound: float | None = None,
    on_progress: OnProgress | None = None,
    cancel: Event | None = None,
) -> Result:
    """Plan an instance. The plan in the result is verified, or there is none.

    gap: relative gap to stop at. time_limit_s: wall time for solving, in seconds.
    rules: those of the instance unless given. start: a plan to begin from, also one
    made under other rules. bound: a lower bound known to hold, from elsewhere.
    cancel: set it from anywhere to stop early with the best plan so far.
    Raises ValueError for arguments out of range, InstanceError for rules that cannot
    be read, PlanRejected if the plan found fails its independent check (a fault of
    the program).
    """
    _check_arguments(path, gap, time_limit_s, seed, threads)
    begin = time.monotonic()
    rules = make_rules(instance) if rules is None else rules
    problem = make_problem(instance, rules)
    build_seconds = time.monotonic() - begin
    limits = Limits(max(0.0, time_limit_s - build_seconds), gap, seed, threads)
    known = start_from(problem, start, bound, limits)
    options = asked(gap, time_limit_s, seed, threads, path)
    return solve_problem(
        problem, known, options, begin=begin, on_progress=on_progress, cancel=cancel
    )


def asked(
    gap: float, time_limit_s: float, seed: int, threads: int, path: Path = "auto"
) -> dict[str, Any]:
    """What is asked of a solve, as it stands in its result."""
    return {
        "path": path,
        "gap": gap,
        "time_limit_s": time_limit_s,
        "seed": seed,
        "threads": threads,
    }


def solve_problem(
    problem: Problem,
    known: Start,
    options: Mapping[str, Any],
    *,
    begin: float,
    memory: Memory | None = None,
    on_progress: OnProgress | None = None,
    on_found: Listener | None = None,
    cancel: Event | None = None,
) -> Result:
    """Solve a problem that is built, from what is known of it.

    options: path, gap, time_limit_s, seed and threads as in `solve`. begin: when the
    time began to count (time.monotonic). memory: of an earlier solve of a problem of
    the same make, carried to this one. on_found: told of each plan and bound on the
    way, from any thread, before anything is verified. Raises PlanRejected as `solve`
    does.
    """
    chosen, why = choose_path(problem, options["path"])
    if chosen != "decomposed":
        _ = problem.layer  # if it is made when asked for: it counts as building
    log = Log(begin, on_progress)
    build_seconds = log.seconds
    log.add("model built", None, None)
    log.found(known.cost, known.bound, known.x)
    gap, left = options["gap"], max(0.0, options["time_limit_s"] - log.seconds)
    limits = Limits(left, gap, options["seed"], options["threads"])
    outcome = _known_enough(known, gap)
    if outcome is None:
        more = {"memory": memory} if chosen == "coarse" else {}
        stop = cancel or Event()
        found: Listener = log.found
        if on_found is not None:
            found = _each(log.found, on_found)
            on_found(known.cost, known.bound, known.x)
        outcome = PATHS[chosen](problem, limits, found, stop, known, **more)
        outcome = _with_known_bound(outcome, known)
    elif outcome.memory is None:
        outcome = replace(outcome, memory=memory)
    return _result(problem, outcome, chosen, why, options, log, build_seconds)


def solve_nearby(
    problem: Problem,
    plan: Plan,
    site: str,
    *,
    bound: float | None,
    gap: float = 1e-3,
    time_limit_s: float = 10.0,
    seed: int = 0,
    cancel: Event | None = None,
) -> Result:
    """A plan near another one, free around one site (solving/nearby.py), quickly.

    bound: a lower bound known to hold; the search proves none of its own. No plan
    means only that none was found there. Raises as `solve` does.
    """
    log = Log(time.monotonic(), None)
    limits = Limits(time_limit_s, gap / 10, seed, 1)
    found = plan_nearby(problem, plan, site, limits, cancel=cancel)
    known = -np.inf if bound is None else bound
    outcome = Outcome("stopped", None, np.inf, known, ELSEWHERE)
    if found is not None:
        outcome = Outcome("stopped", found[1], found[0], known, ELSEWHERE)
    options = {"gap": gap, "time_limit_s": time_limit_s, "seed": seed, "threads": 1}
    why = f"free around {site} only"
    return _result(problem, outcome, "nearby", why, options, log, 0.0)


def _result(
    problem: Problem,
    outcome: Outcome,
    path: str,
    why: str,
    options: Mapping[str, Any],
    log: Log,
    build_seconds: float,
) -> Result:
    """What a path found, checked: raises PlanRejected where its plan is not sound."""
    plan, cost = _verified(problem, outcome)
    bound = outcome.bound if np.isfinite(outcome.bound) else None
    if cost is not None and bound is not None:
        bound = agreed(cost, bound)
    log.add("done", cost, bound)
    return Result(
        status=_status(outcome, cost, bound, float(options["gap"])),
        plan=plan,
        cost=cost,
        bound=bound,
        path=path,
        why_path=why,
        seconds=log.seconds,
        build_seconds=build_seconds,
        peak_mb=peak_mb(),
        options=options,
        proof=outcome.proof,
        certificate=outcome.certificate,
        log=tuple(log.entries),
        memory=outcome.memory,
    )


def _each(*listeners: Listener) -> Listener:
    def found(cost: float, bound: float, x: Solution | None) -> None:
        for listener in listeners:
            listener(cost, bound, x)

    return found


def _known_enough(known: Start, gap: float) -> Outcome | None:
    """The start as the outcome, where its bound proves it to the gap already."""
    reached = relative_gap(known.cost, known.bound) if known.x is not None else None
    if reached is None or reached > gap:
        return None
    proof = ELSEWHERE if known.certificate is None else known.certificate.says()
    return Outcome("solved", known.x, known.cost, known.bound, proof, known.certificate)


def _with_known_bound(outcome: Outcome, known: Start) -> Outcome:
    if outcome.status == "infeasible" or outcome.bound >= known.bound:
        return outcome
    said = [c for c in (outcome.certificate, known.certificate) if c is not None]
    best = max(said, key=lambda each: each.bound, default=None)
    is_proof = best is not None and best.bound >= known.bound
    proof = best.says() if best is not None and is_proof else ELSEWHERE
    return replace(outcome, bound=known.bound, proof=proof, certificate=best)


def _check_arguments(
    path: str, gap: float, time_limit_s: float, seed: int, threads: int
) -> None:
    wrong = []
    if path not in ("auto", *PATHS):
        wrong.append(f"path = {path!r}, expected one of auto, {', '.join(PATHS)}")
    if not 0 <= gap < np.inf:
        wrong.append(f"gap = {gap}, expected 0 or more")
    if not 0 <= time_limit_s < np.inf:
        wrong.append(f"time_limit_s = {time_limit_s}, expected 0 or more seconds")
    if seed < 0:
        wrong.append(f"seed = {seed}, expected 0 or more")
    if threads < 1:
        wrong.append(f"threads = {threads}, expected 1 or more")
    if wrong:
        raise ValueError("; ".join(wrong))


def choose_path(problem: Problem, path: Path) -> tuple[str, str]:
    """The path to take, and why, in words. Raises ValueError for a path that is asked
    for and cannot be taken."""
    wanted = path if path != "auto" else problem.instance.settings.path
    if wanted != "auto":
        if wanted == "decomposed" and (reason := refused(problem)):
            raise ValueError(f"path decomposed: {reason}")
        return wanted, "asked for" if path != "auto" else "set in the instance"
    deliveries = problem.flows.deliveries
    reason = refused(problem) if deliveries > LOCATION_DELIVERIES else "few deliveries"
    if not reason:
        return "decomposed", "every site chooses among options of its own: location"
    whole = int(problem.decisions.whole.sum())
    size = f"{deliveries:,} possible deliveries and {whole:,} whole decisions"
    if deliveries <= CITY_DELIVERIES and whole <= CITY_DECISIONS:
        return "exact", f"{size} are few enough for one model"
    if len(problem.instance.returns) and deliveries <= RETURNING_DELIVERIES:
        return "exact", "things come back to zones, which one model tells apart"
    if _textbook(problem) and deliveries <= TEXTBOOK_DELIVERIES:
        return "exact", "one technology and no infrastructure at any site: one model"
    return "coarse", f"{size} are too many for one model"


def _textbook(problem: Problem) -> bool:
    """Location as in textbooks: whether to open decides all else at a site."""
    placements = problem.scope.most_modules
    sites = {s for s, _ in placements}
    single = len(placements) == len(sites) and set(placements.values()) <= {1}
    return single and problem.instance.infrastructure.empty


def _verified(problem: Problem, outcome: Outcome) -> tuple[Plan | None, float | None]:
    """The plan and its cost, both from the checker's side; raises PlanRejected."""
    if outcome.x is None:
        return None, None
    return verified(problem, outcome.x, outcome.cost)


def verified(problem: Problem, x: Solution, said: float) -> tuple[Plan, float]:
    """The plan of a solution and its cost, both from the checker's side.

    said: the solver's cost. Raises PlanRejected.
    """
    found = extract(problem, x)
    broken, plan = audit(problem.instance, found, problem.rules)
    violations: list[object] = list(broken)
    cost = total_cost(plan)
    if abs(cost - said) > SAME_COST * max(1.0, abs(cost)):
        violations.append(f"cost: solver says {said:.12g}, checker {cost:.12g}")
    if violations:
        raise PlanRejected(violations)
    return plan, cost


def _status(
    outcome: Outcome, cost: float | None, bound: float | None, gap: float
) -> Status:
    if outcome.status == "infeasible":
        return "infeasible"
    if cost is None:
        return "no_plan_found"
    reached = relative_gap(cost, bound)
    # The plan is solved again after rounding: allow for that in the comparison.
    return (
        "optimal" if reached is not None and reached <= gap + SAME_COST else "feasible"
    )


def peak_mb() -> float:
    """Peak resident memory of this process so far, in MB; NaN where the system does
    not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)
