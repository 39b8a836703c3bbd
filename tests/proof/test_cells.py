"""Options of cells: what they prove by hand, that no plan is cut off, damage found."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmopt.data.instance import Instance
from dmopt.proof.arrays import from_arrays, to_arrays
from dmopt.proof.by_cells import ByCells, CellBounding, stated
from dmopt.proof.cells import NO_OPTIONS
from dmopt.proof.certificate import through_cells, unsplit
from dmopt.rules import make_rules
from dmopt.solving.again import check_bound
from dmopt.solving.assemble import assemble
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.with_options import with_options
from dmopt.solving.duals import bounding_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import run_highs
from dmopt.solving.problem import Problem
from tests.line import line
from tests.paths import examples
from tests.random_instances import Shape, random_instance, shapes
from tests.solving.test_agreement import TIGHT, silent


def checker_of(problem: Problem) -> CellBounding:
    checker = CellBounding.of(bounding_of(problem))
    assert not isinstance(checker, str), checker
    return checker


def priced(checker: CellBounding, demand: list[float], mu: float = 0.0) -> ByCells:
    """What modules and open sites cost at the options that ask for them."""
    d, c = checker.bounding.decisions, checker.cells
    gates = checker.bounding.layer.gates
    opened = set(d.column["open"].values())
    omega = [d.cost[j] if j in opened else 0.0 for j in c.implied.tolist()]
    row = np.newaxis
    return ByCells(
        demand=np.array(demand),
        unmet=np.zeros(len(gates.market)),
        brought=np.zeros(len(gates.input)),
        side=np.zeros(len(checker.bounding.layer.side.most)),
        mu=np.full(len(c.capacity), mu),
        node=np.zeros(1, np.int64),
        decisions=np.zeros((1, d.A.shape[0])),
        nu=d.cost[c.counted][row],
        omega=np.array(omega)[row],
        more=np.zeros((1, 0)),
        bound=-np.inf,
    )


def proven(checker: CellBounding, given: ByCells) -> float:
    return stated(checker, unsplit(checker.bounding.decisions), given).bound


def small_ovens() -> Instance:
    return line(technologies=[{"technology": "oven", "capacity_per_yr": 50,
                               "fixed_cost_per_yr": 50}])  # fmt: skip


def test_multipliers_prove_what_they_prove_by_hand() -> None:
    # An oven at w costs 70 and makes 100 t; serving west costs it 0, east 40.
    # u = (50, 60): w gains 50 + 20 = 70, e 60 (west costs it 60: nothing).
    #   50 + 60 + min(0, 70 - 70) + min(0, 70 - 60) = 110, the optimum
    checker = checker_of(make_problem(line(), ()))
    assert proven(checker, priced(checker, [50, 60])) == pytest.approx(110, rel=1e-6)
    # u = (60, 60): w gains 80, 10 more than it costs; e gains 60
    assert proven(checker, priced(checker, [60, 60])) == pytest.approx(110, rel=1e-6)
    # all of 100 t at 3 a tonne: w gains 180 + 80, e 120 + 120
    high = priced(checker, [180, 120])
    assert proven(checker, high) == pytest.approx(300 - 190 - 170, rel=1e-6)


def test_a_price_of_capacity_limits_what_an_option_gains() -> None:
    # 50 t an oven, u = 3 a tonne. At 3 a unit of capacity w gains 150 and nothing
    # else (west 3 - 0 - 3, east 3 - 1 - 3), e the same:  300 - 2 (150 - 70) = 140.
    # At 2 w gains 100 + 60 (west at 1), e 100 + 40 (east at 1): 300 - 90 - 70 = 140.
    # Without a price: w gains 180 + 80, e 120 + 120
    checker = checker_of(make_problem(small_ovens(), ()))
    for mu, bound in ((3.0, 140), (2.0, 140), (0.0, 300 - 190 - 170)):
        given = priced(checker, [180, 120], mu)
        assert proven(checker, given) == pytest.approx(bound, rel=1e-6)


def test_options_say_what_a_site_has_and_needs() -> None:
    checker = checker_of(make_problem(line(), ()))
    d, c = checker.bounding.decisions, checker.cells
    assert c.count == 2  # two sites, one period
    assert c.standing.toarray().sum(axis=1).tolist() == [0, 1, 0, 1]
    assert c.capacity.tolist() == [100, 100]
    # with ovens of 50 t for 100 t both sites must have one: no other option is left
    both = checker_of(make_problem(small_ovens(), ())).cells
    assert both.standing.toarray().sum(axis=1).tolist() == [1, 1]
    opened = [d.column["open"][site, "y"] for site in ("e", "w")]
    for j in opened:
        least = c.least[:, np.flatnonzero(c.implied == j)].toarray().ravel()
        assert sorted(least.tolist()) == [0, 0, 0, 1]


def any_prices(checker: CellBounding, r: np.random.Generator, size: float) -> ByCells:
    b, c = checker.bounding, checker.cells
    return ByCells(
        demand=r.normal(size, size, len(b.layer.quantity)) * b.layer.quantity,
        unmet=r.normal(0, size, len(b.layer.gates.market)),
        brought=r.normal(0, size, len(b.layer.gates.input)),
        side=r.normal(0, size, len(b.layer.side.most)),
        mu=r.normal(size, size, len(c.capacity)),
        node=np.zeros(1, np.int64),
        decisions=r.normal(0, size, (1, b.decisions.A.shape[0])),
        nu=r.normal(0, size, (1, len(c.counted))),
        omega=r.normal(0, size, (1, len(c.implied))),
        more=np.zeros((1, 0)),
        bound=-np.inf,
    )


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(shapes(most_periods=2), st.integers(0, 2**20))
def test_no_prices_prove_more_than_the_best_plan_costs(shape, seed) -> None:
    instance = random_instance(shape)
    problem = make_problem(instance, make_rules(instance))
    checker = CellBounding.of(bounding_of(problem))
    if isinstance(checker, str):
        return
    best = solve_exact(problem, TIGHT, silent, Event())
    if best.status != "solved":
        return
    r = np.random.default_rng(seed)
    for size in (0.0, 1.0, 1e3):
        bound = proven(checker, any_prices(checker, r, size))
        assert bound <= best.cost + 1e-6 * abs(best.cost)


@settings(
    max_examples=examples(80),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(shapes(most_periods=2))
def test_options_cut_off_no_plan(shape) -> None:
    instance = random_instance(shape)
    problem = make_problem(instance, make_rules(instance))
    checker = CellBounding.of(bounding_of(problem))
    if isinstance(checker, str):
        return
    program, _ = assemble(problem.decisions, problem.layer)
    best = run_highs(program, TIGHT)
    same = run_highs(with_options(program, checker.cells), TIGHT)
    assert same.status.startswith("infeasible") == best.status.startswith("infeasible")
    if best.x is not None:
        assert same.cost == pytest.approx(best.cost, rel=1e-6, abs=1e-6)


def test_where_no_site_can_do_anything_there_are_no_cells() -> None:
    # the one site would need a part of a module, and no more than a part
    instance = random_instance(
        Shape(
            seed=3270, zones=5, sites=1, periods=1, discounted=False, must_meet=True,
            echelons=True, by_product=False, status=True, shared=True, own=True,
            prerequisite=False, apart=False, setup=True, move=True, budget=True,
            two_modes=True, table=False, single=False, count=False, import_gate=False,
            part_lost=False, stock=False, back=True, learning=False,
        )
    )  # fmt: skip
    problem = make_problem(instance, make_rules(instance))
    assert CellBounding.of(bounding_of(problem)) == NO_OPTIONS
    assert solve_exact(problem, TIGHT, silent, Event()).status == "infeasible"


def test_a_damaged_certificate_is_found() -> None:
    problem = make_problem(line(), ())
    checker = checker_of(problem)
    tree = unsplit(problem.decisions)
    good = through_cells(checker, tree, priced(checker, [50, 60]))
    read = from_arrays(to_arrays(good))
    assert not check_bound(problem, read).faults
    assert check_bound(problem, read).arithmetic == pytest.approx(110, rel=1e-6)
    assert "arithmetic" in read.says()
    cells = read.cells
    assert cells is not None
    for wrong in (
        replace(cells, bound=cells.bound * 1.001),
        replace(cells, demand=cells.demand * 0.9),
        replace(cells, demand=cells.demand[:1]),
        replace(cells, nu=cells.nu - 1),
        replace(cells, mu=np.full_like(cells.mu, np.nan)),
        replace(cells, node=np.array([1])),
    ):
        assert check_bound(problem, replace(read, cells=wrong)).faults
    with pytest.raises(ValueError, match="not a certificate"):
        from_arrays({**to_arrays(good), "cells_omega": np.array([[1.0]])})


def test_what_cannot_be_gone_through_is_said() -> None:
    small = {"technology": "oven", "capacity_per_yr": 1, "max_modules": 100}
    many = line(technologies=[{**small, "fixed_cost_per_yr": 1}])
    said = CellBounding.of(bounding_of(make_problem(many, ())))
    assert isinstance(said, str) and "more modules" in said
