"""Soft rules that are all excess are a price: rows with an excess say the same."""

from dataclasses import replace
from threading import Event

import numpy as np
import pyomo.environ as pyo
import pytest

from dmopt.flows.rows import FlowRows, is_all_excess
from dmopt.rules import edit_rules, make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.exact import solve_exact
from dmopt.solving.reference import build_reference, solve_reference
from tests.random_rules import ruled_instance
from tests.rules.test_agreement import any_shape
from tests.solving.test_agreement import SAME, TIGHT, check_plans, silent

RULES = {
    "emission_cap": "most_t_per_yr=0",
    "burden_limit": "most_trips_per_yr=0",
    "proximity_service": "share=100 %; within_km=3",
}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", RULES)
def test_both_paths_agree(kind, seed):
    instance = edit_rules(
        ruled_instance(any_shape(seed), ()),
        add=[f"dear: {kind} {RULES[kind]}"],
        change=["dear.soft_price=7"],
    )
    problem = make_problem(instance, make_rules(instance))
    assert "dear" not in problem.asked_by and "charge" in problem.arcs
    rows_kept = build_reference(problem).rule["dear"].component("excess")
    assert rows_kept is not None
    exact = solve_exact(problem, TIGHT, silent, Event())
    reference = solve_reference(problem, TIGHT, silent, Event())
    check_plans(problem, exact, reference)
    assert exact.status == reference.status
    if exact.x is not None:
        assert reference.cost == pytest.approx(exact.cost, rel=SAME, abs=1e-3)


def test_what_takes_from_a_row_leaves_it_a_row():
    m = pyo.ConcreteModel()
    m.counted, m.free = pyo.Var(bounds=(0, None)), pyo.Var()
    row, weight = np.array([0, -1]), np.array([2.0, -1.0])
    rows = FlowRows([("y",)], row, weight, np.zeros(1), [(0, m.counted, -3.0)])
    assert is_all_excess(rows)
    for other in (
        replace(rows, given=[(0, m.counted, 3.0)]),
        replace(rows, given=[(0, m.free, -3.0)]),
        replace(rows, weight=-weight),
        replace(rows, most=np.ones(1)),
        replace(rows, means=True),
    ):
        assert not is_all_excess(other)
