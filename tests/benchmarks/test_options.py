"""A small seeded city by options: multipliers that rise, and plans from them."""

import time
from dataclasses import replace
from functools import lru_cache
from threading import Event

import numpy as np
import pytest
from generators.places import whatif_city

from dmopt.proof.by_cells import CellBounding
from dmopt.proof.cells import Cells
from dmopt.solving.again import check_bound
from dmopt.solving.builder import make_problem
from dmopt.solving.carry import Match, carried
from dmopt.solving.coarse import once
from dmopt.solving.coarse.ascent import FROM_NOTHING, Ascent, proof_of
from dmopt.solving.coarse.kernel import taken
from dmopt.solving.coarse.once import Once
from dmopt.solving.coarse.option_program import OptionProgram
from dmopt.solving.coarse.option_values import OptionValues, Valued
from dmopt.solving.coarse.option_work import OptionWork, cheapest
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.coarse.same_options import Used, keys_of
from dmopt.solving.coarse.state import State
from dmopt.solving.duals import bounding_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from dmopt.studies.session import Session
from dmopt.studies.whatif import Wish
from tests.proof.test_cells import proven
from tests.proof.test_duals import relaxation
from tests.solving.test_agreement import silent


@lru_cache(maxsize=1)
def city() -> Problem:
    return make_problem(whatif_city(5, 8, seed=1), ())


@lru_cache(maxsize=1)
def optimum() -> float:
    best = solve_exact(city(), Limits(60, 1e-6, 0, 1), silent, Event())
    assert best.status == "solved"
    return best.cost


def cells_of_problem(problem: Problem) -> Cells:
    checker = CellBounding.of(bounding_of(problem))
    assert not isinstance(checker, str), checker
    return checker.cells


def begun(problem: Problem) -> Ascent:
    checker = CellBounding.of(bounding_of(problem))
    assert not isinstance(checker, str), checker
    program = OptionProgram(checker, 0, Event())
    return Ascent(OptionValues(checker), program, cheapest(problem.layer), FROM_NOTHING)


def test_steps_prove_more_than_the_relaxation_and_no_more_than_the_best_plan() -> None:
    problem = city()
    best, found = optimum(), relaxation(problem)
    assert found is not None
    ascent = begun(problem)
    for _ in range(25):
        step = ascent.step()
        assert step is not None
        bound = proven(
            ascent.values.checker, proof_of(ascent.values, ascent.program, step)
        )
        assert bound <= best * (1 + 2e-6)
        # what the relaxation says of a step is what its prices prove
        assert bound == pytest.approx(step.value, rel=1e-4, abs=1e-3)
    assert ascent.best is not None and ascent.best.value > found[0]


def test_steps_begin_where_no_bound_is_known_yet() -> None:
    # multipliers of an earlier solve, a price changed: nothing is proven before
    problem = city()
    ascent = begun(problem)
    deadline = time.monotonic() + 60
    state = State(Limits(60, 0.01, 0, 1), silent, Event(), deadline)
    checker = ascent.values.checker
    work = OptionWork.of(problem, checker, ascent.demand, state)
    work.step()
    assert np.isfinite(work.ascent.demand).all()
    assert optimum() / 2 < state.bound <= optimum() * (1 + 2e-6)


def test_what_capacity_is_worth_is_found_from_any_price_before() -> None:
    ascent = begun(city())
    values, u = ascent.values, ascent.demand
    anew = values.at(u, None)
    for before in (0.0, 1e-3, 0.5, 3.0, 1e3):
        again = values.at(u, before * anew.mu)
        least = np.minimum(anew.gains, again.gains)
        assert again.gains == pytest.approx(least, rel=0.1, abs=1e-3)
        assert again.gains.sum() == pytest.approx(least.sum(), rel=5e-3)


def test_capacity_is_priced_as_finely_from_prices_before_as_from_none() -> None:
    # else what is served is no slope of the bound, and steps stall below its top
    ascent = begun(city())
    for _ in range(20):
        ascent.step()
    values, u = ascent.values, ascent.demand

    def settled(u: np.ndarray) -> Valued:
        """Prices of one capacity after the other, until they change no more."""
        now = values.at(u, None)
        for _ in range(12):
            now = values.at(u, now.mu)
        return now

    best = settled(u).gains.sum()
    for near in (0.98, 0.999, 1.01):
        again = values.at(u, settled(near * u).mu).gains.sum()
        assert again == pytest.approx(best, rel=1e-2)
        assert again <= best * (1 + 1e-3)


def test_what_options_serve_is_the_slope_of_the_bound() -> None:
    # the bound is concave in the multipliers: a step of it lies under its tangent
    ascent = begun(city())
    step = ascent.step()
    assert step is not None and step.solved.x is not None
    values, program = ascent.values, ascent.program
    served = values.serves(step.valued, program.taken(step.solved.x))
    r = np.random.default_rng(0)
    for _ in range(5):
        u = step.valued.demand * r.uniform(0.9, 1.1, len(served))
        u = np.minimum(u, values.most)
        there = values.at(u, None)
        program.worth(there)
        solved = program.solve()
        assert solved is not None
        tangent = step.value + (1 - served) @ (u - step.valued.demand)
        assert solved.value + there.given <= tangent + 0.02 * abs(step.value)


def test_a_city_solved_by_options_has_a_certificate_of_them(monkeypatch) -> None:
    monkeypatch.setattr(once, "NO_CELLS", 0)
    problem = city()
    outcome = solve_coarse(problem, Limits(6, 0.05, 0, 2), silent, Event())
    assert outcome.x is not None and outcome.certificate is not None
    assert optimum() * (1 - 2e-6) <= outcome.cost
    assert outcome.bound <= optimum() * (1 + 2e-6)
    assert outcome.memory is not None and outcome.memory.served is not None
    checked = check_bound(problem, outcome.certificate)
    assert not checked.faults
    assert checked.bound == pytest.approx(outcome.bound)
    if outcome.certificate.cells is not None:
        bounding, match = bounding_of(problem), Match(problem, problem)
        assert carried(outcome.certificate, match, bounding) is None  # of which cells?
        same = carried(outcome.certificate, match, bounding, outcome.memory.read)
        assert same is not None and same.bound == outcome.certificate.bound
        dearer = Session(problem.instance).problem(Wish(knobs={"transport_price": 1.2}))
        own = bounding_of(dearer)
        match = Match(problem, dearer)
        proof = carried(outcome.certificate, match, own, outcome.memory.read)
        assert proof is not None and same.bound < proof.bound
        assert not check_bound(dearer, proof).faults
    again = outcome.memory.carried(Match(problem, problem))
    assert np.array_equal(again.served, outcome.memory.served)


def test_options_are_found_again_in_a_changed_problem() -> None:
    session = Session(city().instance)
    before, after = (
        session.problem(w) for w in (Wish(), Wish(sites={"site1": "shut"}))
    )
    cells, now = (cells_of_problem(problem) for problem in (before, after))
    size, count = before.decisions.size, len(cells.of)
    r = np.random.default_rng(0)
    own = np.concatenate([r.uniform(0, 1, size), r.uniform(0.1, 1, count)])
    used = Used.of(own, cells)
    assert np.array_equal(used.on(cells), own)
    match = Match(before, after)
    there = used.carried(np.zeros(after.decisions.size), match.column).on(now)
    # every option that is left has the share of the same one before
    shares = dict(zip(keys_of(cells), own[size:].tolist(), strict=True))
    moved = match.column.tolist()
    named = {
        (cell, tuple((moved[c], k) for c, k in stands)): share
        for (cell, stands), share in shares.items()
    }
    assert there[after.decisions.size :].tolist() == [named[k] for k in keys_of(now)]
    assert len(now.of) < len(cells.of)


def test_options_that_decisions_take() -> None:
    cells = cells_of_problem(city())
    r = np.random.default_rng(0)
    chosen = [r.choice(np.flatnonzero(cells.of == n)) for n in range(cells.count)]
    decided = np.zeros(city().decisions.size)
    decided[cells.counted] = np.asarray(cells.standing[chosen].sum(axis=0)).ravel()
    assert np.flatnonzero(taken(cells, decided)).tolist() == sorted(chosen)


def test_cells_are_read_once_where_nothing_changes_that_they_are_read_from(
    monkeypatch,
) -> None:
    monkeypatch.setattr(once, "NO_CELLS", 0)
    known = Once(bounding_of(city()))()
    assert known is not None
    # what modules must suffice for names demand, in rows short enough to be read
    for knob, same in (("transport_price", True), ("demand", False)):
        problem = Session(city().instance).problem(Wish(knobs={knob: 1.2}))
        found = Once(bounding_of(problem), known)()
        anew = cells_of_problem(problem)
        assert found is not None and (found.cells is known.cells) == same
        for name in ("of", "counted", "implied", "capacity", "way_column", "way_use"):
            assert np.array_equal(getattr(found.cells, name), getattr(anew, name))
        assert (found.cells.least != anew.least).nnz == 0
    d = city().decisions
    capacity = [n for n, key in enumerate(d.row_keys) if key[0] == "capacity"]
    high = d.row_high.copy()
    high[capacity[0]] += 1.0
    other = replace(known.bounding, decisions=replace(d, row_high=high))
    found = Once(other, known)()
    assert found is not None and found.cells is not known.cells


def test_a_session_by_options_answers_changes_that_do_not_narrow(monkeypatch) -> None:
    monkeypatch.setattr(once, "NO_CELLS", 0)
    session = Session(city().instance)
    first = session.ask(Wish(), gap=0.1, time_limit_s=6)
    assert first.bound is not None and first.bound <= optimum() * (1 + 2e-6)
    for knobs in ({"transport_price": 1.2}, {"demand": 1.1}):
        wish = Wish(knobs=knobs)
        result = session.ask(wish, gap=0.1, time_limit_s=6)
        problem = session.problem(wish)
        assert result.cost is not None and result.bound is not None
        assert first.bound < result.bound <= result.cost
        assert result.certificate is not None
        assert not check_bound(problem, result.certificate).faults
