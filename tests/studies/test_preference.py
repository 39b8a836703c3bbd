"""Objectives one after the other: by hand on the line, and by trying all sets of sites.

The line is that of the frontier's tests: w alone 110, 10 more for each 0.1 t of carbon
below 1.45 t (bread by bike), both ovens 140 and 1.1 t.
"""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dmopt.errors import InstanceError
from dmopt.plan.verify import verify
from dmopt.rules import make_rules
from dmopt.rules.catalogue import RULES
from dmopt.rules.parameters import STRICT, Amount
from dmopt.solving.highs import Limits
from dmopt.studies.frontier.best import _Seeking
from dmopt.studies.frontier.objective import OBJECTIVES, Objective
from dmopt.studies.frontier.preference import prefer
from dmopt.studies.frontier.preference_words import (
    is_end_of_scale,
    limit_in_words,
    sentences,
    stages_table,
)
from dmopt.studies.frontier.priced import moved
from dmopt.studies.frontier.search import Search
from dmopt.studies.session import Session
from dmopt.studies.whatif import Wish
from tests.line import TABLES, line
from tests.paths import examples
from tests.rules.on_paper import TWO_YEARS
from tests.rules.test_emission_cap import TABLES_HERE
from tests.studies.site_sets import every_set, town
from tests.studies.test_frontier import PEOPLE, TOWN

FINE = 1e-5


def in_order(instance, *names, **options):
    options = {"gap": FINE, "slack": 0.0} | options
    return prefer(instance, [OBJECTIVES.get(name, name) for name in names], **options)


def test_the_first_is_as_good_as_can_be_and_cost_comes_last():
    found = in_order(TOWN, "emissions")
    carbon, cost = found.stages
    assert carbon.value == pytest.approx(1.05, rel=1e-4)
    assert carbon.limit == pytest.approx(1.05, rel=1e-4) and carbon.proven
    assert (cost.name, cost.cost) == ("cost", pytest.approx(150, rel=1e-3))
    assert cost.limit == pytest.approx(150, rel=1e-3) and cost.proven


def test_slack_is_given_up_for_what_comes_after():
    # 1.05 t and a tenth more: 1.155 t by bike 139.50, by both ovens 140
    found = in_order(TOWN, "emissions", slack=0.1)
    assert found.stages[0].held == pytest.approx(1.155, rel=1e-4)
    assert found.stages[-1].cost == pytest.approx(139.5, rel=1e-3)


def test_cost_held_first_leaves_what_its_slack_pays_for():
    # 110 and a tenth: 11 pay for 0.11 t less than 1.45
    found = in_order(TOWN, "cost", "emissions", slack=0.1)
    cost, carbon = found.stages
    assert (cost.value, cost.held) == (pytest.approx(110), pytest.approx(121))
    assert carbon.value == pytest.approx(1.34, rel=1e-4) and carbon.proven
    # nothing asks for more than that: a tenth worse is 1.45 again
    assert carbon.cost == pytest.approx(110, rel=1e-3)


def test_what_counts_rows_and_not_distances_is_halved_for():
    # everyone at 0 km needs both ovens, which then emit 1.1 t at least
    nearest, carbon, cost = in_order(TOWN, "worst_served", "emissions").stages
    assert (nearest.value, nearest.proven) == (0, True)
    assert carbon.value == pytest.approx(1.1, rel=1e-4) and carbon.proven
    assert cost.cost == pytest.approx(140, rel=1e-3)


def test_it_begins_where_the_cheapest_plan_keeps_no_figure_at_all():
    # a plant 30 km out for nothing is cheapest: then no site of the region works
    plant = {"site": "plant", "x": 30_000, "y": 0, "in_region": False}
    cheap = {"technology": "works", "capacity_per_yr": 100, "site_classes": "plant"}
    outside = TABLES["lanes"] + [TABLES["lanes"][0] | {"origin": "site_outside"}]
    instance = line(
        zones=PEOPLE,
        sites=[*TABLES["sites"], plant | {"class": "plant"}],
        technologies=[*TABLES["technologies"], cheap],
        recipes=[*TABLES["recipes"], {"recipe": "roll", "technology": "works"}],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "roll", "commodity": "bread", "quantity": 1},
        ],
        lanes=outside,
        modes=[TABLES["modes"][0] | {"cost_per_tkm": 0.01}],
    )
    found = in_order(instance, "worst_served")
    assert found.stages[0].value == 0
    assert found.is_complete


def brute(instance, names, slack):
    """(best value of each stage, cost of the last) over all sets of sites."""
    sets = every_set(instance)
    sets = sets[sets.cost <= 10 * sets.cost.min()]
    values = []
    for name in names:
        less = name == "cost" or OBJECTIVES[name].less_is_better
        best = sets[name].min() if less else sets[name].max()
        values.append(best)
        held = best * (1 + slack if less else 1 - slack)
        small = 1e-4 * abs(best)
        sets = sets[sets[name] <= held + small if less else sets[name] >= held - small]
    return values, sets.cost.min()


@settings(max_examples=examples(18), deadline=None, derandomize=True)
@given(
    st.integers(0, 10_000),
    st.sampled_from(
        [
            ("access", "emissions"),
            ("worst_served", "emissions"),
            ("jobs", "access"),
            ("cost", "worst_served"),
        ]
    ),
    st.sampled_from([0.0, 0.03]),
)
def test_each_stage_is_that_of_trying_every_set(seed, names, slack):
    instance = town(seed)
    found = in_order(instance, *names, slack=slack, gap=1e-4)
    values, cost = brute(instance, names, slack)
    for stage, value in zip(found.stages, values, strict=False):
        assert stage.value == pytest.approx(value, rel=2e-3, abs=1e-6)
        less = stage.objective is None or stage.objective.less_is_better
        # what is proven leaves the best of all sets
        assert (stage.limit <= value + FINE) if less else (stage.limit >= value - FINE)
    assert found.stages[-1].cost == pytest.approx(cost, rel=2e-3)


@pytest.mark.parametrize("name", ["emissions", "access", "jobs"])
@pytest.mark.parametrize("seed", [2, 3])
def test_an_objective_in_the_place_of_cost_proves_its_best(name, seed):
    instance, objective = town(seed), OBJECTIVES[name]
    sets = every_set(instance)
    best = sets[name].min() if objective.less_is_better else sets[name].max()
    seeking = priced(instance, objective)
    if seeking is None:
        return
    assert seeking.value == pytest.approx(best, rel=1e-3)
    less = objective.less_is_better
    assert seeking.limit <= best + FINE if less else seeking.limit >= best - FINE
    if name != "jobs":  # several rows: their mean proves little
        assert seeking.limit == pytest.approx(best, rel=1e-2)


def priced(instance, objective):
    search = Search(instance, [objective], Limits(30.0, FINE), None)
    result = search.ask(Wish(), None)
    if objective.lacks(objective.ideal, instance, search.known[0].plan) == []:
        return None
    seeking = _Seeking(search, objective, [], 10 * result.cost, lambda text: None)
    seeking.ask_priced()
    return seeking


def test_the_bound_by_price_counts_periods_as_money_does():
    # a year and then three of half the demand: the first emits most, and all that is
    # proven is its mean with the others, weighted 1 : 3
    years = [TWO_YEARS[0], TWO_YEARS[1] | {"years": 3}]
    demand = [
        row | {"period": t, "quantity_per_yr": share * row["quantity_per_yr"]}
        for row in TABLES["demand"]
        for t, share in (("y", 1.0), ("z", 0.5))
    ]
    instance = line(**TABLES_HERE, zones=PEOPLE, periods=years, demand=demand)
    seeking = priced(instance, OBJECTIVES["emissions"])
    first = 1.05
    assert seeking.value == pytest.approx(first, rel=0.02)
    # two rows of 3/4 at most: between a third and all of it
    assert first / 3 < seeking.limit < first


def test_cancelled_the_stages_reached_come_back():
    cancel = Event()

    def stop_soon(text, done, of):
        if done == 1:
            cancel.set()

    found = in_order(
        TOWN, "worst_served", "emissions", on_step=stop_soon, cancel=cancel
    )
    assert found.stages[0].value == 0 and not found.is_complete
    assert found.result.plan is not None
    assert any("not reached" in text for text in sentences(found))


def test_the_plan_in_the_end_is_one_of_the_instance_as_it_is():
    found = in_order(TOWN, "emissions")
    result = found.result
    assert verify(TOWN, result.plan, make_rules(TOWN)) == []
    assert result.cost == found.stages[-1].cost and result.bound <= 110 * (1 + FINE)
    table = stages_table(found)
    assert list(table.objective) == ["emissions", "cost"]
    assert list(table.emissions) == pytest.approx([1.05, 1.05], rel=1e-4)


def test_the_end_of_the_scale_is_not_told_as_what_nothing_goes_beyond():
    stage = in_order(TOWN, "emissions").stages[0]
    assert limit_in_words(replace(stage, limit=1.05)) == "1.05"
    jobs = replace(stage, objective=OBJECTIVES["jobs"], value=12.0, limit=300.0)
    assert limit_in_words(jobs) == "300, the end of the scale"
    assert limit_in_words(replace(jobs, limit=20.0, proven=False)) == (
        "20 (wider than the gap)"
    )
    everyone = replace(stage, objective=OBJECTIVES["access"], limit=1.0)
    assert not is_end_of_scale(everyone)  # nobody is in reach twice


class Weighted(BaseModel):
    """A figure on both sides of a row: figure x modules <= 1 + figure."""

    model_config = STRICT
    name: ClassVar[str] = "weighted"
    figure: Amount

    def sentence(self) -> str:
        return f"Weighted by {self.figure}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b, instance, where):
        m, slope = b.model(), self.slope()

        @b.Constraint(list(where.periods))
        def some(b, t):
            standing = sum(m.modules[s, k, t] for s, k in m.SK)
            return slope * standing <= self.right()

    def right(self) -> float:
        return 1 + self.figure

    def slope(self) -> float:
        return 1 + self.figure

    def check(self, instance, plan, where):
        yield from ()


class Unweighted(Weighted):
    name: ClassVar[str] = "unweighted"

    def slope(self) -> float:
        return 1.0


class Bent(Unweighted):
    """Its right side is no straight line in the figure."""

    name: ClassVar[str] = "bent"

    def right(self) -> float:
        return 1 + self.figure**0.5


@pytest.mark.parametrize(
    ("kind", "is_read"), [(Weighted, False), (Unweighted, True), (Bent, False)]
)
def test_a_figure_in_a_coefficient_is_not_read_off_right_sides(
    kind, is_read, monkeypatch
):
    monkeypatch.setitem(RULES, kind.name, kind)
    mine = Objective("mine", kind.name, "figure", "of its own", 0.0)
    found = moved(Session(TOWN), mine, (2.0, 1.0, 0.5))
    # one row, whose right side moves by 1 with one unit of the figure
    assert found == (pytest.approx([1.0]) if is_read else None)


def test_without_any_plan_there_are_no_stages():
    nobody = [each | {"status": "excluded"} for each in TABLES["sites"]]
    found = in_order(line(**(TABLES_HERE | {"sites": nobody})), "emissions")
    assert (list(found.stages), found.result) == ([], None)
    assert found.cheapest.status == "infeasible"


def test_what_cannot_be_asked_is_refused():
    for names in ((), ("cost",), ("emissions", "emissions")):
        with pytest.raises(ValueError, match="each of them once"):
            in_order(TOWN, *names)
    with pytest.raises(ValueError, match="expected objectives and 'cost'"):
        prefer(TOWN, [OBJECTIVES["access"], "emissions"])
    with pytest.raises(ValueError, match="slack = 1"):
        in_order(TOWN, "emissions", slack=1.0)
    with pytest.raises(InstanceError, match="access_guarantee speaks of"):
        in_order(line(**TABLES_HERE), "access")
