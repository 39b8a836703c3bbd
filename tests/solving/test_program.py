"""Programs in arrays: scaling, fixing, relaxing, and the rows of two towns by hand."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import linprog

from dmopt.rules import edit_rules, make_rules
from dmopt.solving import highs
from dmopt.solving.builder import make_problem
from dmopt.solving.highs import Answer, Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram, scaled
from dmopt.solving.run import solve
from dmopt.solving.start import start_from
from tests.line import TABLES, changed, line
from tests.studies.site_sets import every_set, town

TIGHT = Limits(time_limit_s=30.0, gap=0.0, seed=0, threads=1)


def program_of(
    A: np.ndarray, cost: np.ndarray, row_high: np.ndarray, **changes: object
) -> LinearProgram:
    """Minimise cost over A x <= row_high, x >= 0."""
    n = len(cost)
    given = {
        "A": sp.csr_matrix(A),
        "cost": cost,
        "offset": 0.0,
        "low": np.zeros(n),
        "high": np.full(n, np.inf),
        "row_low": np.full(len(row_high), -np.inf),
        "row_high": row_high,
        "whole": np.zeros(n, bool),
        "shares": np.zeros(n, bool),
    }
    return LinearProgram(**(given | changes))


def doors_and_windows(door: float, window: float, profit: float) -> LinearProgram:
    """3 a door, 5 a window; three plants of 4, 12 and 18 hours (Hillier, Lieberman).

    Doors counted in `door`s, windows in `window`s, money in `profit`s.
    """
    unit = np.array([door, window])
    A = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]]) * unit
    cost = np.array([-3.0, -5.0]) * unit / profit
    return program_of(A, cost, np.array([4.0, 12.0, 18.0]))


@pytest.mark.parametrize(
    ("door", "window", "profit"), [(1, 1, 1), (1e-4, 3e5, 1), (7e3, 1e-3, 1e-6)]
)
def test_scaling_leaves_optimum_and_duals_as_they_are(door, window, profit):
    # 2 doors, 6 windows: -36; an hour is worth 0, 3/2 and 1
    answer = run_highs(doors_and_windows(door, window, profit), TIGHT)
    assert answer.cost == pytest.approx(-36 / profit)
    assert answer.x * [door, window] == pytest.approx([2, 6])
    assert answer.dual == pytest.approx(np.array([0, -1.5, -1]) / profit)
    assert answer.reduced == pytest.approx([0, 0], abs=1e-6 * abs(answer.cost))


def tame(seed: int) -> LinearProgram:
    """A random program of even size; some columns are shares."""
    r = np.random.default_rng(seed)
    rows, n = 8, 12
    A = r.uniform(0.5, 2, (rows, n)) * (r.random((rows, n)) < 0.6)
    A[:, -1] = 1.0
    return program_of(
        A,
        r.uniform(1, 3, n),
        np.full(rows, np.inf),
        row_low=r.uniform(1, 5, rows),
        shares=r.random(n) < 0.3,
    )


def wild(seed: int) -> LinearProgram:
    """The same in units that span ten magnitudes; shares keep theirs."""
    program, r = tame(seed), np.random.default_rng(seed)
    row, column = (10.0 ** r.uniform(-5, 5, n) for n in program.A.shape)
    column[program.shares] = 1.0
    return replace(
        program,
        A=sp.csr_matrix(sp.diags(row) @ program.A @ sp.diags(column)),
        cost=program.cost * column,
        row_low=program.row_low * row,
    )


@pytest.mark.parametrize("seed", range(10))
def test_units_do_not_change_the_optimum(seed):
    even, program = tame(seed), wild(seed)
    least = linprog(even.cost, -even.A.toarray(), -even.row_low).fun
    answer = run_highs(program, TIGHT)
    assert answer.cost == pytest.approx(least, rel=1e-7)
    # duals are the program's own: they price the columns and add up to the optimum
    assert answer.dual @ program.row_low == pytest.approx(answer.cost, rel=1e-7)
    priced = program.cost - program.A.T @ answer.dual
    size = np.abs(program.cost)
    assert answer.reduced / size == pytest.approx(priced / size, abs=1e-9)
    assert (priced / size >= -1e-7).all()


@pytest.mark.parametrize("seed", range(5))
def test_scaling_is_by_powers_of_two_and_leaves_shares_alone(seed):
    program = wild(seed)
    before = np.abs(program.A.data)
    small, scaling = scaled(program)
    for factor in (scaling.row, scaling.column, np.array([scaling.money])):
        assert (np.log2(factor) == np.round(np.log2(factor))).all()
    assert (scaling.column[program.shares] == 1).all()
    again = sp.diags(1 / scaling.row) @ small.A @ sp.diags(1 / scaling.column)
    np.testing.assert_array_equal(again.toarray(), program.A.toarray())
    after = np.abs(small.A.data)
    assert after.max() / after.min() < before.max() / before.min() / 1e3


def test_whole_columns_keep_their_scale():
    program = doors_and_windows(1e-4, 1e4, 1)
    whole = replace(program, whole=np.array([True, False]))
    assert scaled(whole)[1].column[0] == 1
    assert scaled(program)[1].column[0] != 1


def test_a_program_without_entries_can_be_scaled():
    empty = program_of(np.zeros((1, 2)), np.zeros(2), np.ones(1))
    _, scaling = scaled(empty)
    assert (scaling.money, *scaling.column, *scaling.row) == (1, 1, 1, 1)


def test_fixed_columns_take_their_values_and_no_other_program_changes():
    program = doors_and_windows(1, 1, 1)
    fixed = program.fixed(np.array([True, False]), np.array([3.0]))
    answer = run_highs(fixed, TIGHT)
    # 3 doors leave (18 - 9) / 2 windows: -9 - 22.5
    assert answer.x == pytest.approx([3, 4.5])
    assert answer.cost == pytest.approx(-31.5)
    assert (program.low == 0).all()
    assert np.isinf(program.high).all()


def test_relaxed_whole_numbers_may_be_fractions():
    # 2 x <= 3
    whole = program_of(
        np.array([[2.0]]), np.array([-1.0]), np.array([3.0]), whole=np.array([True])
    )
    assert run_highs(whole, TIGHT).x == pytest.approx([1])
    assert run_highs(whole.relaxed(), TIGHT).x == pytest.approx([1.5])
    assert whole.whole.all()


def test_more_rows_hold_as_well():
    program = doors_and_windows(1, 1, 1)
    row = sp.csr_matrix(np.array([[1.0, 1.0]]))
    more = program.with_rows(row, np.array([-np.inf]), np.array([7.0]))
    # 1 door and 6 windows: -33
    assert run_highs(more, TIGHT).cost == pytest.approx(-33)


def problem_of(**tables: list) -> Problem:
    return make_problem(line(**tables), ())


def block(problem: Problem, rows: slice, columns: slice) -> list[list[float]]:
    return problem.program.A[rows, columns].toarray().tolist()


def test_rows_of_two_towns_are_those_by_hand():
    problem = problem_of(commodities=changed("commodities", unmet_price=3))
    program, rows = problem.assembled
    n, gates = problem.decisions.size, problem.layer.gates
    ends = list(zip(problem.arcs.origin, problem.arcs.destination, strict=True))
    assert ends == [("w", "west"), ("w", "east"), ("e", "west"), ("e", "east")]
    flows = slice(n, None)
    # columns: 4 deliveries as shares, then what west and east go short of
    assert block(problem, slice(rows.demand, rows.sent), flows) == [
        [1, 0, 1, 0, 1, 0],
        [0, 1, 0, 1, 0, 1],
    ]
    assert block(problem, slice(rows.sent, rows.brought), flows) == [
        [60, 40, 0, 0, 0, 0],
        [0, 0, 60, 40, 0, 0],
    ]
    assert rows.brought == rows.supply == rows.unmet
    assert block(problem, slice(rows.unmet, None), flows) == [[0, 0, 0, 0, 60, 40]]
    joined = [*gates.output, *gates.market]
    at = [rows.sent, rows.sent + 1, rows.unmet]
    assert np.ravel(program.A[at, joined]).tolist() == [-1, -1, -1]

    # 0.1 a t-km, 10 km: 40 t to east, 60 t to west
    assert program.cost[n:] == pytest.approx([0, 40, 60, 0, 0, 0])
    assert program.row_low[rows.demand :].tolist() == [1, 1, 0, 0, 0]
    assert program.row_high[rows.demand :].tolist() == [1, 1, 0, 0, 0]
    assert not program.whole[n:].any()
    assert program.shares[n:].all()


def test_demand_that_must_be_met_has_no_shortfall():
    program = problem_of().program
    assert program.high[-2:].tolist() == [0, 0]


def test_rows_of_a_supplier_are_those_by_hand():
    # 0.8 t of flour a tonne of bread, from a mill that sells 70 t
    problem = problem_of(
        commodities=[*TABLES["commodities"], {"commodity": "flour", "t_per_unit": 1}],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "flour", "quantity": -0.8},
        ],
        suppliers=[{"supplier": "mill", "x": 20_000, "y": 0}],
        supplies=[
            {"supplier": "mill", "commodity": "flour", "price": 5, "max_per_yr": 70}
        ],
        lanes=[
            *TABLES["lanes"],
            TABLES["lanes"][0]
            | {"commodity": "flour", "origin": "supplier", "destination": "site"},
        ],
    )
    program, rows = problem.assembled
    n, inputs = problem.decisions.size, problem.layer.gates.input
    transfers = slice(n + 4, n + 6)
    assert block(problem, slice(rows.brought, rows.supply), transfers) == [
        [1, 0],
        [0, 1],
    ]
    at = [rows.brought, rows.brought + 1]
    assert np.ravel(program.A[at, inputs]).tolist() == [-1, -1]
    assert block(problem, slice(rows.supply, rows.unmet), transfers) == [[1, 1]]
    assert program.row_high[rows.supply] == 70
    assert np.isneginf(program.row_low[rows.supply])
    # 5 at the gate, 20 km to w and 10 km to e at 0.1
    assert program.cost[transfers] == pytest.approx([7, 6])


def test_the_best_is_handed_back_and_not_the_start():
    # nothing is left of it after presolve: then HiGHS hands back what it began from
    instance = town(2)
    add, price = "near: access_guarantee share=1; within_km=10", "near.soft_price=100"
    soft = edit_rules(instance, add=[add], change=[price])
    problem = make_problem(soft, make_rules(soft))
    start = start_from(problem, solve(instance, gap=0).plan, None, Limits())
    # s3 alone leaves 134 people out: 216.25 + 134 x 100
    assert start.cost == pytest.approx(13_616.25, abs=0.01)
    answer = run_highs(problem.program, TIGHT, start=start.x)
    sets = every_set(instance)
    assert answer.cost == pytest.approx(sets.cost[sets.access == 1].min())
    costs = problem.program.cost @ answer.x + problem.program.offset
    assert costs == pytest.approx(answer.cost)


def test_a_second_try_that_finds_nothing_leaves_what_the_first_had(monkeypatch):
    # 2 x + y, x + y >= 1, whole: y = 1 costs 1; the start x = 1 costs 2 and is handed
    # back at the cost of y
    program = program_of(
        np.array([[-1.0, -1.0]]), np.array([2.0, 1.0]), np.array([-1.0]),
        whole=np.ones(2, bool),
    )  # fmt: skip
    start = np.array([1.0, 0.0])
    mixed_up = Answer("optimal", start, 1.0, 1.0, None, None, 0.1)
    nothing = Answer("stopped", None, np.inf, 0.5, None, None, 0.1)
    cheaper = replace(nothing, x=np.array([0.0, 1.0]), cost=1.0)
    dearer = replace(nothing, x=np.array([2.0, 0.0]), cost=4.0)
    no = replace(nothing, status="infeasible", bound=np.inf)
    for second, cost, bound in (
        (nothing, 2.0, 0.5),
        (dearer, 2.0, 0.5),
        (cheaper, 1.0, 0.5),
        (no, 2.0, -np.inf),
    ):
        answers = [mixed_up, second]
        monkeypatch.setattr(highs, "_run", lambda *_, a=answers: a.pop(0))
        found = run_highs(program, TIGHT, start=start)
        assert (found.status, found.cost, found.bound) == ("stopped", cost, bound)
        assert program.cost @ found.x == cost


def test_columns_rise_in_each_row_without_being_sorted():
    program = make_problem(line(), ()).program
    for row in range(program.A.shape[0]):
        columns = program.A.indices[program.A.indptr[row] : program.A.indptr[row + 1]]
        assert (np.diff(columns) > 0).all()


def test_what_is_refuted_is_asked_again_without_presolve(monkeypatch):
    program = program_of(
        np.ones((1, 1)), -np.ones(1), np.ones(1), whole=np.ones(1, bool)
    )
    really, asked = highs._run, []

    def wrong_with_presolve(*args):
        answer = really(*args)
        asked.append(args[6].get("presolve", "choose"))
        if asked[-1] == "off":
            return answer
        return replace(answer, status="infeasible", x=None, cost=np.inf, bound=np.inf)

    monkeypatch.setattr(highs, "_run", wrong_with_presolve)
    answer = run_highs(program, TIGHT)
    assert (answer.status, answer.cost) == ("optimal", -1)
    assert asked == ["choose", "off"]
    asked.clear()
    assert run_highs(program.relaxed(), TIGHT).status == "infeasible"
    assert asked == ["choose"]  # linear ones: no such fault is known


def test_what_has_no_solution_has_none_without_presolve_either():
    program = program_of(-np.ones((1, 1)), np.ones(1), -np.full(1, 2.0),
                         high=np.ones(1), whole=np.ones(1, bool))  # fmt: skip
    assert run_highs(program, TIGHT).status == "infeasible"
