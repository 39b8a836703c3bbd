"""One builder for many sets of rules makes what a new one would make for each."""

from dataclasses import fields, replace

import numpy as np
import pytest
import scipy.sparse as sp

from dmopt.rules import edit_rules, make_rules
from dmopt.rules.catalogue import RULES
from dmopt.solving.builder import Builder, make_problem
from dmopt.solving.problem import Problem
from tests.line import line
from tests.paths import examples
from tests.random_rules import ruled_instance
from tests.rules.test_agreement import any_shape

KINDS = sorted(RULES)


def same(one: Problem, other: Problem) -> None:
    assert one.asked_by == other.asked_by
    assert one.arcs.equals(other.arcs)
    for name in ("decisions", "layer"):
        for field in fields(getattr(one, name)):
            if field.name == "of_var":  # means nothing outside its own model
                continue
            _equal(
                getattr(getattr(one, name), field.name),
                getattr(getattr(other, name), field.name),
            )


def _equal(one: object, other: object) -> None:
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif sp.issparse(one):
        assert one.shape == other.shape
        assert (one != other).nnz == 0
    elif hasattr(one, "__dataclass_fields__"):
        for field in fields(one):
            _equal(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other


@pytest.mark.parametrize("seed", range(examples(24)))
def test_rules_come_and_go_and_come_again(seed):
    r = np.random.default_rng(seed)
    instance = ruled_instance(any_shape(seed), tuple(r.permutation(KINDS)[:8]))
    rules = make_rules(instance)
    soft = [replace(rule, soft_price=7.0) for rule in rules]
    builder = Builder(instance)
    for _ in range(4):
        chosen = [
            (rule if r.random() < 0.5 else changed)
            for rule, changed in zip(rules, soft, strict=True)
            if r.random() < 0.6
        ]
        same(builder.problem(chosen), make_problem(instance, chosen))
    every = builder.problem(rules, all_arcs=True)
    same(every, make_problem(instance, rules, all_arcs=True))
    same(builder.problem(rules), make_problem(instance, rules))


def test_a_rule_that_reshapes_the_model_leaves_no_trace():
    instance = edit_rules(line(), add=["spare: service_reserve reserve=50 %"])
    builder, rules = Builder(instance), make_rules(instance)
    builder.problem(rules)
    same(builder.problem(()), make_problem(instance, ()))


def test_what_is_not_new_is_not_built_again():
    instance = edit_rules(line(), add=["few: site_count most=1"])
    rules = make_rules(instance)
    builder = Builder(instance)
    first = builder.problem(rules)
    again = builder.problem(make_rules(instance))
    assert again.arcs is first.arcs
    assert again.decisions.column is first.decisions.column
    assert builder.problem(()).decisions.column is first.decisions.column
