"""Programs of used options on a small seeded city: what they leave out, and what
happens where they have no solution."""

import time
from threading import Event

import numpy as np
import pytest
from generators.places import whatif_city

from dmopt.proof.cells import Cells
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse import once
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.improve import PlanWork
from dmopt.solving.coarse.kernel import kernel_of_used, seen
from dmopt.solving.coarse.once import Once
from dmopt.solving.coarse.state import State
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits, run_highs
from tests.solving.test_agreement import silent


def works(used_options: float) -> tuple[PlanWork, Cells]:
    """Work on plans, told that so much of each option is used and all is served."""
    problem = make_problem(whatif_city(5, 8, seed=1), ())
    bounding = bounding_of(problem)
    cells = Once(bounding)
    checker = cells()
    assert checker is not None
    state = State(Limits(60, 1e-4, 0, 1), silent, Event(), time.monotonic() + 60)
    decided = np.zeros(problem.decisions.size)
    decided[list(problem.decisions.column["open"].values())] = 1.0
    count = len(checker.cells.of)
    state.used = np.concatenate([decided, np.full(count, used_options)])
    work = PlanWork(problem, bounding, Evaluator(problem), state, cells=cells)
    return work, checker.cells


@pytest.fixture(autouse=True)
def always_options(monkeypatch) -> None:
    monkeypatch.setattr(once, "NO_CELLS", 0)


def test_a_wide_program_has_all_options_and_leaves_markets_free() -> None:
    work, cells = works(0.0)
    used = work.state.used
    assert used is not None
    costs = {}
    gates, size = work.problem.layer.gates, len(cells.of)
    for narrow in (True, False):
        _, program = kernel_of_used(
            work.evaluator, cells, used, 1.5, None, (), narrow, 4, 0
        )
        options = program.high[len(program.high) - size :]
        unmet = program.high[gates.market]
        assert (options == (seen(cells, used) if narrow else 1.0)).all()
        assert (unmet == 0.0).all() if narrow else (unmet > 0.0).all()
        costs[narrow] = run_highs(program, Limits(60, 1e-6, 0, 1))
    # all must be served and no site may do anything: no plan; with all options one
    assert costs[True].status in ("infeasible", "infeasible or unbounded")
    assert costs[False].status == "optimal"


def test_where_used_options_lead_nowhere_all_of_these_sites_are_tried() -> None:
    work, _ = works(0.0)
    steps = 0
    while work.state.x is None and steps < 12:
        assert work.step()
        steps += 1
    assert work.state.x is not None and not work.narrow
    assert work.kernels == 2


def test_where_no_whole_numbers_of_used_options_are_a_plan_all_are_tried(
    monkeypatch,
) -> None:
    # whatever HiGHS finds with used options alone is said to be no plan
    work, _ = works(1.0)
    monkeypatch.setattr(PlanWork, "_solve", lambda *given: (False, True))
    while work.narrow:
        assert work.step()
    monkeypatch.undo()
    monkeypatch.setattr(once, "NO_CELLS", 0)
    while work.state.x is None:
        assert work.step()
    assert work.kernels == 2


def test_used_options_are_enough_where_they_serve_all() -> None:
    work, _ = works(1.0)
    while work.state.x is None:
        assert work.step()
    assert work.narrow and work.kernels == 1
