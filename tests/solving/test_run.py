"""Solve: the path it takes and why, what it answers, how it stops, what it refuses."""

from dataclasses import replace
from functools import cache
from threading import Event

import pandas as pd
import pytest

from dmopt.data.instance import Instance
from dmopt.errors import PlanRejected
from dmopt.plan.plan import Plan, make_plan
from dmopt.plan.verify import verify
from dmopt.solving import run
from dmopt.solving.builder import make_problem
from dmopt.solving.extract import extract
from dmopt.solving.problem import Problem
from dmopt.solving.progress import Progress
from dmopt.solving.run import choose_path, solve
from tests.line import changed, line
from tests.random_instances import Shape, random_instance


@cache
def hard() -> Instance:
    """Plans are found within a second; the proof takes minutes."""
    shape = Shape(
        seed=3, zones=60, sites=15, periods=2, shared=True, own=True, two_modes=True
    )
    return random_instance(shape)


def problem_of(instance: Instance) -> Problem:
    return make_problem(instance, ())


def two_ovens() -> Instance:
    return line(technologies=changed("technologies", max_modules=2))


def test_a_path_that_is_asked_for_is_taken():
    assert choose_path(problem_of(line()), "coarse") == ("coarse", "asked for")


def test_the_instance_may_set_a_path_which_asking_overrides():
    instance = line({"path": "reference"})
    found = choose_path(problem_of(instance), "auto")
    assert found == ("reference", "set in the instance")
    assert choose_path(problem_of(instance), "exact") == ("exact", "asked for")


def test_few_deliveries_and_decisions_go_in_one_model():
    path, why = choose_path(problem_of(two_ovens()), "auto")
    assert path == "exact"
    assert why.startswith("4 possible deliveries and ")
    assert why.endswith(" whole decisions are few enough for one model")


@pytest.mark.parametrize("most", ["CITY_DELIVERIES", "CITY_DECISIONS"])
def test_many_deliveries_or_decisions_go_coarse_to_fine(monkeypatch, most):
    monkeypatch.setattr(run, most, 3)
    path, why = choose_path(problem_of(two_ovens()), "auto")
    assert path == "coarse"
    assert why.endswith(" whole decisions are too many for one model")


def test_textbook_location_goes_in_one_model_for_longer(monkeypatch):
    monkeypatch.setattr(run, "CITY_DELIVERIES", 3)
    assert choose_path(problem_of(line()), "auto") == (
        "exact",
        "one technology and no infrastructure at any site: one model",
    )
    monkeypatch.setattr(run, "TEXTBOOK_DELIVERIES", 3)
    assert choose_path(problem_of(line()), "auto")[0] == "coarse"


@pytest.mark.parametrize("path", ["exact", "coarse", "reference"])
def test_every_path_finds_the_optimum_and_proves_it(path):
    # w alone: 50 + 20 + 40 t x 10 km x 0.1
    result = solve(line(), path=path, gap=1e-6)
    assert result.status == "optimal"
    assert result.cost == pytest.approx(110)
    assert result.bound == pytest.approx(110, rel=1e-5)
    assert result.gap <= 2e-6
    assert result.path == path
    assert result.verified
    assert result.proof


@pytest.mark.parametrize("path", ["exact", "coarse", "reference"])
def test_infeasible_is_an_answer_on_every_path(path):
    # two ovens of 40 t for 100 t that must be met
    small = line(technologies=changed("technologies", capacity_per_yr=40))
    result = solve(small, path=path)
    assert result.status == "infeasible"
    assert (result.plan, result.cost, result.bound, result.gap) == (None,) * 4
    assert not result.verified


def test_without_any_time_there_is_no_plan():
    result = solve(hard(), path="exact", time_limit_s=0)
    assert result.status == "no_plan_found"
    assert (result.plan, result.cost, result.gap) == (None, None, None)


def test_in_little_time_a_plan_comes_with_the_gap_that_is_left():
    # machines differ: the least of these limits within which a plan is found
    for seconds in (0.25, 0.5, 1, 2, 4, 8, 16):
        result = solve(hard(), path="exact", gap=0, time_limit_s=seconds)
        if result.plan is not None:
            break
    assert result.status == "feasible"
    assert result.bound < result.cost
    assert result.gap == pytest.approx((result.cost - result.bound) / result.cost)
    assert verify(hard(), result.plan) == []


def test_a_gap_that_is_reached_counts_as_optimal():
    result = solve(hard(), path="exact", gap=0.5)
    assert result.status == "optimal"
    assert result.gap <= 0.5


@pytest.mark.parametrize("path", ["exact", "coarse"])
def test_cancelled_before_the_start_there_is_no_plan_and_no_wait(path):
    cancel = Event()
    cancel.set()
    result = solve(hard(), path=path, cancel=cancel)
    assert result.status == "no_plan_found"
    assert result.seconds < 20


@pytest.mark.parametrize("path", ["exact", "coarse"])
def test_cancelled_on_the_way_the_best_plan_stays_with_its_gap(path):
    cancel = Event()

    def stop_at_the_first_plan(progress: Progress) -> None:
        if progress.cost is not None:
            cancel.set()

    result = solve(
        hard(),
        path=path,
        gap=0,
        on_progress=stop_at_the_first_plan,
        cancel=cancel,
    )
    assert result.status == "feasible"
    assert result.gap > 0
    assert result.seconds < 40
    assert verify(hard(), result.plan) == []


def test_what_was_asked_for_is_recorded():
    result = solve(line(), path="exact", gap=0.01, time_limit_s=5, seed=7, threads=1)
    assert result.options == {
        "path": "exact",
        "gap": 0.01,
        "time_limit_s": 5,
        "seed": 7,
        "threads": 1,
    }
    assert 0 < result.build_seconds <= result.seconds
    assert result.peak_mb > 1


def test_one_seed_gives_one_plan():
    # ties between w and e: the same towns, mirrored
    even = line(demand=changed("demand", quantity_per_yr=50))
    first, second = (solve(even, path="exact", seed=3, threads=1) for _ in range(2))
    for name, table in first.plan.tables.items():
        pd.testing.assert_frame_equal(table, second.plan.tables[name])


def test_progress_is_in_order_and_heard_as_it_is_logged():
    heard: list[Progress] = []
    result = solve(line(), path="exact", on_progress=heard.append)
    assert tuple(heard) == result.log
    assert (heard[0].step, heard[-1].step) == ("model built", "done")
    assert heard[0].cost is None
    seconds = [each.seconds for each in heard]
    assert seconds == sorted(seconds)
    costs = [each.cost for each in heard if each.cost is not None]
    assert costs == sorted(costs, reverse=True)
    assert heard[-1].cost == pytest.approx(110)


def half_the_flows(problem: Problem, x) -> Plan:
    plan = extract(problem, x)
    flows = plan.tables["flows"]
    less = flows.assign(quantity_per_yr=flows.quantity_per_yr / 2)
    return make_plan(plan.instance, {**plan.tables, "flows": less})


def test_a_plan_that_fails_its_check_is_not_handed_out(monkeypatch):
    monkeypatch.setattr(run, "extract", half_the_flows)
    with pytest.raises(PlanRejected, match=r"demand \[west, bread, y\]") as error:
        solve(line(), path="exact")
    said = str(error.value)
    # half of 40 t x 10 km x 0.1 is not paid
    assert "cost: solver says 110, checker 90" in said


def test_a_plan_that_breaks_a_rule_is_not_handed_out(monkeypatch):
    # the rows say nothing, the checker wants two
    least = [{"id": "both", "rule": "site_count", "parameters": "least=2"}]
    ruled = line(rules=least)
    unruled = run.make_problem
    monkeypatch.setattr(
        run,
        "make_problem",
        lambda instance, rules: replace(unruled(instance, ()), rules=rules),
    )
    with pytest.raises(PlanRejected, match=r"both \[y\]"):
        solve(ruled, path="exact")


def test_a_cost_that_the_checker_does_not_find_is_not_handed_out(monkeypatch):
    monkeypatch.setattr(run, "total_cost", lambda plan: 110.001)
    with pytest.raises(PlanRejected, match=r"solver says 110, checker 110\.001"):
        solve(line(), path="exact")
