"""What is carried from one problem to another holds there."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dmopt.data.instance import Instance
from dmopt.proof.certificate import Certificate, check
from dmopt.rules import edit_rules, make_rules
from dmopt.rules.catalogue import RULES
from dmopt.solving.again import check_bound
from dmopt.solving.builder import Builder, make_problem
from dmopt.solving.carry import (
    ABSENT,
    Match,
    carried,
    is_narrower,
    of_one_make,
    same_deliveries,
)
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.duals import bounding_of
from dmopt.solving.exact import solve_exact
from dmopt.solving.problem import Problem
from tests.line import line
from tests.paths import examples
from tests.random_rules import ruled_instance
from tests.rules.test_agreement import any_shape
from tests.solving.test_agreement import SHORT, TIGHT, silent

KINDS = sorted(RULES)


def dearer(instance: Instance, r: np.random.Generator) -> Instance:
    """The same things at other prices and quantities."""
    tables = dict(instance.tables)
    for name, column in (
        ("demand", "quantity_per_yr"),
        ("technologies", "capital_cost"),
        ("services", "price"),
        ("modes", "cost_per_tkm"),
    ):
        table = tables[name].copy()
        table[column] = table[column] * r.uniform(0.5, 1.5, len(table))
        tables[name] = table
    return replace(instance, tables=tables)


def certificate_of(problem: Problem) -> Certificate | None:
    return solve_coarse(problem, SHORT, silent, Event()).certificate


@pytest.mark.parametrize("seed", range(examples(24)))
def test_a_carried_bound_holds_under_other_rules_and_prices(seed):
    r = np.random.default_rng(seed)
    instance = ruled_instance(any_shape(seed), tuple(r.permutation(KINDS)[:6]))
    rules = make_rules(instance)
    some = [rule for rule in rules if r.random() < 0.5]
    changed = dearer(instance, r)
    before = make_problem(instance, some)
    known = certificate_of(before)
    for after in (make_problem(instance, rules), make_problem(changed, some)):
        if known is None or not of_one_make(before, after):
            continue
        bounding = bounding_of(after)
        proof = carried(known, Match(before, after), bounding)
        if proof is None:
            continue
        assert list(check(proof, bounding)) == []
        least = solve_exact(after, TIGHT, silent, Event())
        if least.status == "solved":
            assert proof.bound <= least.cost + 1e-6 * max(1.0, abs(least.cost))


def test_more_rules_keep_all_that_was_proven():
    instance = ruled_instance(any_shape(3), ("site_count", "burden_limit"))
    builder, rules = Builder(instance), make_rules(instance)
    before, after = builder.problem(rules[:1]), builder.problem(rules)
    assert is_narrower(before, after) and not is_narrower(after, before)
    known = certificate_of(before)
    proof = carried(known, Match(before, after), bounding_of(after))
    assert proof.bound >= known.bound - 1e-9 * abs(known.bound)


def test_of_the_same_problem_everything_is_found_again():
    instance = ruled_instance(any_shape(3), ("site_count", "burden_limit"))
    rules = make_rules(instance)
    one, other = make_problem(instance, rules), make_problem(instance, rules)
    match = Match(one, other)
    assert (match.row == np.arange(one.decisions.A.shape[0])).all()
    assert (match.side == np.arange(len(one.layer.side.most))).all()
    assert (match.delivery == np.arange(len(one.layer.x_to))).all()
    known = certificate_of(one)
    proof = carried(known, match, bounding_of(other))
    assert proof.bound == pytest.approx(known.bound, rel=1e-12)


def test_a_row_that_is_gone_is_absent_and_the_next_is_found():
    instance = edit_rules(
        line(), add=["few: site_count most=1", "one: site_count least=1"]
    )
    few, one = make_rules(instance)
    match = Match(make_problem(instance, [few]), make_problem(instance, [one, few]))
    keys = match.after.decisions.row_keys
    for n, key in enumerate(keys):
        before = match.row[n]
        if key[2] == "one":
            assert before == ABSENT
        elif key[2] == "few":
            assert match.before.decisions.row_keys[before] == key


def test_deliveries_are_known_by_their_ends():
    layer = make_problem(line(), ()).layer
    less = layer.keep(np.arange(len(layer.x_to)) != 1, np.ones(len(layer.y_to), bool))
    place = same_deliveries(layer, less)
    assert place[1] == ABSENT
    left = np.flatnonzero(place >= 0)
    assert (less.x_from[place[left]] == layer.x_from[left]).all()
    assert (less.x_to[place[left]] == layer.x_to[left]).all()


def test_other_zones_make_another_problem():
    more = line()
    tables = dict(more.tables)
    tables["demand"] = tables["demand"].iloc[:1]
    fewer = replace(more, tables=tables)
    assert not of_one_make(make_problem(more, ()), make_problem(fewer, ()))


def test_what_a_solver_said_can_be_checked_where_it_is_carried_to():
    instance = ruled_instance(any_shape(3), ("site_count", "burden_limit"))
    builder, rules = Builder(instance), make_rules(instance)
    before, after = builder.problem(rules[:1]), builder.problem(rules)
    assert len(after.layer.side.most) > len(before.layer.side.most)
    known = certificate_of(before)
    leaves = tuple(replace(leaf, solver=leaf.arithmetic) for leaf in known.leaves)
    groups = np.zeros(len(before.layer.quantity), int)
    groups = np.unique(before.layer.market_of, return_inverse=True)[1] + groups
    said = replace(
        known,
        leaves=tuple(replace(leaf, arithmetic=leaf.arithmetic - 1) for leaf in leaves),
        coarse={
            "multipliers": np.zeros(len(before.layer.quantity)),
            "rule_multipliers": np.zeros(len(before.layer.side.most)),
            "groups": groups,
        },
    )
    proof = carried(said, Match(before, after), bounding_of(after))
    leaves = tuple(replace(leaf, arithmetic=leaf.solver - 1) for leaf in proof.leaves)
    checked = check_bound(after, replace(proof, leaves=leaves))
    assert checked.faults == ()
