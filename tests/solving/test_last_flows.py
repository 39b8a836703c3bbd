"""Flows that go on from the last ones cost what they cost from nothing."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.carry import Match
from dmopt.solving.carry_basis import carried_basis
from dmopt.solving.coarse import evaluate
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import BASIC, LOWER, Basis
from dmopt.solving.last_flows import LastFlows
from dmopt.solving.problem import Problem
from tests.paths import examples
from tests.random_rules import ruled_instance
from tests.rules.test_agreement import any_shape, ruled_problem
from tests.solving.test_agreement import TIGHT, silent

RULES = ("proximity_service", "burden_limit", "site_count")


def best_of(problem: Problem) -> np.ndarray | None:
    best = solve_exact(problem, TIGHT, silent, Event())
    return None if best.x is None else whole_decisions(problem.decisions, best.x)


def others(problem: Problem, decided: np.ndarray, seed: int) -> list[np.ndarray]:
    """Decisions with one column each one more or one less, and the first again."""
    r, whole = np.random.default_rng(seed), np.flatnonzero(problem.decisions.whole)
    low, high = problem.decisions.low, problem.decisions.high
    changed = []
    for n in r.permutation(whole)[:6]:
        other = decided.copy()
        other[n] += 1 if other[n] < high[n] else -1
        if low[n] <= other[n] <= high[n]:
            changed.append(other)
    return [*changed, decided]


def same(one, other) -> bool:
    if one is None or other is None:
        return one is other
    return one[0] == pytest.approx(other[0], rel=1e-6, abs=1e-6)


def basics(basis: Basis) -> int:
    return int((basis.column == BASIC).sum() + (basis.row == BASIC).sum())


@pytest.mark.parametrize("seed", range(examples(40)))
def test_flows_cost_the_same_from_the_last_ones_as_from_nothing(seed):
    problem = ruled_problem(any_shape(seed), RULES)
    decided = best_of(problem)
    if decided is None or not len(problem.layer.quantity):
        return
    evaluator = Evaluator(problem)
    evaluator.solve(decided, TIGHT)
    for other in others(problem, decided, seed):
        fresh = Evaluator(replace(problem))
        assert fresh.problem.last_flows.basis is None
        assert same(evaluator.solve(other, TIGHT), fresh.solve(other, TIGHT))


def test_some_begin_from_the_last_ones_and_some_are_far_off(monkeypatch):
    given = []
    over = LastFlows.over

    def spied(*args):
        given.append(over(*args))
        return given[-1]

    monkeypatch.setattr(LastFlows, "over", spied)
    problem = ruled_problem(any_shape(3), RULES)
    decided = best_of(problem)
    for other in [decided, *others(problem, decided, 3)]:
        Evaluator(problem).solve(other, TIGHT)
    assert given[0] is None
    assert sum(basis is not None for basis in given) >= len(given) / 2


def test_a_basis_that_leads_nowhere_costs_time_alone(monkeypatch):
    problem = ruled_problem(any_shape(3), RULES)
    decided = best_of(problem)
    first = Evaluator(problem).solve(decided, TIGHT)
    run = evaluate.run_highs

    def stuck(*args, basis=None, **more):
        answer = run(*args, **more)
        return answer if basis is None else replace(answer, status="stopped", x=None)

    monkeypatch.setattr(evaluate, "run_highs", stuck)
    assert problem.last_flows.basis is not None
    assert same(Evaluator(problem).solve(decided, TIGHT), first)


def test_what_is_out_of_its_limits_is_no_plan():
    problem = ruled_problem(any_shape(3), RULES)
    decided = best_of(problem)
    n = np.flatnonzero(problem.decisions.whole)[0]
    for value in (problem.decisions.low[n] - 1, problem.decisions.high[n] + 1):
        other = decided.copy()
        other[n] = value
        assert Evaluator(problem).solve(other, TIGHT) is None


def test_each_row_and_column_keeps_its_own_status():
    instance = ruled_instance(any_shape(3), RULES)
    rules = make_rules(instance)
    before, after = make_problem(instance, rules[1:]), make_problem(instance, rules)
    r = np.random.default_rng(0)
    program = before.program
    column, row = (r.integers(0, 2, n).astype(np.int8) for n in program.A.shape[::-1])
    before.last_flows.basis = Basis(column, row)
    carried = carried_basis(Match(before, after))

    def named(problem: Problem, status: np.ndarray) -> dict:
        families = problem.decisions.column.items()
        return {(f, key): status[n] for f, keys in families for key, n in keys.items()}

    def ends(problem: Problem, status: np.ndarray) -> dict:
        layer, n = problem.layer, problem.decisions.size
        keys = zip(layer.x_from, layer.x_to, layer.x_mode, strict=True)
        return dict(zip(keys, status[n : n + len(layer.x_to)], strict=True))

    def rows(problem: Problem, status: np.ndarray) -> dict:
        keys = problem.decisions.row_keys
        once = [key for key in keys if keys.count(key) == 1]
        return {key: status[keys.index(key)] for key in once}

    def basic(statuses: dict) -> set:
        return {key for key, status in statuses.items() if status == BASIC}

    for family, then, now in (
        (named, column, carried.column),
        (ends, column, carried.column),
    ):
        assert basic(family(before, then)) == basic(family(after, now))
    known = rows(before, row)
    new = set(rows(after, carried.row)) - set(known)
    assert basic(rows(after, carried.row)) == basic(known) | new
    middle = slice(before.assembled[1].demand, before.assembled[1].side)
    of_flows = slice(after.assembled[1].demand, after.assembled[1].side)
    assert ((row[middle] == BASIC) == (carried.row[of_flows] == BASIC)).all()


@pytest.mark.parametrize("seed", range(examples(40)))
def test_flows_go_on_under_other_rules(seed):
    instance = ruled_instance(any_shape(seed), RULES)
    rules = make_rules(instance)
    before, after = make_problem(instance, rules[1:]), make_problem(instance, rules)
    for one, other in ((before, after), (after, before)):
        decided = best_of(one)
        if decided is None or not len(one.layer.quantity):
            continue
        Evaluator(one).solve(decided, TIGHT)
        carried = carried_basis(Match(one, other))
        assert carried is not None
        assert len(carried.column) == other.program.A.shape[1]
        assert len(carried.row) == other.program.A.shape[0]
        own = best_of(other)
        if own is None:
            continue
        other.last_flows.basis = carried
        fresh = Evaluator(replace(other)).solve(own, TIGHT)
        assert same(Evaluator(other).solve(own, TIGHT), fresh)


def solved(seed: int) -> Problem:
    problem = ruled_problem(any_shape(seed), RULES)
    decided = best_of(problem)
    assert decided is not None
    Evaluator(problem).solve(decided, TIGHT)
    assert problem.last_flows.basis is not None
    return problem


@pytest.mark.parametrize("seed", range(12))
def test_as_many_are_basic_as_there_are_rows_whatever_is_lost(seed, monkeypatch):
    monkeypatch.setattr("dmopt.solving.last_flows.FAR", np.inf)
    problem, r = solved(3), np.random.default_rng(seed)
    program, rows = problem.assembled
    n, deliveries = problem.decisions.size, len(problem.layer.x_to)
    there = np.ones(program.A.shape[1], bool)
    there[n : n + deliveries] = r.random(deliveries) < 0.5
    whole = problem.decisions.whole
    basis = problem.last_flows.over(there, problem.layer, whole, rows)
    assert basis is not None
    assert len(basis.column) == there.sum()
    assert basics(basis) == len(basis.row) == program.A.shape[0]


def test_a_demand_whose_delivery_is_lost_is_unmet_in_the_basis():
    problem = solved(3)
    program, rows = problem.assembled
    kept = problem.last_flows.basis
    n, deliveries = problem.decisions.size, len(problem.layer.x_to)
    used = n + np.flatnonzero(kept.column[n : n + deliveries] == BASIC)
    demands = len(problem.layer.quantity)
    short = len(kept.column) - demands + problem.layer.x_to[used - n]
    lost = used[kept.column[short] != BASIC][0]
    there = np.ones(program.A.shape[1], bool)
    there[lost] = False
    basis = problem.last_flows.over(there, problem.layer, problem.decisions.whole, rows)
    demand = problem.layer.x_to[lost - n]
    assert basis.column[len(basis.column) - demands + demand] == BASIC
    assert (basis.row == kept.row).all()


def test_far_off_there_is_none():
    problem = solved(3)
    program, rows = problem.assembled
    n, deliveries = problem.decisions.size, len(problem.layer.x_to)
    there = np.ones(program.A.shape[1], bool)
    there[n : n + deliveries] = False
    whole = problem.decisions.whole
    assert problem.last_flows.over(there, problem.layer, whole, rows) is None
    assert LastFlows().over(there, problem.layer, whole, rows) is None


def test_too_many_are_made_fewer_by_decisions_that_are_fixed():
    problem = solved(3)
    program, rows = problem.assembled
    kept, whole = problem.last_flows.basis, problem.decisions.whole
    row, column = kept.row.copy(), kept.column.copy()
    column[np.flatnonzero(whole & (column[: len(whole)] != BASIC))[:2]] = BASIC
    lacking = len(row) - basics(Basis(column, row))
    assert lacking == -2
    problem.last_flows.basis = Basis(column, row)
    there = np.ones(program.A.shape[1], bool)
    basis = problem.last_flows.over(there, problem.layer, whole, rows)
    freed = (column == BASIC) & (basis.column == LOWER)
    assert freed.sum() == -lacking and whole[np.flatnonzero(freed)].all()
    assert basics(basis) == len(row)
    # no decision is left to make room for more rows
    problem.last_flows.basis = Basis(column, np.full_like(row, BASIC))
    assert problem.last_flows.over(there, problem.layer, whole, rows) is None
