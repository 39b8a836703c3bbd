"""Peers: each solves the same problem, and a plan or a bound that is wrong is told."""

import importlib
import sys

import numpy as np
import pytest
from generators.location import location_problem
from peers.apart import run_apart
from peers.arrays import arrays_of
from peers.check import check
from peers.outcome import Task, missing_packages, outcome_of, run_peer
from peers.peer import PEERS, Limits

from tests.benchmarks.brute import least_cost

TINY = {"ufl": (6, 12), "p-median": (7, 12), "modular": (6, 12)}
EXACT = Limits(time_limit_s=30, gap=1e-7)
EACH = [(peer, kind) for peer in PEERS for kind in PEERS[peer].kinds]


def answer_of(peer, problem, seen=lambda cost, bound: None):
    if missing := missing_packages(peer):
        pytest.skip(f"{', '.join(missing)} not installed: pip install -e '.[bench]'")
    module = importlib.import_module(f"peers.{PEERS[peer].module}")
    return module.prepare(problem)(EXACT, seen)


@pytest.mark.parametrize(("peer", "kind"), EACH)
def test_each_peer_finds_the_optimum_and_a_plan_that_holds(peer, kind):
    problem = location_problem(kind, *TINY[kind], seed=1)
    answer = answer_of(peer, problem)
    checked = check(problem, answer.y, answer.x)
    assert answer.ended == "solved"
    assert checked.faults == ()
    assert checked.cost == pytest.approx(answer.cost, rel=1e-6)
    if problem.capacitated:
        expected = answer_of("highs", problem).cost
    else:
        expected = least_cost(problem)
    assert checked.cost == pytest.approx(expected, rel=1e-6)
    if answer.bound is not None:
        assert answer.bound <= expected * (1 + 1e-6)


def test_weak_rows_need_capacities():
    with pytest.raises(ValueError, match="without capacities"):
        arrays_of(location_problem("ufl", 6, 12, seed=1), strong=False)


def one_site(y, x):
    """The first site's smallest level serves everybody."""
    y[:], x[:] = 0, 0
    y[0, 0], x[0] = 1, 1


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda y, x: np.multiply(x, 0.5, out=x), "demand is not met"),
        (lambda y, x: np.multiply(y, 0.5, out=y), "not whole"),
        (lambda y, x: y.fill(0), "a closed site serves"),
        (lambda y, x: y.fill(1), "two levels"),
        (lambda y, x: np.add(x[:2], [[-3], [3]], out=x[:2]), "below 0"),
        (one_site, "more than it can"),
    ],
)
def test_a_damaged_plan_is_found_out(damage, said):
    problem = location_problem("modular", *TINY["modular"], seed=1)
    answer = answer_of("highs", problem)
    y, x = np.round(answer.y), answer.x.copy()
    assert check(problem, y, x).faults == ()
    damage(y, x)
    assert said in "; ".join(check(problem, y, x).faults)


def test_another_number_of_sites_than_p_is_found_out():
    problem = location_problem("p-median", *TINY["p-median"], seed=1)
    everywhere = np.ones_like(problem.fixed)
    x = np.zeros_like(problem.cost)
    x[0] = 1
    assert "number of sites" in check(problem, everywhere, x).faults[0]


def test_a_run_in_a_process_of_its_own_tells_what_it_found():
    task = Task("ufl", *TINY["ufl"], seed=1)
    one = run_peer(task, "highs", EXACT, memory_mb=4000)
    assert one.status == "optimal"
    assert one.cost == pytest.approx(least_cost(location_problem("ufl", 6, 12, 1)))
    assert 50 < one.peak_mb < 1000
    assert one.version
    assert one.row()["gap"] < 1e-6


def test_a_peer_that_cannot_say_it_or_is_not_there_is_told_apart(monkeypatch):
    task = Task("modular", *TINY["modular"], seed=1)
    assert run_peer(task, "spopt", EXACT, 4000).status == "cannot_express"
    absent = PEERS["scip"]._replace(packages=("no_such_package",))
    monkeypatch.setitem(PEERS, "scip", absent)
    assert run_peer(task, "scip", EXACT, 4000).status == "not_installed"


TELL = 'import time; print(\'{"at_s": 0.5, "cost": 9.0, "bound": 6.0}\', flush=True); '


@pytest.mark.parametrize(
    ("code", "limits", "status", "said"),
    [
        ("time.sleep(60)", (1.0, 4000), "out_of_time", "limit of time"),
        ("b = bytearray(10**9); time.sleep(60)", (30, 300), "out_of_memory", "memory"),
        ("raise KeyError('lost')", (30, 4000), "failed", "lost"),
    ],
)
def test_a_process_ended_early_counts_with_what_it_had_told(code, limits, status, said):
    run = run_apart([sys.executable, "-c", TELL + code], *limits)
    one = outcome_of(Task("ufl", 6, 12, 0), "highs", run, gap=1e-3)
    assert (one.status, one.cost, one.bound) == (status, 9.0, 6.0)
    assert one.gap == pytest.approx(1 / 3)
    assert said in one.note
    assert run.seconds < 10
