"""A first plan where another one is no longer allowed."""

import time
from functools import lru_cache
from threading import Event

import numpy as np
import pytest

from dmopt.plan.plan import Plan
from dmopt.rules import edit_rules, make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse import improve, looking
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.improve import PlanWork
from dmopt.solving.coarse.looking import Looking
from dmopt.solving.coarse.neighbourhoods import nearest
from dmopt.solving.coarse.state import State
from dmopt.solving.coarse.take_over import NEW, OLD, take_over_program
from dmopt.solving.duals import bounding_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Answer, Limits
from dmopt.solving.problem import Problem
from dmopt.solving.run import solve
from dmopt.solving.start import Start, decided
from tests.random_instances import Shape, random_instance
from tests.solving.test_agreement import TIGHT, silent

TOWN = random_instance(Shape(seed=4, zones=12, sites=8, periods=1))


def ruled(*added: str) -> Problem:
    instance = edit_rules(TOWN, add=list(added))
    return make_problem(instance, make_rules(instance))


@lru_cache
def best_plan() -> Plan:
    return solve(TOWN, gap=0.0, time_limit_s=60.0).plan


def town_and_plan() -> tuple[Problem, np.ndarray, int]:
    """A problem of eight sites, what its best plan decides, and a site in use."""
    problem = ruled()
    values = np.nan_to_num(decided(problem, best_plan()))
    return problem, values, int(np.flatnonzero(Evaluator(problem).busy(values))[0])


def test_the_nearest_are_nearest_by_straight_lines():
    problem, values, site = town_and_plan()
    busy = Evaluator(problem).busy(values)
    places = problem.instance.places.loc[problem.owners.sites]
    km = np.hypot(places.x - places.x.iloc[site], places.y - places.y.iloc[site])
    chosen = nearest(problem, busy, site, 1, 3)
    for group, count in ((busy, 1), (~busy, 3)):
        members = np.flatnonzero(group)
        assert chosen[members].sum() == min(count, len(members))
        farthest = km.iloc[members[chosen[members]]].max()
        assert farthest <= km.iloc[members[~chosen[members]]].min() + 1e-9


def test_all_but_the_neighbours_is_held():
    problem, values, site = town_and_plan()
    evaluator, owners = Evaluator(problem), problem.owners
    program = take_over_program(evaluator, values, (owners.sites[site],), 5, 0)
    n = len(values)
    held = program.low[:n] == program.high[:n]
    free = nearest(problem, evaluator.busy(values), site, OLD, NEW)
    free[site] = True
    whole = problem.decisions.whole
    elsewhere = whole & owners.columns_of(~free)
    assert elsewhere.any() and held[elsewhere].all()
    assert (program.low[:n][elsewhere] == values[elsewhere]).all()
    assert not held[whole & owners.columns_of(free)].all()


@pytest.mark.parametrize("named", [True, False])
def test_a_plan_is_there_before_anything_is_dropped(named, monkeypatch):
    problem, values, site = town_and_plan()
    name, count = problem.owners.sites[site], Evaluator(problem).busy(values).sum()
    changed = ruled(
        f"gone: site_count sites={name}; most=0; working=yes; where=all"
        if named
        else f"few: site_count most={count - 1}; working=yes; where=all"
    )
    around = (name,) if named else ()
    known = Start(decided=decided(changed, best_plan()), around=around)

    def never(*_: object) -> None:
        raise AssertionError("dropped before neighbours took over")

    monkeypatch.setattr(improve, "drop", never)
    limits = Limits(30.0, 0.0, 0, 1)
    state = State(limits, silent, Event(), time.monotonic() + 30)
    work = PlanWork(
        changed, bounding_of(changed), Evaluator(changed), state, near=known
    )
    assert work.step() and state.x is not None
    best = solve_exact(changed, TIGHT, silent, Event())
    assert state.cost >= best.cost - 1e-6 * abs(best.cost)
    assert state.cost == pytest.approx(best.cost, rel=0.25)


def test_a_plan_that_still_fits_is_gone_on_from():
    problem, values, _ = town_and_plan()
    state = State(Limits(30.0, 0.0, 0, 1), silent, Event(), time.monotonic() + 30)
    state.offer(*Evaluator(problem).solve(values, TIGHT))
    known = Start(decided=values)
    work = PlanWork(
        problem, bounding_of(problem), Evaluator(problem), state, near=known
    )
    assert work._take_over not in work._ways


def closed_by_name(problem: Problem, values: np.ndarray) -> set[str]:
    """Sites that may no longer be open where neighbours take over."""
    program = take_over_program(Evaluator(problem), values, (), 5, 0)
    opens = problem.decisions.column["open"].items()
    may = problem.decisions.high
    return {site for (site, _), n in opens if program.high[n] == 0 < may[n] * values[n]}


def test_the_one_with_least_closes():
    problem, values, _ = town_and_plan()
    modules = Evaluator(problem).modules(values)
    least = np.where(modules > 0, modules, np.inf).argmin()
    assert closed_by_name(problem, values) == {problem.owners.sites[least]}


def test_what_is_committed_stays():
    stays = 0
    for seed in range(30):
        shape = Shape(seed=seed, zones=6, sites=4, periods=1, status=True)
        problem = make_problem(random_instance(shape), ())
        best = solve_exact(problem, TIGHT, silent, Event())
        if best.x is None:
            continue
        values = whole_decisions(problem.decisions, best.x)
        modules = Evaluator(problem).modules(values)
        if np.count_nonzero(modules) < 2:
            continue
        least = problem.owners.sites[np.where(modules > 0, modules, np.inf).argmin()]
        if least in problem.scope.committed:
            stays += 1
            busy = {problem.owners.sites[n] for n in np.flatnonzero(modules)}
            closed = closed_by_name(problem, values)
            assert closed < busy and (closed or busy <= problem.scope.committed)
    assert stays


@pytest.mark.parametrize(
    ("start", "looked_at"), [(None, [1.1, 1.8]), (np.zeros(1), [2.0, 1.1, 1.8])]
)
def test_a_plan_far_off_waits_until_a_better_one_is_there(
    start, looked_at, monkeypatch
):
    looked = []

    def run(program, limits, *, found, **_):
        found(200.0, -np.inf, np.array([2.0]))  # nothing is proven yet
        found(110.0, 100.0, np.array([1.1]))
        found(180.0, 100.0, np.array([1.8]))
        return Answer("optimal", None, np.inf, 100.0, None, None, 0.0)

    monkeypatch.setattr(looking, "run_highs", run)
    monkeypatch.setattr(looking, "PATIENCE", 0.0)
    monkeypatch.setattr(looking, "BLINK_S", 60.0)
    monkeypatch.setattr(looking, "whole_decisions", lambda decisions, x: x)
    monkeypatch.setattr(Looking, "_evaluate", lambda _, x: not looked.append(x[0]))
    state = State(Limits(30.0, 0.0, 0, 1), silent, Event(), time.monotonic() + 30)
    problem = town_and_plan()[0]
    Looking(Evaluator(problem), state).solve(problem.program, start, 1.0, 0)
    assert looked == looked_at  # overtaken by a better one; the last in the end
