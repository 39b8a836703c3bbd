"""Conflicts are true and smallest, and every way out leads out: on planted conflicts.

What `explain` finds in its elastic program is checked without it: by changing ordinary
tables and asking the exact path whether there is a plan.
"""

from threading import Event

import pytest

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.explaining.conflict import Conflict, explain
from dmopt.explaining.suspects import suspects
from dmopt.explaining.ways import Step, Tries, WayOut
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits
from tests.explaining.planted import PLANTS, planted
from tests.line import TABLES, changed, line, rule
from tests.paths import thorough

EVERY_RUN, ALL = 12, 204
SEEDS = [
    *range(EVERY_RUN),
    *(pytest.param(seed, marks=thorough) for seed in range(EVERY_RUN, ALL)),
]
"""One of each kind in every run, all of them in the thorough one."""


def has_plan(instance: Instance) -> bool:
    problem = make_problem(instance, make_rules(instance))
    limits = Limits(20.0, 1.0, 0, 1)
    outcome = solve_exact(problem, limits, lambda *found: None, Event())
    assert outcome.status in ("solved", "infeasible")
    return outcome.x is not None


def only(instance: Instance, kept: set[str]) -> Instance:
    """The instance with all its suspects dropped but those kept."""
    for each in suspects(instance, make_rules(instance)):
        if each.label not in kept:
            instance = each.drop(instance)
    return instance


def check_smallest(instance: Instance, conflict: Conflict) -> None:
    labels = {each.label for each in conflict.members}
    assert conflict.smallest
    assert not has_plan(only(instance, labels))
    for label in labels:
        assert has_plan(only(instance, labels - {label})), f"{label} is not needed"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planted_conflict_is_found_and_every_way_out_leads_out(seed, tmp_path):
    given = planted(seed)
    assert not has_plan(given.instance)
    found = explain(given.instance, ways=2)
    assert found.infeasible
    for conflict in found.conflicts:
        check_smallest(given.instance, conflict)
    if given.labels is not None:
        first = frozenset(each.label for each in found.conflicts[0].members)
        assert first == given.labels
    assert len(found.ways) >= 2
    for number, way in enumerate(found.ways):
        # through the ordinary input: written, read back, solved
        folder = tmp_path / str(number)
        write_instance(way.instance, folder)
        assert has_plan(read_instance(folder)), way.says()


def test_every_kind_of_conflict_is_planted():
    assert len(SEEDS) >= 200 and len(SEEDS) >= len(PLANTS)


def few_and_near(**tables: list) -> Instance:
    rules = rule("site_count", "most=1", "few")
    return line(rules=rules + rule("proximity_service", "share=1; within_km=5", "near"))


def test_ways_out_are_the_least_change_in_the_users_own_units():
    found = explain(few_and_near(), ways=5, cost=True)
    says = {way.says(): way.cost for way in found.ways}
    # w alone reaches the east over 10 km: 110; a second site: 140
    assert says["most: 1 -> 2 sites (rule few)"] == pytest.approx(140)
    assert says["within_km: 5 -> 10 km (rule near)"] == pytest.approx(110)


def test_three_ways_out_touch_different_suspects_where_there_are_three():
    found = explain(few_and_near(), ways=3)
    assert len({way.touched for way in found.ways}) >= 3


def test_what_capacity_lacks_is_told_in_modules_and_demand():
    # two ovens of 30 for 100 wanted: two at each site do, or 60 % of the demand
    small = line(technologies=changed("technologies", capacity_per_yr=30))
    says = {way.says() for way in explain(small, ways=2).ways}
    assert "max_modules of oven: 1 -> 2 modules (capacity oven)" in says
    assert "demand for bread: 100 -> 60 per cent of today (demand bread)" in says


def test_a_limit_on_what_is_got_rid_of():
    # half a tonne of dust for each of 100 t of bread, of which 25 may go
    dusty = line(
        commodities=[
            *TABLES["commodities"],
            {"commodity": "dust", "disposal_cost": 0.1},
        ],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "dust", "quantity": 0.5},
        ],
        disposals=[{"commodity": "dust", "max_per_yr": 25}],
    )
    found = explain(dusty, ways=3)
    (conflict,) = found.conflicts
    labels = {each.label for each in conflict.members}
    assert labels == {"disposal dust", "demand bread"}
    check_smallest(dusty, conflict)
    says = {way.says() for way in found.ways}
    assert "dust got rid of: 100 -> 200 per cent of today (disposal dust)" in says
    assert "demand for bread: 100 -> 50 per cent of today (demand bread)" in says
    assert all(has_plan(way.instance) for way in found.ways)


def test_promises_that_shut_what_is_needed():
    shut = [{"site": s, "period": "y", "count": 0} for s in ("w", "e")]
    kept = [*shut, {"site": "w", "technology": "oven", "period": "y", "count": 0}]
    instance = line(promises=kept)
    found = explain(instance, ways=3)
    first = found.conflicts[0]
    labels = {each.label for each in first.members}
    check_smallest(instance, first)
    assert "promise e y" in labels and "demand bread" in labels
    assert len(labels & {"promise w y", "promise w oven y"}) == 1
    assert "It was promised that site e is shut in y." in " ".join(found.sentences())
    assert found.ways and all(has_plan(way.instance) for way in found.ways)
    # a promise with a price gives way, and so is never to blame
    ovens = [{**kept[-1], "site": s, "count": 3, "change_cost": 5} for s in ("w", "e")]
    assert explain(line(promises=ovens)).infeasible is False


def test_where_there_is_a_plan_nothing_collides():
    found = explain(line())
    assert found.infeasible is False
    assert found.sentences() == ["There is a plan: nothing collides."]


def test_a_soft_rule_is_never_to_blame():
    rows = [{**rule("site_count", "most=0")[0], "soft_price": 5}]
    assert explain(line(rules=rows)).infeasible is False


def test_without_time_nothing_is_claimed():
    found = explain(planted(0).instance, time_limit_s=0.0)
    assert found.infeasible is None
    assert found.sentences() == [
        "Whether there is a plan is not known: the time ran out."
    ]


def test_who_cancels_is_not_kept_waiting():
    cancel = Event()
    cancel.set()
    found = explain(planted(0).instance, cancel=cancel)
    assert found.infeasible is None and found.solves == 0


def test_ways_that_the_time_cut_short_are_not_called_the_least():
    instance = planted(0).instance
    tries = Tries(until=0.0)
    assert tries.has_plan(instance) is None and tries.undecided == 1
    step = Step(suspects(instance, make_rules(instance))[0], None, 0.0)
    assert "time ran out" in WayOut([step], instance, least=False).says()
