"""A study of which a solve gives a plan or a bound that is wrong goes on, and says so.

The towns are those of the other tests: the line of the frontier's (w alone 110 and
1.45 t, 10 more for each 0.1 t less; both 140), and plain (w 110, e 130, both 140).
"""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dmopt.errors import PlanRejected
from dmopt.solving.highs import Limits
from dmopt.studies import compare as compare_module
from dmopt.studies.alternatives import _Spread, alternatives
from dmopt.studies.alternatives_words import alternatives_object
from dmopt.studies.alternatives_words import sentences as of_alternatives
from dmopt.studies.breakeven import breakeven
from dmopt.studies.frontier.best import _Seeking
from dmopt.studies.frontier.frontier import frontier
from dmopt.studies.frontier.objective import OBJECTIVES
from dmopt.studies.frontier.preference import _Ladder, prefer
from dmopt.studies.frontier.preference_words import preference_object
from dmopt.studies.frontier.preference_words import sentences as of_preference
from dmopt.studies.frontier.search import Search
from dmopt.studies.rejected import Rejected, asked_in_words, rejected, sentence
from dmopt.studies.screen.ranges import ranges
from dmopt.studies.screen.screen import screen
from dmopt.studies.screen.walk import Walk
from dmopt.studies.screen.words import screening_object
from dmopt.studies.screen.words import sentences as of_screening
from dmopt.studies.session import Session
from dmopt.studies.tables import comparison_object
from dmopt.studies.tables import sentences as of_comparison
from dmopt.studies.whatif import RuleWish, Wish
from tests.line import line
from tests.rules.solved import solved
from tests.studies.test_breakeven import LOCAL, two_ways
from tests.studies.test_frontier import TOWN
from tests.studies.test_screen import TOWN as UNSURE

EMISSIONS = OBJECTIVES["emissions"]
WRONG = "demand [west, bread, y]: 3 units/yr"


def fail_at(monkeypatch, *numbers):
    """The plan of each solve of such a number fails its check."""
    ask, asked = Session.ask, []

    def fails(self, wish, **options):
        asked.append(wish)
        if len(asked) - 1 in numbers:
            raise PlanRejected([WRONG])
        return ask(self, wish, **options)

    monkeypatch.setattr(Session, "ask", fails)
    return asked


def test_a_frontier_goes_on_without_a_point_whose_plan_is_rejected(monkeypatch):
    # the cheapest, the best emissions, then points: 1.45 t is known, 1.35 t the first,
    # one with a price before it
    asked = fail_at(monkeypatch, 3)
    found = frontier(TOWN, [EMISSIONS], points=5, gap=0)
    assert asked_in_words(asked[3], "served") == (
        "frontier emissions: emission_cap most_t_per_yr=1.35"
    )
    assert list(found.rejected) == [
        Rejected("frontier emissions: emission_cap most_t_per_yr=1.35", WRONG)
    ]
    others = [point for n, point in enumerate(found.points) if n != 1]
    assert [p.cost for p in others] == pytest.approx([110, 130, 140, 150], rel=1e-4)
    assert {p.status for p in others} == {"proven"}
    # of 1.35 t only what others say is known: the plan of 1.25 t, and bounds
    assert found.points[1].status == "unproven"
    assert found.points[1].cost == pytest.approx(130, rel=1e-4)


def test_where_the_first_plan_is_rejected_there_is_nothing_to_keep(monkeypatch):
    fail_at(monkeypatch, 0)
    with pytest.raises(PlanRejected, match="demand"):
        frontier(TOWN, [EMISSIONS], points=3)


def test_a_bound_far_above_a_plan_is_not_cut_to_it(monkeypatch):
    search = Search(TOWN, [EMISSIONS], Limits(20.0, 0.0), None)
    search.ask(Wish(), None)
    search.bounds.append((None, 110.001))  # the last digits
    assert search.point((1.45,)).bound == pytest.approx(110)
    assert search.point((1.45,)).status == "proven"
    search.bounds.append(((1.45,), 111.0))
    point = search.point((1.45,))
    assert (point.status, point.plan, point.cost) == ("rejected", None, None)
    assert point.gap is None and search.at((1.45,), None) is None
    assert search.rejected == [
        Rejected("emissions 1.45", "cost 110 lies below the bound 111")
    ]
    # of 2 t, which is looser, the bound says nothing
    assert search.point((2.0,)).status == "proven"


def test_an_order_goes_on_without_a_solve_whose_plan_is_rejected(monkeypatch):
    # the first stage is tried at figures one after the other
    fail_at(monkeypatch, 1)
    order = [OBJECTIVES["worst_served"], EMISSIONS]
    found = prefer(TOWN, order, gap=1e-5, slack=0.0)
    assert len(found.rejected) == 1 and found.rejected[0].why == WRONG
    assert found.is_complete and found.stages[0].value == 0
    assert any(WRONG in text for text in of_preference(found))
    assert preference_object(found)["rejected"][0]["why"] == WRONG


def test_a_stage_whose_bound_and_plan_contradict_ends_the_order(monkeypatch):
    price = _Ladder._price

    def too_high(self, text):
        price(self, text)
        self._bound = 200.0 if "emissions" in text else self._bound  # both cost 140

    monkeypatch.setattr(_Ladder, "_price", too_high)
    order = [OBJECTIVES["worst_served"], EMISSIONS]
    found = prefer(TOWN, order, gap=1e-5, slack=0.0)
    assert [stage.name for stage in found.stages] == ["worst_served"]
    assert [each.what for each in found.rejected] == ["the stage of emissions"]
    assert "lies below the bound 200" in found.rejected[0].why
    assert found.result.plan is not None and not found.is_complete


def test_a_figure_far_beyond_what_is_proven_is_not_cut():
    search = Search(TOWN, [EMISSIONS], Limits(20.0, 0.0), None)
    search.ask(Wish(), None)
    seeking = _Seeking(search, EMISSIONS, [], 1e4, lambda text: None)
    seeking.limit = 1.45001  # the last digits
    assert seeking.found.limit == seeking.found.value == pytest.approx(1.45)
    seeking.limit = 1.5
    with pytest.raises(PlanRejected, match=r"1\.45 lies beyond 1\.5"):
        _ = seeking.found


def test_alternatives_go_on_without_a_solve_whose_plan_is_rejected(monkeypatch):
    instance = line()
    base = solved(instance)
    # e is found by then; the solve looks for what is two sites otherwise than both
    fail_at(monkeypatch, 3)
    found = alternatives(instance, base, within=0.3, gap=0)
    assert len(found.rejected) == 1 and found.rejected[0].why == WRONG
    assert [sorted(each.sites) for each in found.found] == [["e"], ["e", "w"]]
    assert any(WRONG in text for text in of_alternatives(found, 2))
    assert alternatives_object(found)["rejected"][0]["why"] == WRONG


def test_alternatives_end_where_a_bound_and_a_plan_contradict():
    instance = line()
    spread = _Spread(
        instance, solved(instance), 0.3, False, Limits(20.0, 0.0), lambda *_: None,
        Event(),
    )  # fmt: skip
    spread._bounds.append((1, 2, 141.0))  # of plans two sites otherwise: e costs 130
    assert not spread.add_farthest(5)
    assert list(spread.found) == []
    assert spread.rejected == [
        Rejected("a plan with 2 sites otherwise", "cost 130 lies below the bound 141")
    ]
    assert spread.most == 2  # all there are: nothing is proven


def test_alternatives_serve_as_much_as_the_plan_at_hand():
    # with nobody served: 100 t x 1.5 = 150, less than 1.4 x 110
    goods = [{"commodity": "bread", "t_per_unit": 1, "unmet_price": 1.5}]
    instance = line(commodities=goods)
    found = alternatives(instance, solved(instance), within=0.4, gap=0)
    assert [sorted(each.sites) for each in found.found] == [["e"], ["e", "w"]]
    assert found.most == 0
    for each in found.found:
        assert each.plan.tables["unmet"].quantity_per_yr.sum() == pytest.approx(0)


def test_a_screening_goes_on_without_a_point_whose_plan_is_rejected(monkeypatch):
    # 0: the likely values, 1: the begin of the first trajectory, 2: its first step
    fail_at(monkeypatch, 2)
    found = screen(UNSURE, trajectories=2, gap=0)
    assert len(found.known) == found.planned and not found.is_proven
    assert len(found.rejected) == 1 and found.rejected[0].why == WRONG
    assert "; machine_price 0.5" in found.rejected[0].what
    assert any(WRONG in text for text in of_screening(found))
    assert screening_object(found)["rejected"][0]["why"] == WRONG


def test_without_a_first_plan_a_screening_has_nothing_to_keep(monkeypatch):
    fail_at(monkeypatch, 0)
    with pytest.raises(PlanRejected, match="demand"):
        screen(UNSURE, trajectories=1)


def test_a_neighbours_plan_that_is_rejected_is_no_plan(monkeypatch):
    def fails(self, wish, plan, **options):
        raise PlanRejected([WRONG])

    monkeypatch.setattr(Session, "priced", fails)
    found = screen(UNSURE, trajectories=1, gap=0)
    assert len(found.known) == found.planned
    assert [each.why for each in found.rejected] == [WRONG] * 2
    assert found.rejected[0].what.startswith("the plan before it at transport_price")


def walk_at(place):
    walk = Walk(UNSURE, ranges(UNSURE).given, Limits(20.0, 0.0, 0, 1), None)
    return walk, walk.session.ask(Wish(knobs=walk.values(place)), gap=0)


def test_a_point_with_a_plan_far_below_its_bound_has_none():
    place = np.array([0.0, 0.0])
    walk, result = walk_at(place)  # w alone: 70 + 0.5 + 40
    there = walk._solved(place, replace(result, bound=110.501))
    assert there.plan is not None and there.point.bound == there.point.cost
    nowhere = walk._solved(place, replace(result, bound=112.0))
    assert nowhere.plan is None and not nowhere.point.has_plan
    assert (nowhere.point.status, nowhere.point.bound) == ("rejected", -np.inf)
    assert [each.why for each in walk.rejected] == [
        "cost 110.5 lies below the bound 112"
    ]


def test_a_step_begins_from_its_neighbours_plan_whatever_else_is_known(monkeypatch):
    walk, _ = walk_at(np.array([1.0, 1.0]))
    before = walk.to(np.array([0.0, 0.0]), None)
    walk.session.ask(
        Wish(knobs=walk.values(np.array([0.0, 2 / 3])), sites={"e": "open"})
    )
    given, ask = [], Session.ask

    def heard(self, wish, near=None, **options):
        given.append(near)
        return ask(self, wish, near=near, **options)

    monkeypatch.setattr(Session, "ask", heard)
    walk.step(0, before, np.array([0.0, 2 / 3]), None)
    assert given and all(near is not None for near in given)
    assert {*given[0].tables["opened"].site} == before.point.sites == {"w"}


def test_what_is_asked_and_what_is_wrong_are_told_in_few_words():
    wish = Wish(knobs={"demand": 1.25}, rules=RuleWish(add=["near: x", "served 0: y"]))
    assert asked_in_words(wish, "served") == "demand 1.25; near: x"
    assert asked_in_words(Wish()) == "the instance as it is"
    many = [rejected(f"point {n}", PlanRejected(["a", "b"])) for n in range(5)]
    assert many[0] == Rejected("point 0", "a (and 1 more)")
    assert sentence(many) == (
        "5 plans are left out, having failed the check (a fault of the program): "
        "point 0: a (and 1 more); point 1: a (and 1 more); point 2: a (and 1 more); "
        "and 2 more."
    )
    assert sentence([]) == ""


def fail_once(monkeypatch, number: int):
    """The plan of the solve of that number in a comparison fails its check."""
    plain, calls = compare_module.solve, []

    def fails(*given, **options):
        calls.append(given)
        if len(calls) - 1 == number:
            raise PlanRejected([WRONG])
        return plain(*given, **options)

    monkeypatch.setattr(compare_module, "solve", fails)
    return calls


def test_a_comparison_goes_on_without_a_model_whose_plan_is_rejected(
    monkeypatch, tmp_path
):
    # tests/studies/test_breakeven.py: ovens 140 in any case, the plant 122
    (tmp_path / "local.toml").write_text(LOCAL)
    fail_once(monkeypatch, 0)
    models = [str(tmp_path / "local.toml"), "centralised"]
    found = compare_module.compare(two_ways(), models, gap=0.0)
    assert [entry.cost for entry in found.entries] == [None, pytest.approx(122)]
    assert list(found.rejected) == [Rejected("Local", WRONG)]
    assert found.entries[0].explanation is None
    told = list(of_comparison(found))
    assert "1 plan is left out" in told[0] and WRONG in told[0]
    assert comparison_object(found)["rejected"] == [{"what": "Local", "why": WRONG}]


def test_a_break_even_says_at_which_value_a_plan_was_rejected(monkeypatch, tmp_path):
    (tmp_path / "local.toml").write_text(LOCAL)
    fail_once(monkeypatch, 3)
    models = [str(tmp_path / "local.toml"), "centralised"]
    values = [0.5, 0.52]  # too near for another between them
    found = breakeven(two_ways(), "transport_price", values=values, models=models)
    assert list(found.rejected) == [Rejected("Centralised at 0.52", WRONG)]
    lost = found.table[found.table.value == 0.52].set_index("model")
    assert np.isnan(float(lost.cost["centralised"] or np.nan)) and lost.wins["local"]
