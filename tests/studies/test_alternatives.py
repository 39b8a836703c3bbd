"""Plans near in cost and far in sites: by hand on the line, and by trying every set.

On the line w alone costs 110, e alone 130, both 140.
"""

from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmopt.errors import InstanceError
from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from dmopt.solving.highs import Limits
from dmopt.solving.run import solve
from dmopt.studies.alternatives import _Spread, alternatives
from dmopt.studies.alternatives_words import alternatives_table, sentences
from tests.line import TABLES, line, rule
from tests.paths import examples
from tests.rules.on_paper import TWO_YEARS
from tests.rules.solved import solved
from tests.studies.site_sets import every_set, town

LINE = line()


def near(instance, within, **options):
    return alternatives(instance, solved(instance), within=within, gap=0, **options)


def test_the_first_is_the_most_different_and_the_next_is_unlike_both():
    # up to 143: e alone is in two sites otherwise; both in one from each of them
    found = near(LINE, 0.3)
    assert [(sorted(a.sites), a.different) for a in found.found] == [
        (["e"], 2),
        (["e", "w"], 1),
    ]
    assert [a.cost for a in found.found] == pytest.approx([130, 140])
    assert [a.bound for a in found.found] == pytest.approx([130, 140])
    assert [a.most for a in found.found] == [2, 1]
    assert (found.most, found.always, found.stopped) == (0, [], False)


def test_what_costs_more_than_the_limit_is_no_alternative():
    # up to 132: e alone; up to 115: none, and that is proven
    assert [a.cost for a in near(LINE, 0.2).found] == pytest.approx([130])
    none = near(LINE, 0.05)
    assert (list(none.found), none.most) == ([], 0)
    assert list(sentences(none, 5))[-1] == (
        "No further plan within 5 % has still other sites (proven)."
    )


def test_as_many_as_asked_and_no_more():
    assert len(near(LINE, 0.3, count=1).found) == 1


def test_alternatives_are_plans_of_the_instance_as_it_is():
    # with a rule of its own: two sites open, so that w alone costs 130
    instance = line(rules=rule("site_count", "least=2"))
    found = near(instance, 0.5)
    assert len(found.found) == 2
    for each in found.found:
        result = found.result(each)
        assert result.plan.instance is instance
        assert verify(instance, result.plan, make_rules(instance)) == []
        assert result.cost == each.cost and result.bound <= each.cost


def test_leaving_counts_only_what_an_earlier_plan_works_from():
    # both ovens leave nothing of w alone; e alone leaves w
    found = near(LINE, 0.3, leaving=True)
    assert [(sorted(a.sites), a.different) for a in found.found] == [(["e"], 1)]
    assert found.most == 0


def test_what_is_proven_when_only_leaving_counts_is_said_of_leaving():
    # both at 140 are within 30 %, and another set of sites; they leave none of w's
    found = near(LINE, 0.3, leaving=True, count=2)
    assert [sorted(each.sites) for each in found.found] == [["e"]]
    said = list(sentences(found, 2))
    assert (
        said[-1]
        == "No further plan within 30 % leaves a site of each of them (proven)."
    )


def test_sites_that_no_rule_can_name_are_told_at_once(monkeypatch):
    sites = [TABLES["sites"][0] | {"site": "w, the west"}, TABLES["sites"][1]]
    with pytest.raises(InstanceError, match="working sites without"):
        near(line(sites=sites), 0.3)
    monkeypatch.setattr("dmopt.studies.alternatives.LONGEST", 20)
    with pytest.raises(InstanceError, match="20 characters in all"):
        near(LINE, 0.3)


def test_the_sites_are_those_of_the_last_period():
    # twice as much is wanted in the second year: then an oven more is needed
    more = [row | {"period": "y"} for row in TABLES["demand"]]
    more += [
        row | {"period": "z", "quantity_per_yr": 2 * row["quantity_per_yr"]}
        for row in TABLES["demand"]
    ]
    oven = [TABLES["technologies"][0] | {"max_modules": 2}]
    instance = line(periods=TWO_YEARS, demand=more, technologies=oven)
    found = near(instance, 0.3)
    assert found.period == "z"
    last = [found.sites, *(a.sites for a in found.found)]
    assert len(set(last)) == len(last) == 3
    for each in found.found:
        modules = each.plan.tables["modules"].query("period == 'z' and modules > 0")
        assert set(modules.site) == each.sites


@settings(max_examples=examples(12), deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([0.05, 0.2, 0.6]), st.booleans())
def test_they_are_those_of_trying_every_set(seed, within, leaving):
    instance = town(seed)
    sets = every_set(instance)
    base = solve(instance, gap=0)
    assert base.cost == pytest.approx(sets.cost.min(), rel=1e-6)
    found = alternatives(
        instance, base, within=within, count=3, leaving=leaving, gap=1e-7
    )

    def farthest(sites):
        """From all chosen, of each set."""
        return sites.map(
            lambda s: min(len(c - s if leaving else s ^ c) for c in chosen)
        )

    limit = base.cost * (1 + within)
    inside = sets[sets.cost <= limit * (1 + 1e-9)]
    chosen = [found.sites]
    for each in found.found:
        differs = farthest(inside.sites)
        assert each.different == each.most == differs.max() > 0
        cheapest = inside.cost[differs == differs.max()].min()
        assert each.cost == pytest.approx(cheapest, rel=1e-5)
        assert each.bound <= cheapest * (1 + 1e-6)
        chosen.append(each.sites)
    left = farthest(inside.sites).max()
    assert (left == 0) == (found.most == 0) or len(found.found) == 3
    assert len(found.found) == 3 or left == 0


def test_cancelled_what_was_found_comes_back():
    cancel = Event()

    def stop_soon(text, done, of):
        if done == 1:
            cancel.set()

    found = near(LINE, 0.3, on_step=stop_soon, cancel=cancel)
    # both was met on the way to e alone
    assert [a.cost for a in found.found] == pytest.approx([130, 140])
    assert found.stopped and found.most > 0
    assert "Stopped: more may be found." in list(sentences(found, 5))


def test_nothing_is_said_to_be_proven_where_no_solve_said_so(monkeypatch):
    # bounds that are not known, as if the time were too short for any
    from dmopt.studies.frontier.search import Search

    ask = Search.ask
    unknown = {"bound": None, "certificate": None, "status": "no_plan_found"}
    monkeypatch.setattr(
        Search, "ask", lambda self, *given: replace(ask(self, *given), **unknown)
    )
    found = near(LINE, 0.2)
    assert [(a.different, a.most) for a in found.found] == [(2, 2)]
    assert found.most == 2
    assert list(sentences(found, 5))[-1] == (
        "No further one was found; there may be one."
    )


def test_a_bound_holds_for_plans_more_different_and_from_more_plans():
    limits = Limits(10.0, 0.0)
    spread = _Spread(LINE, solved(LINE), 0.3, False, limits, lambda *told: None, None)
    spread._bounds = [(1, 0, 100.0), (1, 3, 500.0), (2, 1, 200.0)]
    assert [spread._bound(least) for least in (1, 2, 3)] == [100, 100, 500]
    spread.chosen.append(frozenset("e"))
    assert [spread._bound(least) for least in (0, 1, 3)] == [100, 200, 500]


def test_the_table_has_the_plan_at_hand_and_what_differs_from_it():
    table = alternatives_table(near(LINE, 0.3))
    assert list(table.number) == [0, 1, 2]
    assert list(table.opens) == ["", "e", "e"]
    assert list(table.shuts) == ["", "w", ""]
    assert list(table.more) == pytest.approx([0, 20 / 110, 30 / 110])


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="no plan to begin from"):
        alternatives(LINE, replace(solved(LINE), plan=None, cost=None))
    for wrong in ({"count": 0}, {"within": -0.1}):
        with pytest.raises(ValueError, match="a count of 1 or more"):
            alternatives(LINE, solved(LINE), **wrong)
