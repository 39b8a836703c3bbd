"""The decomposed path against the exact one, enumeration and published optima."""

import csv
from itertools import pairwise, product
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from scipy.optimize import linprog

from dmopt.errors import InstanceError
from dmopt.importers.orlib_cap import read_orlib_cap
from dmopt.importers.orlib_pmed import read_orlib_pmed
from dmopt.proof.arrays import from_arrays, to_arrays
from dmopt.solving.again import check_bound
from dmopt.solving.decomposed.location import Location
from dmopt.solving.decomposed.structure import structure_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Outcome
from dmopt.solving.problem import Problem
from dmopt.solving.run import solve
from dmopt.solving.start import NOTHING
from tests.solving.decomposed.cases import Case, cases, instance_of, problem_of

pytest.importorskip("numba")
from dmopt.solving.decomposed.path import search_of

DATA = Path(__file__).parents[4] / "shared" / "data"
EXACTLY = Limits(20.0, 1e-8, 0, 1)
GIVEN = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def silent(*told: object) -> None:
    """Nobody listens."""


def searched(problem: Problem, gap: float = 1e-8) -> Outcome:
    structure = structure_of(problem)
    assert not isinstance(structure, str), structure
    # long: the first search of all waits for its kernels to be compiled
    limits = Limits(120.0, gap, 0, 1)
    return search_of(structure, limits, silent, Event(), NOTHING)


# at most as many sites may open as are needed for room: one row and one split say it
AS_MANY_AS_NEEDED = Case(seed=0, sites=3, zones=6, room=1.3, count=True)


@example(AS_MANY_AS_NEEDED)
@GIVEN
@given(cases())
def test_it_finds_what_the_exact_path_finds_and_proves_it(case):
    try:
        problem = problem_of(instance_of(case))
    except InstanceError:
        assume(False)
    assume(not isinstance(structure_of(problem), str))
    exact = solve_exact(problem, EXACTLY, silent, Event())
    outcome = searched(problem)
    if exact.status == "infeasible":
        assert outcome.x is None
        return
    assert outcome.cost == pytest.approx(exact.cost, rel=1e-6)
    assert exact.cost * (1 - 1e-6) <= outcome.bound <= exact.cost * (1 + 1e-6)
    kept = from_arrays(to_arrays(outcome.certificate))
    checked = check_bound(problem, kept)
    assert checked.faults == ()
    assert checked.arithmetic == outcome.bound


ONE_EACH = Case(seed=5, sites=4, zones=6, levels=2, room=2.0, one_only=True)


@pytest.mark.parametrize(
    "case",
    [
        ONE_EACH,
        Case(seed=6, sites=5, zones=6, room=0.0),
        Case(seed=7, sites=5, zones=6, room=0.0, count=True),
        Case(seed=8, sites=4, zones=5, levels=3, room=1.3, one_only=True, unmet=True),
    ],
    ids=["modular", "uncapacitated", "counted", "unmet"],
)
def test_it_finds_the_best_of_all_choices(case):
    problem = problem_of(instance_of(case))
    structure = structure_of(problem)
    assert not isinstance(structure, str), structure
    assert searched(problem).cost == pytest.approx(enumerated(structure.location))


def enumerated(location: Location) -> float:
    """The least cost over all choices of options, flows by scipy."""
    choices = product(*(range(a, b) for a, b in pairs(location.first)))
    return min(served(location, np.array(choice)) for choice in choices)


def pairs(first: np.ndarray) -> list[tuple[int, int]]:
    return list(pairwise(first.tolist()))


def served(location: Location, choice: np.ndarray) -> float:
    """Cost of the best flows for a choice of options, as a linear program."""
    if not location.least <= location.counted[choice].sum() <= location.most:
        return np.inf
    m, n = location.cost.shape
    cost = location.cost + np.outer(location.slope[choice], location.demand)
    cost = np.vstack([cost, location.penalty])
    room = np.kron(np.eye(m + 1), location.demand)[:m]
    serve = np.kron(np.ones(m + 1), np.eye(n))
    most = np.where(np.isfinite(cost), 1.0, 0.0).ravel()
    found = linprog(
        np.where(np.isfinite(cost), cost, 0.0).ravel(),
        A_ub=room,
        b_ub=location.capacity[choice],
        A_eq=serve,
        b_eq=np.ones(n),
        bounds=list(zip(np.zeros(len(most)), most, strict=True)),
    )
    if found.status != 0:
        return np.inf
    return found.fun + location.fixed[choice].sum() + location.constant


def test_a_plan_passes_the_ordinary_verification():
    result = solve(instance_of(ONE_EACH), path="decomposed", gap=1e-6)
    assert result.status == "optimal"
    assert result.path == "decomposed"
    assert "arithmetic" in result.proof


def test_without_a_plan_another_path_proves_that_there_is_none():
    # two sites with room for 0.65 of demand each, and only one may open
    counted = [{"id": "sites", "rule": "site_count", "parameters": "most=1"}]
    none = instance_of(Case(seed=2, sites=2, zones=8, room=1.3), rules=counted)
    assert solve(none, path="decomposed").status == "infeasible"


def test_a_start_is_gone_on_from_and_never_lost():
    instance = instance_of(ONE_EACH)
    best = solve(instance, path="exact", gap=1e-9)
    again = solve(instance, path="decomposed", gap=1e-7, start=best.plan)
    assert again.status == "optimal"
    assert again.cost == pytest.approx(best.cost, rel=1e-7)


def test_a_stopped_search_keeps_a_bound_that_checks():
    problem = problem_of(instance_of(Case(seed=3, sites=6, zones=9, levels=3)))
    structure = structure_of(problem)
    stop = Event()
    stop.set()
    outcome = search_of(structure, EXACTLY, silent, stop, NOTHING)
    if outcome.certificate is not None:
        assert check_bound(problem, outcome.certificate).faults == ()
    best = searched(problem)
    assert outcome.bound <= best.cost * (1 + 1e-9)


def published(name: str, capacity: str = "") -> float:
    family = "orlib_pmed" if name.startswith("pmed") else "orlib_cap"
    with (DATA / family / "optima.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            told = row.get("capacity_to_substitute") or ""
            if (row["instance"], told) == (name, capacity):
                return float(row["optimum_listed"])
    raise KeyError(name)


@pytest.mark.skipif(not DATA.exists(), reason="the published files are not there")
@pytest.mark.parametrize("name", ["cap41", "cap64", "cap71", "pmed1", "pmed5"])
def test_published_optima_come_out(name):
    if name.startswith("pmed"):
        instance = read_orlib_pmed(DATA / "orlib_pmed" / "instances" / f"{name}.txt")
    else:
        instance = read_orlib_cap(DATA / "orlib_cap" / "instances" / f"{name}.txt")
    problem = problem_of(instance)
    outcome = searched(problem, 1e-6)
    assert outcome.cost == pytest.approx(published(name), rel=1e-6)
    assert outcome.status == "solved"
    assert check_bound(problem, outcome.certificate).faults == ()
