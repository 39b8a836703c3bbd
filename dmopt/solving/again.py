"""A bound checked again, from its certificate and the instance alone.

Prices of rows are arithmetic and checked in full (dmopt/proof). Where a part rests on
HiGHS's own bound, the program it was of is rebuilt and proven to be a relaxation; that
HiGHS reaches the bound on it is seen only by solving it once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

import numpy as np

from dmopt.proof.certificate import (
    Certificate,
    Leaf,
    check,
    check_options,
    mark,
    mark_of_options,
)
from dmopt.proof.relaxation import Pair
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse, Multipliers, coarse_program
from dmopt.solving.coarse.merged_rows import coarse_rows
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram
from dmopt.solving.strong import Strong, with_strong_rows

SAME = 1e-6
"""Relative difference of a bound that is solved again."""


@dataclass(frozen=True)
class Checked:
    """faults: what does not hold. bound: what holds of the certificate's, weighted
    money. arithmetic: what of it needs no solver. trusting: parts that rest on HiGHS.
    solved: how many of them were solved again and reached what they say; unconfirmed:
    which did not, in the time they had."""

    faults: tuple[str, ...]
    bound: float
    arithmetic: float
    parts: int
    trusting: int
    solved: int
    unconfirmed: tuple[str, ...]

    @property
    def confirmed(self) -> bool:
        return self.solved == self.trusting


def check_bound(
    problem: Problem,
    certificate: Certificate,
    resolve: Limits | None = None,
    cancel: Event | None = None,
) -> Checked:
    """Check a certificate. resolve: solve parts that rest on HiGHS again, each within
    these limits."""
    faults = list(_faults(problem, certificate))
    trusting, solved = certificate.trusting, 0
    unconfirmed: list[str] = []
    if trusting and not faults:
        try:
            coarse = _rebuilt(problem, certificate)
        except (KeyError, IndexError, TypeError, ValueError) as wrong:
            faults.append(f"the coarse program cannot be rebuilt ({wrong})")
        else:
            faults += _not_relaxed(problem, certificate, coarse)
            if resolve is not None and not faults:
                solved, unconfirmed = _solved_again(
                    problem, certificate, coarse, resolve, cancel or Event()
                )
    return Checked(
        tuple(faults),
        -np.inf if faults else certificate.bound,
        -np.inf if faults else certificate.arithmetic,
        certificate.parts,
        len(trusting),
        solved,
        tuple(unconfirmed),
    )


def model_of(problem: Problem, certificate: Certificate) -> str:
    """The mark that a certificate of its kind has if it is of this problem; "" where
    the problem has none of that kind."""
    decisions, flows = problem.decisions, problem.flows
    if certificate.located is None:
        return mark(decisions, problem.layer)
    if isinstance(flows.costs, str):
        return ""
    return mark_of_options(decisions, flows.demands, flows.costs)


def _faults(problem: Problem, certificate: Certificate) -> Iterator[str]:
    if certificate.located is None:
        yield from check(certificate, bounding_of(problem))
        return
    if certificate.cells is not None:
        yield "two kinds of proof are given, and one is expected"
        return
    flows = problem.flows
    if isinstance(flows.costs, str):
        yield f"sites do not only deliver: {flows.costs}"
        return
    yield from check_options(certificate, problem.decisions, flows.demands, flows.costs)


def _rebuilt(problem: Problem, certificate: Certificate) -> Coarse | None:
    """The coarse program that HiGHS had; None where it had all zones."""
    given = certificate.coarse
    if not given:
        return None
    prices = Multipliers(given["multipliers"], given["rule_multipliers"])
    groups = given["groups"]
    return coarse_program(problem.decisions, problem.layer, groups, prices, "bound")


def _not_relaxed(
    problem: Problem, certificate: Certificate, coarse: Coarse | None
) -> list[str]:
    if coarse is None:
        return []
    row_of, _ = coarse_rows(problem.layer.side, coarse.group_of)
    pair = Pair(
        problem.decisions,
        problem.layer,
        coarse.decisions,
        coarse.layer,
        coarse.group_of,
        coarse.arc,
        row_of,
        certificate.coarse["multipliers"],
        certificate.coarse["rule_multipliers"],
    )
    return [f"the coarse program: {fault}" for fault in pair.faults()]


def _solved_again(
    problem: Problem,
    certificate: Certificate,
    coarse: Coarse | None,
    limits: Limits,
    cancel: Event,
) -> tuple[int, list[str]]:
    """How many parts reached their bound, and which did not."""
    decisions = problem.decisions if coarse is None else coarse.decisions
    layer = problem.layer if coarse is None else coarse.layer
    program, _ = assemble(decisions, layer)
    needed = bounding_of(problem).carriers
    strong = Strong(decisions, layer, needed, program.A.shape[1])
    solved, missed = 0, []
    for leaf in certificate.trusting:
        limited = _limited(program, certificate, leaf)
        limited = with_strong_rows(limited, strong, limits, cancel).cut.program
        wanted = min(leaf.solver, certificate.bound)
        reached = _reached(limited, wanted, limits, cancel)
        if reached >= wanted - SAME * max(1.0, abs(wanted)):
            solved += 1
        else:
            missed.append(
                f"part {leaf.node}: HiGHS proved {reached:.10g} this time, "
                f"not {wanted:.10g}; more time may be needed"
            )
    return solved, missed


def _limited(
    program: LinearProgram, certificate: Certificate, leaf: Leaf
) -> LinearProgram:
    rows = certificate.tree.rows(leaf.node)
    A = rows.A.copy()
    A.resize(A.shape[0], program.A.shape[1])
    return program.with_rows(A, rows.low, rows.high)


def _reached(
    program: LinearProgram, wanted: float, limits: Limits, cancel: Event
) -> float:
    """HiGHS's bound, stopped when it is what is wanted."""
    enough = Event()

    def found(cost: float, bound: float, x: np.ndarray | None) -> None:
        if bound >= wanted or cancel.is_set():
            enough.set()

    answer = run_highs(program, limits, found=found, cancel=enough)
    return np.inf if answer.status == "infeasible" else answer.bound
