"""Screening by hand: on the line, transport decides how many ovens, machines do not.

Ovens cost M a year besides (capital 10 over 10 years, rate 0), transport T times today:

    w alone    70 + M + 40 T          both    2 (70 + M) = 140 + 2 M

so that both are better from T = (70 + M) / 40 on: with M from 0.5 to 1.5, between
1.7625 and 1.7875. T from 1 to 3 has the levels 1, 1.67, 2.33 and 3 and moves two of
them a step: every step of T goes across, and no step of M does.
"""

import sys
from dataclasses import replace
from itertools import pairwise
from threading import Event

import numpy as np
import pytest

import dmopt
from dmopt.errors import InstanceError
from dmopt.solving.highs import Limits
from dmopt.studies.screen.effects import elementary_effects, trajectories
from dmopt.studies.screen.ranges import ranges
from dmopt.studies.screen.screen import screen
from dmopt.studies.screen.step import Kept
from dmopt.studies.screen.table import points_table, screen_table, steps_table
from dmopt.studies.screen.walk import Walk, _rules, _tightened
from dmopt.studies.screen.words import screening_object, sentences
from dmopt.studies.session import AT_HAND, Session
from dmopt.studies.whatif import Wish
from tests.line import TABLES, changed, line

OVENS = [TABLES["technologies"][0] | {"capital_cost": 10, "life_yr": 10}]
UNCERTAIN = [
    {"figure": "transport_price", "low": 1, "likely": 1, "high": 3},
    {"figure": "machine_price", "low": 0.5, "likely": 1, "high": 1.5},
    {"figure": "demand", "low": 1, "likely": 1, "high": 1},
]
TOWN = line(technologies=OVENS, uncertain=UNCERTAIN)
R = 5


@pytest.fixture(scope="module")
def by_hand():
    return screen(TOWN, trajectories=R, gap=1e-4)


def cost(t, m):
    return min(70 + m + 40 * t, 140 + 2 * m)


def row_of(found, figure):
    return found.table.set_index("figure").loc[figure]


def test_the_figure_that_moves_the_sites_is_told_from_the_one_that_does_not(by_hand):
    assert list(by_hand.table.figure) == ["transport_price", "machine_price"]
    transport = row_of(by_hand, "transport_price")
    assert transport.steps == transport.steps_had_to == R
    # {w} and {w, e}: one site of two
    assert transport.sites_changed == transport.had_to_change == 0.5
    assert transport.flips == f"e ({R})"
    machines = row_of(by_hand, "machine_price")
    assert machines.steps == R and machines.steps_had_to == 0
    assert machines.sites_changed == machines.left_open == machines.could_stay == 0
    assert machines.flips == ""


def test_every_point_and_regret_is_the_one_on_paper(by_hand):
    assert by_hand.likely.cost == pytest.approx(111)
    assert by_hand.likely.sites == {"w"}
    assert len(by_hand.known) == by_hand.planned == 1 + 3 * R
    for point in by_hand.known:
        t, m = point.values["transport_price"], point.values["machine_price"]
        assert point.cost == pytest.approx(cost(t, m), rel=1e-4)
        assert point.sites == ({"w"} if t < 1.77 else {"w", "e"})
    for step in by_hand.steps:
        if step.figure == "transport_price":
            t = step.after.values["transport_price"]
            m = step.after.values["machine_price"]
            both, alone = 140 + 2 * m, 70 + m + 40 * t
            assert step.regret == pytest.approx((abs(both - alone),) * 2, rel=1e-3)


def test_the_effects_on_cost_are_those_by_hand(by_hand):
    effects = {"transport_price": [], "machine_price": []}
    for walk in by_hand.points:
        for one, other in pairwise(walk):
            delta = other.place - one.place
            figure = list(effects)[int(np.abs(delta).argmax())]
            rise = cost(*other.values.values()) - cost(*one.values.values())
            effects[figure].append(rise / delta.sum())
    for figure, each in effects.items():
        row = row_of(by_hand, figure)
        assert row.cost_mu_star == pytest.approx(np.mean(np.abs(each)), rel=1e-3)
        assert row.cost_sigma == pytest.approx(np.std(each, ddof=1), rel=1e-2)
        assert row.cost_effect_least <= row.cost_mu_star * (1 + 1e-9)
        assert row.cost_effect_most >= row.cost_mu_star * (1 - 1e-9)


def test_on_a_linear_model_mu_star_is_the_slope_times_the_range():
    points = trajectories(3, 6, 4, seed=1)
    assert points.shape == (6, 4, 3)
    slopes = np.array([2.0, -5.0, 0.0])
    found = elementary_effects(points, points @ slopes + 7, 4)
    assert found.mu == pytest.approx(slopes, abs=1e-9)
    assert found.mu_star == pytest.approx(abs(slopes), abs=1e-9)
    assert found.sigma == pytest.approx(np.zeros(3), abs=1e-9)


def test_each_step_of_a_trajectory_moves_one_figure_by_the_same():
    points = trajectories(4, 10, 4, seed=0)
    moved = np.abs(np.diff(points, axis=1))
    # p / (2 (p - 1)) = 4 / 6
    assert np.sort(moved, axis=2)[:, :, -1] == pytest.approx(2 / 3)
    assert np.sort(moved, axis=2)[:, :, :-1] == pytest.approx(0)
    assert (np.sort(moved.argmax(axis=2), axis=1) == np.arange(4)).all()
    assert (trajectories(4, 10, 4, seed=0) == points).all()
    assert (trajectories(4, 10, 4, seed=1) != points).any()


def test_trajectories_with_a_point_without_a_plan_do_not_count_for_effects():
    points = trajectories(2, 3, 4, seed=0)
    y = points @ np.array([1.0, 2.0])
    y[1, 2] = np.nan
    assert elementary_effects(points, y, 4).mu == pytest.approx([1, 2])
    nothing = elementary_effects(points, y * np.nan, 4)
    assert np.isnan(nothing.mu).all() and np.isnan(nothing.sigma).all()


def test_figures_without_a_plan_are_told():
    # one oven at w alone makes 100 t, and all is wanted: twice of it has no plan
    ovens = [OVENS[0] | {"capacity_per_yr": 60}]
    some = [
        {"figure": "demand", "low": 1, "likely": 1, "high": 2},
        UNCERTAIN[0] | {"low": 1, "high": 1},
        UNCERTAIN[1] | {"low": 1, "high": 1},
    ]
    found = screen(line(technologies=ovens, uncertain=some), trajectories=3)
    row = row_of(found, "demand")
    assert row.steps == 0 and row.steps_without_plan == 3
    assert found.is_proven and np.isnan(row.sites_changed)
    told = " ".join(sentences(found))
    assert "there is no plan at all (proven)" in told
    assert "nothing is known of any figure" in told
    steps = steps_table(found.steps)
    assert set(steps.verdict) == {"no plan"} and steps.sites_changed.isna().all()


def test_a_regret_that_nothing_limits_is_counted_and_spoils_no_mean(by_hand):
    first = next(s for s in by_hand.steps if s.figure == "transport_price")
    least, most = first.regret
    steps = [
        replace(each, kept=Kept(np.inf, 100.0))
        if each.figure == "transport_price" and each is not first
        else each
        for each in by_hand.steps
    ]
    table = screen_table(by_hand.given, by_hand.points, steps, by_hand.levels)
    row = table.set_index("figure").loc["transport_price"]
    assert (row.steps, row.steps_no_limit) == (R, R - 1)
    assert (row.regret_least, row.regret_most) == pytest.approx((least, most))
    assert row_of(by_hand, "transport_price").steps_no_limit == 0


def test_a_figure_with_a_wide_gap_is_not_said_to_have_moved_anything():
    # within 60 % neither one oven nor two can be told apart: nothing has to change
    found = screen(TOWN, trajectories=2, gap=0.6)
    assert (found.table.steps_had_to == 0).all()
    assert (found.table.had_to_change == 0).all()


@pytest.mark.parametrize(("gap", "said"), [(0.05, "could stay"), (0.01, "left open")])
def test_sites_that_were_found_by_chance_could_have_stayed(gap, said, monkeypatch):
    # 51 t and 49 t, T 1: w alone 70 + M + 49, e alone 70 + M + 51, 1.7 % more. Who has
    # an oven at e and looks on finds w; within 5 % e is as good. Within 1 % it is not,
    # but then it was not before either: the step did not do that
    rows = [
        each | {"quantity_per_yr": t}
        for each, t in zip(TABLES["demand"], (51, 49), strict=True)
    ]
    town = line(technologies=OVENS, demand=rows, uncertain=UNCERTAIN)
    walk = walk_of(town, gap)
    begin, end = np.array([0.0, 0.0]), np.array([0.0, 2 / 3])
    east = walk.session.ask(Wish(knobs=walk.values(begin), sites={"w": "shut"}), gap=0)
    bound = 119.5  # of w, M 0.5
    before = walk._solved(begin, replace(east, bound=bound))
    monkeypatch.setattr(
        Walk, "_ask", lambda self, wish, *_: self.session.ask(wish, gap=0)
    )
    step, after = walk.step(0, before, end, None)
    assert before.point.sites == {"e"} and after.point.sites == {"w"}
    assert (step.verdict, step.changed) == (said, 1)
    assert step.figure == "machine_price"
    assert step.regret == pytest.approx((0 if gap == 0.05 else 2, 2), abs=1e-3)


def test_the_plan_of_a_point_is_the_cheapest_known_there(monkeypatch):
    # a search that only finds e (70 + M + 60) is no reason to leave w (70 + M + 40)
    walk = walk_of(TOWN)
    before = walk.to(np.array([0.0, 0.0]), None)
    ask = Session.ask

    def worse(self, wish, **options):
        shut = wish.model_copy(update={"sites": {"w": "shut"}})
        return replace(ask(self, shut, **options), bound=None)

    monkeypatch.setattr(Session, "ask", worse)
    step, after = walk.step(0, before, np.array([0.0, 2 / 3]), None)
    assert step.verdict == "same" and after.point.sites == {"w"}
    assert after.point.cost == pytest.approx(cost(1, 0.5 + 2 / 3))


def test_all_is_proven_where_every_point_is_known_and_within_the_gap(by_hand):
    assert by_hand.is_proven
    loose = replace(by_hand.likely, bound=by_hand.likely.cost * 0.99)
    assert not replace(by_hand, likely=loose).is_proven
    assert replace(by_hand, likely=loose, gap=0.02).is_proven
    assert not replace(by_hand, points=by_hand.points[:-1]).is_proven


def walk_of(town, gap=0.01):
    return Walk(town, ranges(town).given, Limits(20.0, gap, 0, 1), None)


def test_a_point_begins_from_its_neighbours_plan():
    told = []
    found = screen(TOWN, trajectories=1, gap=0, on_point=lambda *_: told.append)
    at_hand = [each.cost for each in told if each.step == AT_HAND]
    assert len(at_hand) >= len(found.steps)
    for step in found.steps:
        t, m = (step.after.values[k] for k in ("transport_price", "machine_price"))
        alone = step.before.sites == {"w"}
        kept = 70 + m + 40 * t if alone else 140 + 2 * m
        assert any(each == pytest.approx(kept) for each in at_hand)


def test_old_sites_are_held_exactly_in_one_period():
    walk = walk_of(TOWN)
    held = walk._holding(Wish(knobs={"transport_price": 3.0}), frozenset("w"))
    # 70 + 1 + 120 at w alone; both would be 142
    result = walk.session.ask(held, gap=0)
    assert result.cost == pytest.approx(191) and result.bound == pytest.approx(191)
    both = walk._holding(Wish(), frozenset("we"))
    # w alone would be 111: both are held though one would do
    assert walk.session.ask(both, gap=0).cost == pytest.approx(142)


def test_over_periods_only_that_no_other_site_works_is_imposed():
    periods = [TABLES["periods"][0], {"period": "z", "start_year": 2031, "years": 1}]
    town = line(technologies=OVENS, periods=periods, uncertain=UNCERTAIN)
    [shut] = walk_of(town)._holding(Wish(), frozenset("w")).rules.add
    assert "sites=e;" in shut and "most=0" in shut
    assert walk_of(town)._holding(Wish(), frozenset("we")).rules.add == []


def test_what_another_set_of_sites_costs_says_nothing_of_the_old_ones():
    alone = Session(TOWN).ask(Wish(), gap=0)
    both = _tightened(Kept(200, 100), alone, frozenset("we"))
    assert both == Kept(200, pytest.approx(111))
    assert _tightened(Kept(200, 100), alone, frozenset("w")).cost == pytest.approx(111)
    none = replace(alone, status="infeasible", plan=None, cost=None, bound=None)
    assert _tightened(Kept(np.inf, 100), none, frozenset("e")).bound == np.inf


def test_sites_that_no_rule_can_name_leave_it_open():
    rows = [
        each | {"site": name}
        for each, name in zip(TABLES["sites"], ("w", "e, upper floor"), strict=True)
    ]
    town = line(technologies=OVENS, sites=rows, uncertain=UNCERTAIN)
    found = screen(town, trajectories=1, gap=0)
    row = row_of(found, "transport_price")
    assert (row.left_open, row.had_to_change, row.regret_least) == (0.5, 0, 0)


def test_many_sites_are_named_by_several_rules():
    names = [f"s{n}" for n in range(40)]
    texts = list(_rules("hold", names, "least={}"))
    assert [text.rpartition("=")[2] for text in texts] == ["15", "15", "10"]
    assert ",".join(names).startswith(texts[0].partition("sites=")[2].partition(";")[0])


def test_cancelled_what_is_known_comes_back():
    cancel = Event()

    def stop_soon(text, done, of):
        assert of == 1 + 3 * 4
        if done == 6:
            cancel.set()

    found = screen(TOWN, trajectories=4, gap=0, on_point=stop_soon, cancel=cancel)
    # the likely values, one whole trajectory of three, two points of the next
    assert [len(walk) for walk in found.points] == [3, 2]
    assert len(found.known) == 6 and len(found.steps) == 3
    assert not found.is_proven
    assert found.table.steps.sum() == 3 and found.table.cost_mu_star.notna().all()
    assert found.table.cost_sigma.isna().all()  # one trajectory is whole
    assert "Stopped: 6 of 13 points are known." in list(sentences(found))
    assert len(points_table(found.points, found.likely)) == 6


def test_cancelled_at_once_nothing_is_known():
    cancel = Event()
    cancel.set()
    found = screen(TOWN, trajectories=1, cancel=cancel)
    assert found.likely is None and found.known == [] and list(sentences(found)) == []
    assert screening_object(found)["figures"][0]["sites_changed"] is None


def test_without_a_plan_at_the_likely_values_there_are_no_steps():
    nobody = changed("sites", status="excluded")
    found = screen(line(technologies=OVENS, sites=nobody, uncertain=UNCERTAIN))
    assert found.likely.status == "infeasible" and list(found.steps) == []


def test_words_say_where_the_money_goes_and_what_is_not_shown(by_hand):
    told = list(sentences(by_hand))
    assert told[0] == "Recommended at the likely values: w."
    assert told[1] == (
        "The next survey money goes to: Price of transport: the sites had to change in "
        f"{R} of {R} steps, proven (in the plans found most often e)."
    )
    told = list(sentences(doubtful(by_hand, "left open")))
    assert told[1].startswith("For no figure is it shown that the sites had to change.")
    assert (
        "Price of transport in 5 of 5 steps (in the plans found most often e)"
        in told[1]
    )
    told = list(sentences(doubtful(by_hand, "could stay")))
    assert told[1].startswith("In every step the sites stayed")


def test_sites_that_stayed_show_nothing_where_plans_are_not_proven(by_hand):
    stayed = doubtful(by_hand, "could stay")
    loose = [[replace(p, bound=-np.inf) for p in walk] for walk in stayed.points]
    told = list(sentences(replace(stayed, points=loose)))
    assert told[1].endswith("that no figure needs a survey is not shown.")


def test_figures_whose_steps_lead_to_no_plan_are_named(by_hand):
    steps = [
        replace(each, verdict=None if each.figure == "machine_price" else "same")
        for each in by_hand.steps
    ]
    table = screen_table(by_hand.given, by_hand.points, steps, by_hand.levels)
    told = list(sentences(replace(by_hand, steps=steps, table=table)))
    assert told[1].endswith("that no figure needs a survey is not shown.")
    assert f"Price of machines, central plants aside in {R} of {R} steps" in told[2]


def doubtful(found, verdict):
    """The same, had no more been shown of its steps to other sites."""
    steps = [
        each if each.verdict == "same" else replace(each, verdict=verdict)
        for each in found.steps
    ]
    table = screen_table(found.given, found.points, steps, found.levels)
    row = table.set_index("figure").loc["transport_price"]
    column = verdict.replace(" ", "_")
    assert row[column] == row.sites_changed == 0.5 and row.had_to_change == 0
    return replace(found, steps=steps, table=table)


def test_nothing_uncertain_is_refused():
    still = [each | {"low": 1, "high": 1} for each in UNCERTAIN]
    with pytest.raises(InstanceError, match="a figure with a range"):
        screen(line(technologies=OVENS, uncertain=still))


@pytest.mark.parametrize(
    "options", [{"trajectories": 0}, {"levels": 3}, {"levels": 0}, {"half": 1.5}]
)
def test_arguments_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        screen(TOWN, **options)


def test_without_salib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(InstanceError, match=r"pip install 'dmopt\[study\]'"):
        dmopt.screen(TOWN)
