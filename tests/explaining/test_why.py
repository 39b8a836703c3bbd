"""Why here and not there: forced sites, by hand."""

import pytest

from dmopt.data.read import read_instance
from dmopt.errors import InstanceError
from dmopt.explaining.why import exclusions, forced, why, working
from dmopt.explaining.words import why_sentences
from dmopt.rules import edit_rules, make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.run import solve, solve_nearby
from tests.cli.program import ROOT
from tests.line import TABLES, line
from tests.report.towns import towns


def test_forcing_the_idle_site_to_work_costs_what_it_costs():
    # w alone 110; e at work is cheapest alone: 130, for 60 t and not 40 over 10 km
    instance = line()
    base = solve(instance, gap=0)
    found = why(instance, "e", base, gap=0)
    assert (found.works, found.force) == (False, "open")
    assert (found.low, found.high) == (pytest.approx(20), pytest.approx(20))
    assert found.kinds["sites"] == pytest.approx(0)
    assert found.kinds["transport out"] == pytest.approx(20)
    assert found.shuts == ["w"]
    text = " ".join(why_sentences(found, instance))
    assert "Forced open, the plan costs GBP 20 more" in text


def test_what_changes_besides_is_said_in_the_words_of_every_table():
    # 40 t x 10 km x 0.5 kg from w, 60 t from e
    instance = towns()
    found = why(instance, "e", solve(instance, gap=0), gap=0)
    says = list(why_sentences(found, instance))
    assert "Emissions, CO2e: 0.2 -> 0.3 t/yr" in says


def test_forcing_the_used_site_shut_moves_all_to_the_other():
    # e alone 130: 20 more, and w ceases
    instance = line()
    found = why(instance, "w", solve(instance, gap=0), gap=0)
    assert (found.works, found.force) == (True, "shut")
    assert found.high == pytest.approx(20)
    assert found.opens == ["e"]
    assert working(found.forced.plan) == {"e"}


def test_what_is_so_already_changes_nothing():
    instance = line()
    found = why(instance, "w", solve(instance, gap=0), force="open")
    assert found.high == 0
    assert "forcing it changes nothing" in " ".join(why_sentences(found, instance))


def test_shutting_the_only_site_leaves_no_plan_and_says_what_collides():
    instance = line(sites=TABLES["sites"][:1])
    found = why(instance, "w", solve(instance, gap=0))
    assert found.forced.status == "infeasible"
    labels = {m.label for c in found.explanation.conflicts for m in c.members}
    assert "rule forced w shut" in labels
    assert "demand bread" in labels


def test_an_unknown_site_is_told_with_the_nearest():
    base = solve(line(), gap=0)
    with pytest.raises(InstanceError, match="'x'"):
        why(line(), "x", base)


def test_a_plan_nearby_is_verified_and_no_better_than_the_best():
    instance = read_instance(ROOT / "instances" / "rule-town")
    base = solve(instance, gap=1e-4)
    site = next(s for s in instance.sites.index if s not in working(base.plan))
    changed = forced(instance, site, "open")
    exact = solve(changed, gap=1e-4)
    problem = make_problem(changed, make_rules(changed))
    near = solve_nearby(problem, base.plan, site, bound=base.bound)
    assert near.plan is not None and site in working(near.plan)
    assert near.cost >= exact.cost * (1 - 2e-4)
    assert near.bound <= exact.cost


def test_sites_keep_the_reasons_why_they_are_shut():
    instance = read_instance(ROOT / "instances" / "rule-town")
    ruled = edit_rules(instance, add=["flood: excluded_area kinds=flood"])
    (reason,) = exclusions(ruled)["quay-works"]
    assert reason.startswith("flood: ") and "once in 100 years" in reason
