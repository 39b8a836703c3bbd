"""What is taken for location with options, and what is not, with the reason."""

from typing import Any

import pytest

from dmopt.data.instance import Instance
from dmopt.solving import run
from dmopt.solving.decomposed import entry
from dmopt.solving.decomposed.structure import Structure, structure_of, unlike
from dmopt.solving.run import choose_path, solve
from tests.line import changed, line
from tests.solving.decomposed.cases import Case, instance_of, problem_of


def reason(instance: Instance) -> str:
    problem = problem_of(instance)
    found = structure_of(problem)
    told = found if isinstance(found, str) else ""
    assert told == unlike(problem)
    return told


def read(instance: Instance) -> Structure:
    found = structure_of(problem_of(instance))
    assert not isinstance(found, str), found
    return found


def test_an_oven_at_a_site_is_one_option_and_shut_the_other():
    # shut 0; open with an oven 20 + 50; open without one is never better than shut
    location = read(line()).location
    assert location.fixed.tolist() == [0, 70, 0, 70]
    assert location.capacity == pytest.approx([0, 100, 0, 100], rel=1e-8)
    assert not location.counted.any()
    # 60 t and 40 t over 10 km at 0.1
    assert location.cost.tolist() == [[0, 40], [60, 0]]


def test_two_modules_are_one_option_more():
    two = line(technologies=changed("technologies", max_modules=2))
    location = read(two).location
    # all demand is 100 t: the second oven makes nothing more, and is left out
    assert location.fixed.tolist() == [0, 70, 0, 70]


def test_a_count_of_sites_is_read_from_its_rows():
    rules = [{"id": "n", "rule": "site_count", "parameters": "least=2; most=2"}]
    location = read(line(rules=rules)).location
    assert (location.least, location.most) == (2, 2)
    # open without an oven counts too
    assert location.fixed.tolist() == [0, 20, 70] * 2
    assert location.counted.tolist() == [False, True, True] * 2


def test_a_count_that_follows_from_capacity_is_no_count():
    # one oven makes all that is wanted and none makes nothing: some site is open
    rules = [{"id": "n", "rule": "site_count", "parameters": "least=1"}]
    assert not read(line(rules=rules)).location.limits_count


def test_a_rule_on_one_site_lies_within_the_site():
    rules = [
        {"id": "n", "rule": "site_count", "parameters": "least=1; sites=w"},
    ]
    location = read(line(rules=rules)).location
    # w is open: it has no option to be shut
    assert 0 not in location.fixed[: location.first[1]]


def test_costs_per_unit_make_a_slope():
    dear = line(recipes=[{"recipe": "bake", "technology": "oven", "variable_cost": 2}])
    location = read(dear).location
    assert location.slope.tolist() == [0, 2, 0, 2]


NEARLY: dict[str, tuple[Instance, str]] = {
    "least use": (
        line(technologies=changed("technologies", least_use=0.5)), "least amount"
    ),
    "a budget": (
        line(
            periods=[{"period": "y", "start_year": 2030, "years": 1,
                      "capital_budget": 5}],
            technologies=changed("technologies", capital_cost=10),
        ),
        "capital_budget",
    ),
    "two periods": (
        line(periods=[{"period": "y", "start_year": 2030, "years": 1},
                      {"period": "v", "start_year": 2031, "years": 1}]),
        "several markets",
    ),
    "all or nothing": (
        line(rules=[{"id": "one", "rule": "single_sourcing"}]), "all or nothing"
    ),
    "a rule over flows": (
        line(rules=[{"id": "far", "rule": "proximity_service",
                     "parameters": "share=0.5; within_km=1"}]),
        "flows",
    ),
    "sites apart": (
        line(
            sites=[{"site": s, "x": 1_000 * n, "y": 0} for n, s in enumerate("abc")],
            rules=[{"id": "apart", "rule": "sites_apart", "parameters": "km=1.5"}],
        ),
        "count different sites",
    ),
    "a count at a price": (
        line(rules=[{"id": "n", "rule": "site_count", "parameters": "most=1",
                     "soft_price": 5}]),
        "rule n",
    ),
    "side by side": (
        instance_of(Case(seed=1, levels=2, dear=True)), "side by side"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEARLY)
def test_what_nearly_fits_is_told_apart(name):
    instance, told = NEARLY[name]
    assert told in reason(instance)


def test_a_path_that_cannot_be_taken_is_refused_in_words():
    with pytest.raises(ValueError, match=r"path decomposed: .*least amount"):
        solve(NEARLY["least use"][0], path="decomposed")


def test_location_is_decomposed_from_some_size_on(monkeypatch: Any):
    problem = problem_of(line())
    assert choose_path(problem, "auto")[0] == "exact"
    monkeypatch.setattr(run, "LOCATION_DELIVERIES", 1)
    assert choose_path(problem, "auto") == (
        "decomposed",
        "every site chooses among options of its own: location",
    )


def test_without_numba_the_path_is_not_taken_and_says_so(monkeypatch: Any):
    monkeypatch.setattr(run, "LOCATION_DELIVERIES", 1)
    monkeypatch.setattr(entry, "find_spec", lambda name: None)
    assert choose_path(problem_of(line()), "auto")[0] == "exact"
    with pytest.raises(ValueError, match="numba is not installed"):
        solve(line(), path="decomposed")
