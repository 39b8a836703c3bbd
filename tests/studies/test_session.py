"""A session: answers from what earlier wishes have taught, and plans on the way."""

import threading
import time
from dataclasses import replace

import pytest

from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from dmopt.runs import read_result, write_run
from dmopt.solving.builder import make_problem
from dmopt.solving.run import solve
from dmopt.studies import interim
from dmopt.studies.interim import Interim
from dmopt.studies.session import AT_HAND, AT_ONCE, Session, touched
from dmopt.studies.whatif import Wish, apply, wished
from tests.cli.program import two_bakeries

TOWN = two_bakeries()
FIRST, SECOND = map(str, TOWN.sites.index)
BOTH = {"rules": {"add": ["both: site_count least=2; working=yes; where=all"]}}


def wish(**parts):
    return Wish.model_validate(parts)


def test_each_answer_is_of_the_instance_as_wished():
    session = Session(TOWN)
    # one site 86 or 88, both 110 (program.py)
    for parts, cost in (
        ({}, 86),
        ({"sites": {FIRST: "shut"}}, 88),
        (BOTH, 110),
        ({}, 86),
    ):
        result = session.ask(wish(**parts), gap=0)
        assert result.cost == pytest.approx(cost)
        expected = apply(TOWN, wish(**parts))
        # its plan is of the rules asked for now, not of those asked first
        assert result.plan.instance.rules.equals(expected.rules)
        assert verify(expected, result.plan, make_rules(expected)) == []


def test_what_is_told_never_gets_worse():
    session, told = Session(TOWN), []
    session.ask(wish(), gap=0)
    session.ask(wish(**BOTH), gap=0, on_progress=told.append)
    assert AT_ONCE in [step.step for step in told]
    bounds = [step.bound for step in told if step.bound is not None]
    assert bounds == sorted(bounds) and bounds[-1] <= 110 * (1 + 1e-9)
    first = next(n for n, step in enumerate(told) if step.bound is not None)
    assert all(step.bound is not None for step in told[first:])


def test_the_tables_of_a_price_asked_twice_are_built_once():
    session = Session(TOWN)
    session.ask(wish(knobs={"demand": 0.5}), gap=0)
    told = []
    session.ask(
        wish(knobs={"demand": 0.5}, sites={FIRST: "open"}),
        gap=0,
        on_progress=told.append,
    )
    assert len(session._builders) == 1
    assert AT_HAND in [step.step for step in told]


def test_what_a_plan_decides_is_priced_under_another_wish():
    session = Session(TOWN)
    plan = session.ask(wish(), gap=0).plan
    # the first alone: 40 to keep it, half of 10 + 6 + 30 to serve half of all
    half = wish(knobs={"demand": 0.5})
    priced, cost = session.priced(half, plan)
    assert cost == pytest.approx(63)
    assert verify(apply(TOWN, half), priced) == []
    assert session.priced(wish(sites={FIRST: "shut"}), plan) is None
    with pytest.raises(InstanceError):
        session.priced(wish(sites={"nowhere": "shut"}), plan)


def test_a_run_from_elsewhere_is_taken_in(tmp_path):
    write_run(solve(TOWN, gap=0), tmp_path / "run", instance=TOWN)
    session, told = Session(TOWN), []
    session.learn(wish(), read_result(TOWN, tmp_path / "run"))
    result = session.ask(wish(**BOTH), gap=0, on_progress=told.append)
    assert result.cost == pytest.approx(110)
    # what the run proves holds with a rule more
    [bound] = [step.bound for step in told if step.step == AT_ONCE]
    assert bound <= 110 and bound > 0
    with pytest.raises(InstanceError):
        session.learn(wish(sites={"nowhere": "shut"}), result)


def test_a_proof_of_another_problem_is_not_taken_in(tmp_path):
    other = solve(apply(TOWN, wish(**BOTH)), gap=0)
    session, told = Session(TOWN), []
    session.learn(wish(), other)  # costs 110 and proves as much: not of this one
    result = session.ask(wish(), gap=0, on_progress=told.append)
    assert result.cost == pytest.approx(86)
    assert all(step.bound is None or step.bound <= 86 * (1 + 1e-9) for step in told)


@pytest.fixture
def solved(monkeypatch):
    """The problem of the town, and its best solution in all columns."""
    monkeypatch.setattr(interim, "PAUSE_S", 0.05)
    problem, found = make_problem(TOWN, []), []
    from dmopt.solving.run import solve_problem
    from dmopt.solving.start import Start

    options = {"path": "exact", "gap": 0, "time_limit_s": 20, "seed": 0, "threads": 1}
    solve_problem(
        problem,
        Start(),
        options,
        begin=time.monotonic(),
        on_found=lambda *each: found.append(each),
    )
    cost, _, x = min(
        (each for each in found if each[2] is not None), key=lambda e: e[0]
    )
    return problem, {**options, "gap": 0.05}, cost, x


def test_a_plan_on_the_way_is_verified_with_what_is_proven_then(solved):
    problem, options, cost, x = solved
    shown = []
    with Interim(problem, options, time.monotonic(), shown.append) as told:
        told.found(float("inf"), 50.0, None)
        told.found(cost, 60.0, x)  # comes back when it is shown
        assert [(r.cost, r.bound, r.status) for r in shown] == [
            (pytest.approx(86), 60.0, "feasible")
        ]
        told.found(cost, 85.0, x)  # no cheaper: not shown again
    assert len(shown) == 1 and verify(TOWN, shown[0].plan) == []
    assert shown[0].gap == pytest.approx(26 / 86)


def test_a_plan_that_does_not_pass_is_not_shown(solved):
    problem, options, cost, x = solved
    shown = []
    with Interim(problem, options, time.monotonic(), shown.append) as told:
        told.found(cost - 1, 0.0, x)  # costs more than is said of it
        told.found(cost - 2, 0.0, 0.9 * x)  # delivers too little
    assert shown == []


def test_what_fails_while_a_plan_is_shown_is_raised(solved):
    problem, options, cost, x = solved

    def full(result):
        raise OSError(28, "No space left on device")

    with (
        pytest.raises(OSError, match="No space"),
        Interim(problem, options, time.monotonic(), full) as told,
    ):
        told.found(cost, 0.0, x)
        told.found(cost - 5, 0.0, x)  # nobody waits for a thread that is gone
    assert not any(t.name.startswith("interim") for t in threading.enumerate())


def test_a_session_shows_plans_and_then_the_last_one(tmp_path):
    from dmopt.data.read import read_instance
    from tests.web.server import TOWN as RULE_TOWN

    session, shown = Session(read_instance(RULE_TOWN)), []
    result = session.ask(wish(), gap=0.01, time_limit_s=20, on_plan=shown.append)
    assert shown and all(each.verified for each in shown)
    costs = [each.cost for each in shown]
    assert costs == sorted(costs, reverse=True)
    assert result.cost <= costs[-1] * (1 + 1e-9)
    assert all(each.bound is None or each.bound <= result.cost for each in shown)
    write_instance(shown[0].plan.instance, tmp_path / "instance")
    write_run(shown[0], tmp_path / "run", instance=shown[0].plan.instance)
    again = read_result(read_instance(tmp_path / "instance"), tmp_path / "run")
    assert again.cost == shown[0].cost


def test_of_other_numbers_only_arithmetic_is_taken_in():
    # a proof at three times the cost is no proof at today's
    tables = dict(TOWN.tables)
    for name in ("sites", "technologies", "modes"):
        table = tables[name].copy()
        costs = [column for column in table if "cost" in column]
        table[costs] = table[costs] * 3
        tables[name] = table
    dearer = replace(TOWN, tables=tables)
    session, told = Session(TOWN), []
    session.learn(wish(), solve(dearer, gap=0))
    result = session.ask(wish(), gap=0, on_progress=told.append)
    assert result.cost == pytest.approx(86)
    assert all(step.bound is None or step.bound <= 86 * (1 + 1e-9) for step in told)


def test_what_is_asked_again_takes_no_place_of_what_is_known():
    session = Session(TOWN)
    for _ in range(8):
        session.ask(wish(), gap=0)
        session.ask(wish(**BOTH), gap=0)
    assert len(session._known) == 2


def test_a_site_turned_over_is_where_to_look():
    session = Session(TOWN)
    opened, shut = (
        session._problem(wished(TOWN, wish(sites={FIRST: how})))
        for how in ("open", "shut")
    )
    assert touched(opened, shut) == (FIRST,)
    assert touched(opened, opened) == ()
