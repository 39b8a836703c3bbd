"""Coarse programs are relaxations; a coarse program that asks more is found out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmopt.proof.relaxation import Pair
from dmopt.rules import edit_rules, make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.aggregate import Multipliers, coarse_program
from dmopt.solving.coarse.merged_rows import coarse_rows
from dmopt.solving.problem import Problem
from tests.paths import examples
from tests.random_instances import Shape, random_instance, shapes
from tests.solving.test_aggregate import any_groups, ruled_city


def pair_of(problem: Problem, seed: int) -> Pair:
    """Random groups, random multipliers."""
    r = np.random.default_rng(seed)
    layer = problem.layer
    groups = any_groups(problem, r)
    u = r.normal(0, 3, len(layer.quantity))
    p = r.exponential(1, len(layer.side.most)) * (r.random(len(layer.side.most)) < 0.7)
    coarse = coarse_program(
        problem.decisions, layer, groups, Multipliers(u, p), "bound"
    )
    row_of, _ = coarse_rows(layer.side, groups)
    return Pair(
        problem.decisions, layer, coarse.decisions, coarse.layer, groups, coarse.arc,
        row_of, u, p,
    )  # fmt: skip


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(shapes(), st.integers(0, 2**20))
def test_coarse_programs_are_relaxations(shape, seed):
    instance = random_instance(shape)
    problem = make_problem(instance, make_rules(instance))
    assert list(pair_of(problem, seed).faults()) == []


@pytest.mark.parametrize("seed", range(6))
def test_coarse_programs_with_rows_of_rules_are_relaxations(seed):
    assert list(pair_of(ruled_city(), seed).faults()) == []


def bumped(values: np.ndarray, by: float) -> np.ndarray:
    changed = values.copy()
    changed[0] += by
    return changed


LAYER = [
    ("quantity", lambda v: bumped(v, 1.0), "groups"),
    ("market_of", lambda v: bumped(v, 1), "groups"),
    ("x_from", lambda v: bumped(v, 1), "groups"),
    ("x_cost", lambda v: v + 1e-3 * np.abs(v).max(), "cost of deliveries"),
    ("x_most", lambda v: np.full_like(v, 0.01), "most"),
    ("short_cost", lambda v: v + 1e-3 * max(np.abs(v).max(), 1.0), "shortfalls"),
    ("may_fall_short", lambda v: np.zeros_like(v), "most"),
    ("y_cost", lambda v: v + 1.0, "same"),
    ("whole", lambda v: np.ones_like(v), "whole"),
]


@pytest.mark.parametrize(("name", "change", "says"), LAYER)
def test_a_coarse_layer_that_asks_more_is_found(name, change, says):
    pair = pair_of(ruled_town(), 3)
    value = getattr(pair.coarse_layer, name)
    assert len(value)
    wrong = replace(
        pair, coarse_layer=replace(pair.coarse_layer, **{name: change(value)})
    )
    assert says in "; ".join(wrong.faults())


def ruled_town() -> Problem:
    """With transfers, shortfalls and rows of rules."""
    shape = Shape(seed=4, zones=20, sites=5, periods=1, shared=True, echelons=True)
    instance = edit_rules(
        random_instance(shape), add=["near: proximity_service share=60 %; within_km=9"]
    )
    return make_problem(instance, make_rules(instance))


@pytest.mark.parametrize("name", ["cost", "row_low", "row_high", "high", "offset"])
def test_a_coarse_decision_layer_that_asks_more_is_found(name):
    pair = pair_of(ruled_town(), 3)
    value = getattr(pair.coarse_decisions, name)
    if name == "offset":
        changed = value + 1000.0
    else:
        finite = np.flatnonzero(np.isfinite(value))
        changed = value.copy()
        changed[finite[0]] += -1.0 if name in ("row_high", "high") else 1.0
    wrong = replace(
        pair, coarse_decisions=replace(pair.coarse_decisions, **{name: changed})
    )
    assert list(wrong.faults())


@pytest.mark.parametrize("name", ["most", "x", "given"])
def test_a_coarse_row_of_rules_that_asks_more_is_found(name):
    pair = pair_of(ruled_city(), 3)
    side = pair.coarse_layer.side
    value = getattr(side, name)
    changed = value - 0.5 if name == "most" else value.copy()
    if name == "x":
        changed.data = changed.data + 0.5 * np.abs(changed.data) + 0.1
    if name == "given":
        changed.data = changed.data * 0.5
    layer = replace(pair.coarse_layer, side=replace(side, **{name: changed}))
    assert list(replace(pair, coarse_layer=layer).faults())


def test_multipliers_that_are_not_those_it_was_made_with_are_found():
    pair = pair_of(ruled_city(), 3)
    assert list(replace(pair, u=pair.u + np.arange(len(pair.u))).faults())
    assert list(replace(pair, p=pair.p * 2 + 1).faults())
