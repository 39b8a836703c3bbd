"""Whether what a run proved holds: as `dmopt verify --bound` finds, its model aside."""

import time
from typing import Any

from dmopt.data.instance import Instance
from dmopt.rules import make_rules
from dmopt.solving.again import check_bound
from dmopt.solving.builder import make_problem
from dmopt.solving.problem import Problem
from dmopt.solving.result import Result


def problem_of(instance: Instance) -> Problem:
    """An instance with its own rules, built anew."""
    return make_problem(instance, make_rules(instance))


def proof_row(problem: Problem, result: Result) -> dict[str, Any]:
    """Whether the bound of a result holds, and seconds of the check, for a CSV row;
    None where there is nothing to check (the reference path)."""
    if result.certificate is None:
        return {"bound_holds": None, "check_s": None}
    begin = time.perf_counter()
    faults = check_bound(problem, result.certificate).faults
    return {"bound_holds": not faults, "check_s": time.perf_counter() - begin}


def in_words(row: dict[str, Any]) -> str:
    """The same for people."""
    if row["bound_holds"] is None:
        return "no certificate"
    holds = "bound holds" if row["bound_holds"] else "BOUND DOES NOT HOLD"
    return f"{holds}, checked in {row['check_s']:.3f} s"
