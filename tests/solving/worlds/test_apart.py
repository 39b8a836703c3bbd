"""Worlds taken apart: what they pay each other, how plans are split, what it proves."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dmopt.solving.assemble import assemble
from dmopt.solving.highs import run_highs
from dmopt.solving.totals import totals_of
from dmopt.solving.worlds.apart import Apart, together
from dmopt.solving.worlds.joint import join_worlds
from dmopt.solving.worlds.kept import Kept, Limits
from dmopt.solving.worlds.measure import expected
from dmopt.solving.worlds.planes import Planes, settled
from tests.line import line
from tests.paths import examples
from tests.solving.test_agreement import SAME
from tests.solving.worlds.test_joint import TIGHT, any_worlds, world


def best_of(worlds, weight):
    joint = join_worlds(worlds, expected(weight))
    return run_highs(assemble(joint.decisions, joint.layer)[0], TIGHT)


def worked(apart, most=12):
    """With common totals from none of anything on, and parts of all plans."""
    apart.agree(np.zeros(len(apart.totals.money)))
    apart.split(most)


def apart_of(worlds, weight, aim=np.inf):
    return Apart(worlds, weight, lambda: aim, 0, 1, Event())


@pytest.mark.parametrize("seed", range(examples(80)))
def test_what_is_proven_apart_holds_for_all_and_for_each_part(seed):
    worlds, weight = any_worlds(seed)
    best = best_of(worlds, weight)
    apart = apart_of(worlds, weight)
    worked(apart)
    if not apart.parts:
        return
    proven = apart.proven()
    for part in apart.parts:
        pay = part.least.pay
        room = 1e-6 * max(1.0, np.abs(pay).max())
        assert weight @ pay == pytest.approx(0, abs=room)
        if np.isfinite(part.value) and len(apart.parts) > 1:
            assert (part.least.totals >= part.limits.low - 1e-6).all()
            assert (part.least.totals <= part.limits.high + 1e-6).all()
    assert list(apart.tree.faults(worlds[0].decisions)) == []
    assert len(apart.tree.leaves) == len(apart.parts)
    assert sorted(part.node for part in apart.parts) == apart.tree.leaves.tolist()
    if best.x is None:
        return
    assert proven <= best.cost + SAME * max(1.0, abs(best.cost))
    # the best plan lies in one of the parts, and that one is proven no dearer
    totals = totals_of(worlds[0].decisions).A @ best.x[: worlds[0].decisions.size]
    holds = [
        ((totals >= p.limits.low - 1e-6) & (totals <= p.limits.high + 1e-6)).all()
        for p in apart.parts
    ]
    assert sum(holds) == 1


@pytest.mark.parametrize("seed", range(examples(40)))
def test_planes_lie_below_what_worlds_cost_at_any_totals(seed):
    worlds, weight = any_worlds(seed)
    best = best_of(worlds, weight)
    apart = apart_of(worlds, weight)
    worked(apart, most=4)
    if best.x is None or not apart.parts:
        return
    n = worlds[0].decisions.size
    totals = np.round(apart.totals.A @ best.x[:n])
    exact = [
        run_highs(replace(p.program, **held(p.program, best.x[:n])), TIGHT)
        for p in worlds
    ]
    said = apart.planes.base + apart.planes.slope @ totals
    for number, answer in enumerate(exact):
        mine = said[apart.planes.world == number]
        assert mine.max() <= answer.cost + SAME * max(1.0, abs(answer.cost))


def held(program, decided):
    """Limits that hold the first columns of a program where they are."""
    low, high = program.low.copy(), program.high.copy()
    low[: len(decided)] = high[: len(decided)] = decided
    return {"low": low, "high": high}


# w alone costs 110, and 230 where transport is four times as dear; both always 140.
# At a chance of 0.3 both are best (140), though a world of cheap transport on its own
# takes one: without payments 0.7 * 110 + 0.3 * 140 = 119 is proven at most
def test_payments_and_splits_prove_what_worlds_without_them_do_not():
    worlds = [world(line(), transport_price=price) for price in (1.0, 4.0)]
    weight = np.array([0.7, 0.3])
    apart = apart_of(worlds, weight)
    worked(apart)
    assert apart.proven() == pytest.approx(140, rel=1e-6)


def test_nothing_is_split_where_what_is_there_is_enough():
    worlds = [world(line(), transport_price=price) for price in (1.0, 4.0)]
    apart = apart_of(worlds, np.array([0.7, 0.3]), aim=50.0)
    worked(apart)
    assert apart.is_enough and len(apart.parts) == 1
    assert 50 <= apart.proven() <= 140


def test_a_part_that_one_world_cannot_be_in_bounds_nothing():
    # 1.3 times the demand has no room in one oven: in the part of one site at most
    # there is no plan, and what is proven is what two ovens cost
    worlds = [world(line(), demand=share) for share in (1.0, 1.3)]
    apart = apart_of(worlds, np.array([0.5, 0.5]))
    worked(apart)
    assert apart.proven() == pytest.approx(140, rel=1e-6)


def test_what_is_stopped_at_once_proves_nothing():
    worlds = [world(line(), transport_price=price) for price in (1.0, 4.0)]
    apart = apart_of(worlds, np.array([0.5, 0.5]))
    apart.stop.set()
    worked(apart)
    assert apart.proven() == -np.inf


def test_payments_that_do_not_add_up_cost_what_they_may_be_worth():
    worlds = [world(line(), transport_price=price) for price in (1.0, 4.0)]
    weight, share = np.array([0.5, 0.5]), np.zeros((2, worlds[0].decisions.size))
    assert together(worlds, weight, share, np.array([100.0, 200.0])) == 150
    opened = next(iter(worlds[0].decisions.column["open"].values()))
    share[0, opened] = 8.0  # 4 of weight, times one site at most
    assert together(worlds, weight, share, np.array([100.0, 200.0])) == 146


def test_what_a_relaxation_proves_with_payments_holds_for_plans_that_pay():
    for seed in range(examples(20)):
        (first, *_), _ = any_worlds(seed)
        totals = totals_of(first.decisions)
        random = np.random.default_rng(seed)
        pay = random.normal(0, 20, len(totals.money))
        d = first.decisions
        paying = replace(first, decisions=replace(d, cost=d.cost + totals.A.T @ pay))
        best = run_highs(paying.program, TIGHT)
        kept = Kept.by_place(first, totals, 8, 0, Event())
        endless = np.full(len(pay), np.inf)
        everything = Limits(-endless, endless)
        solved = kept.solve(pay, everything, 5)
        if solved is None or solved.x is None or best.x is None:
            continue
        room = SAME * max(1.0, abs(best.cost))
        assert kept.proven(solved, pay, everything) <= best.cost + room
        sharp = kept.sharper(pay, solved, 10_000)
        better = sharp.solve(pay, everything, 5)
        proven = sharp.proven(better, pay, everything)
        assert proven <= best.cost + room
        assert proven >= better.value - room  # nothing is merged: nothing is lost
        # within limits that the best plan keeps, and other payments, it still holds
        chosen = np.round(totals.A @ best.x[: d.size])
        tight = Limits(chosen, chosen)
        again = sharp.solve(pay, tight, 2)
        assert sharp.proven(again, pay, tight) <= best.cost + room


def test_a_relaxation_that_was_stopped_is_solved_again():
    problem = world(line())
    totals, stop = totals_of(problem.decisions), Event()
    kept = Kept.by_place(problem, totals, 8, 0, stop)
    none = np.zeros(len(totals.money))
    endless = none + np.inf
    everything = Limits(-endless, endless)
    stop.set()
    assert kept.solve(none, everything, 0) is None
    stop.clear()
    # 0.7 ovens for 60 + 40 of 100 t at w: strong rows ask for a whole one, 110 in all
    solved = kept.solve(none, everything, 5)
    assert solved is not None and solved.value == pytest.approx(110)


def test_totals_are_missed_at_a_price_where_all_else_is_asked_strictly():
    # 1.3 times the demand has no room in one oven
    problem = world(line(), demand=1.3)
    totals = totals_of(problem.decisions)
    kept = Kept.by_place(problem, totals, 8, 0, Event())
    one = np.ones(len(totals.money))
    cost, more = kept.at(one, 5)
    free, _ = kept.at(2 * one, 5)
    assert cost > free >= 140 - 1e-6
    assert cost + more @ one <= free + 1e-6 * free  # a plane lies below
    strict = kept.solve(0 * one, Limits(0 * one, one), 5)
    assert strict.value == np.inf and strict.x is None


def test_the_least_of_two_worlds_is_where_their_planes_meet():
    # world 0 costs 10 + 4 t, world 1 costs 20 - 10 t and 10 at least: by halves that is
    # 15 - 3 t up to t = 1, 10 + 2 t from there
    planes = Planes.flat(np.array([0.0, 10.0]), 1)
    planes = planes.with_(
        np.array([0.5]), np.array([12.0, 15.0]), np.array([[4.0], [-10.0]])
    )
    weight = np.array([0.5, 0.5])
    least = planes.least(weight, np.array([0.0]), np.array([3.0]), 0)
    assert least.value == pytest.approx(12)
    assert least.totals == pytest.approx([1])
    # world 0 is given 4 for each, world 1 pays 4: what planes of both then say is 12
    assert least.pay[:, 0] == pytest.approx([-4, 4])
    # above 2 all pay 2 for more than they would have: that is no payment to another
    above = planes.least(weight, np.array([2.0]), np.array([3.0]), 0)
    assert above.value == pytest.approx(14)
    assert weight @ above.pay == pytest.approx([0])


def test_settled_payments_add_up_to_nothing():
    weight = np.array([0.25, 0.75])
    pay = settled(np.array([[4.0, 1.0], [0.0, 2.0]]), weight)
    assert weight @ pay == pytest.approx([0, 0])
    assert pay[0] - pay[1] == pytest.approx([4, -1])
