"""One plan for several worlds: drawn, on paper, and what it is worth."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from scipy.stats import triang

from dmopt.errors import InstanceError
from dmopt.explaining.why import working
from dmopt.plan.verify import verify
from dmopt.solving.worlds import path
from dmopt.studies.knobs import AT_SITE
from dmopt.studies.screen.ranges import Range
from dmopt.studies.whatif import wished
from dmopt.studies.worlds import many, plan
from dmopt.studies.worlds.many import solve_many
from dmopt.studies.worlds.plan import plan_worlds
from dmopt.studies.worlds.representatives import ample_world, representatives
from dmopt.studies.worlds.words import (
    decided_table,
    sentences,
    worlds_object,
    worlds_table,
)
from dmopt.studies.worlds.world import World, declared, drawn, mean_world, quantile
from tests.line import changed, line, rule

DEAR = "transport_price"


def two(chance: float, price: float = 4.0) -> list[World]:
    """Today, and a world of dear transport: w alone costs 70 + 40 price, both 140."""
    return [
        World("now", "now", 1 - chance),
        World("dear", "dear", chance, {DEAR: price}),
    ]


def planned(worlds, **options):
    return plan_worlds(line(), worlds, gap=0.0, time_limit_s=60, threads=1, **options)


def test_what_is_decided_is_the_same_in_every_world_and_fits_each():
    found = planned(two(0.3))
    assert found.value == pytest.approx(140)
    assert found.status == "optimal"
    opened = [one.plan.tables["opened"] for one in found.each]
    assert opened[0].equals(opened[1])
    for one in found.each:
        there = wished(line(), one.world.wish)
        assert verify(there.instance, one.plan, there.rules) == []


@pytest.mark.parametrize(
    ("chance", "value", "knowing"),
    [
        (0.1, 122, 122 - (0.9 * 110 + 0.1 * 140)),
        (0.3, 140, 140 - (0.7 * 110 + 0.3 * 140)),
    ],
)
def test_what_knowing_is_worth(chance, value, knowing):
    found = planned(two(chance))
    assert found.value == pytest.approx(value)
    assert found.of_knowing == pytest.approx((knowing, knowing), abs=1e-6)
    # costs are straight lines in a price: the mean of it is as good as all its values
    assert found.of_all_worlds == pytest.approx((0, 0), abs=1e-6)


def test_regret_is_against_what_each_world_had_to_cost():
    found = planned(two(0.1), kind="regret")
    assert found.value == pytest.approx(30)  # both ovens: 140 - 110
    assert worlds_table(found).regret_most.tolist() == pytest.approx([30, 0], abs=1e-6)
    assert found.of_knowing is None


def test_the_dearest_worlds_alone_may_ask_for_more():
    assert planned(two(0.1), kind="cvar", level=0.9).value == pytest.approx(140)
    assert planned(two(0.1), kind="cvar", level=0.5).value == pytest.approx(134)


def test_a_plan_for_the_mean_that_does_not_fit_is_told():
    more = World("more", "more", 0.1, {"demand": 1.3})
    # less than w has room for in the mean, more of it in one world
    found = planned([World("less", "less", 0.9, {"demand": 0.9}), more])
    assert found.value == pytest.approx(140)
    assert found.of_mean is None
    assert any("does not fit" in text for text in sentences(found))


@pytest.mark.parametrize("alone", [True, False])
def test_worlds_without_a_plan_are_named_all_of_them(alone):
    fit = [World("now", "now", 0.5), World("less", "less", 0.2, {"demand": 0.5})]
    rush = World("rush", "the rush", 0.2, {"demand": 10})
    lost = World("lost", "both lost", 0.1, {f"{AT_SITE}w": 0.0, f"{AT_SITE}e": 0.0})
    found = planned([rush, *fit, lost], alone=alone)
    assert (found.status, found.each, found.value) == ("infeasible", (), None)
    assert "No plan serves the worlds the rush, both lost" in next(sentences(found))
    about = worlds_object(found)
    assert about["worlds_without_a_plan"] == ["the rush", "both lost"]
    assert about["each"] == []


def test_worlds_that_each_have_a_plan_but_none_in_common_are_told():
    # of both ovens each works in one world alone; one site may open
    one = rule("site_count", "most=1")
    worlds = [
        World("dry", "dry", 0.5, {f"{AT_SITE}w": 0.0}),
        World("wet", "wet", 0.5, {f"{AT_SITE}e": 0.0}),
    ]
    for alone in (True, False):
        found = plan_worlds(line(rules=one), worlds, gap=0.0, threads=1, alone=alone)
        assert found.status == "infeasible" and not found.refused
        assert next(sentences(found)) == (
            "No plan fits all 2 worlds, though each has one (proven)."
        )


# w alone costs 110, and where w is lost 70 and 3 for each of 100 t that nobody brings;
# e alone always costs 130
@pytest.mark.parametrize(
    ("chance", "value", "sites"), [(0.05, 123, {"w"}), (0.1, 130, {"e"})]
)
def test_a_site_that_may_be_lost_is_weighed_against_a_dearer_one(chance, value, sites):
    town = line(commodities=changed("commodities", unmet_price=3))
    flood = World("flood", "flood", chance, {f"{AT_SITE}w": 0.0})
    worlds = [World("now", "now", 1 - chance), flood]
    found = plan_worlds(town, worlds, gap=0.0, time_limit_s=60, threads=1)
    assert found.value == pytest.approx(value)
    assert working(found.each[0].plan) == sites
    assert set(decided_table(found)["at"]) == sites


def test_the_plan_is_kept_where_nothing_is_otherwise():
    found = planned(two(0.3))
    assert found.as_given.cost == pytest.approx(140)
    result = found.result()
    assert verify(line(), result.plan, []) == []
    assert (result.status, result.bound, result.path) == ("feasible", None, "worlds")
    # of the plan in a world what is known of plans for it alone is proven
    assert found.result(0).bound == pytest.approx(110)
    assert sorted(decided_table(found).values.tolist()) == [
        ["modules", "oven", "e", "y", 1],
        ["modules", "oven", "w", "y", 1],
    ]


def test_decisions_that_do_not_fit_today_are_told():
    less = [World(f"l{n}", f"less {n}", 0.5, {"demand": 0.1 * n}) for n in (1, 2)]
    town = line(demand=changed("demand", quantity_per_yr=100))
    found = plan_worlds(town, less, gap=0.0, time_limit_s=60, threads=1)
    assert found.status == "optimal" and found.as_given is None
    assert any("does not fit" in text for text in sentences(found))
    with pytest.raises(ValueError, match="as its tables say"):
        found.result()


def test_what_is_stopped_at_once_has_no_plan_and_says_so():
    stop = Event()
    stop.set()
    for kind in ("cvar", "regret"):  # they need bounds of each world first
        found = planned(two(0.3), kind=kind, cancel=stop)
        assert (found.status, found.value, found.each) == ("no_plan_found", None, ())
        assert "no bound of some world" in next(sentences(found))


def test_a_stop_in_the_last_step_keeps_the_plan_at_hand():
    stop = Event()

    def on_step(text, done, of):
        return (lambda progress: stop.set()) if done + 1 == of else None

    found = planned(two(0.3), on_step=on_step, cancel=stop)
    assert found.value is not None and found.value >= 140 - 1e-6
    assert found.bound is None or found.bound <= 140 + 1e-6


# a third of the time as today, and dear or very dear: both ovens always cost 140,
# w alone 110, 230 and 310
THREE = [World(f"p{p}", f"times {p}", 1 / 3, {DEAR: p}) for p in (1.0, 4.0, 6.0)]


@pytest.mark.parametrize("threads", [1, 2])
def test_many_worlds_by_representatives_and_worlds_apart(threads, monkeypatch):
    for module in (plan, path):
        monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(plan, "TOGETHER", 2)
    monkeypatch.setattr(many, "REPRESENTATIVES", 2)
    found = plan_worlds(
        line(), THREE, gap=0.0, time_limit_s=60, threads=threads, alone=False
    )
    assert "what worlds pay each other adds up to nothing" in found.proof
    assert found.value == pytest.approx(140)
    # what each world costs on its own: 110, 140, 140
    assert 130 + 1 < found.bound <= 140 + 1e-6


def test_an_ample_world_has_all_the_demand_and_no_more_sites_than_any():
    site = f"{AT_SITE}w"
    worlds = [
        World("a", "", 0.5, {DEAR: 1.0, "demand": 1.2, site: 1.0}),
        World("b", "", 0.5, {DEAR: 3.0, "demand": 0.8, site: 0.4}),
    ]
    ample = ample_world(worlds, line())
    assert ample.values == {DEAR: 2.0, "demand": 1.2, site: 0.4}
    # what a world leaves as it is counts as it is today
    assert ample_world([*worlds[1:], World("c", "", 0.5)], line()).values == {
        DEAR: 2.0,
        "demand": 1.0,
        site: 0.4,
    }


@pytest.mark.parametrize(
    ("kind", "least"), [("expected", 0.7 * 110 + 0.3 * 140), ("cvar", 140)]
)
def test_worlds_on_their_own_prove_something_of_all(kind, least, monkeypatch):
    solved = plan.solve_joint
    monkeypatch.setattr(
        plan, "solve_joint", lambda *given: replace(solved(*given), bound=-np.inf)
    )
    found = planned(two(0.3), kind=kind)
    assert found.bound == pytest.approx(least)
    assert found.proof.startswith("Each world on its own")


def test_a_world_of_which_nothing_is_proven_leaves_open_what_knowing_is_worth():
    found = planned(two(0.3))
    alone = [found.alone[0], replace(found.alone[1], bound=None)]
    assert replace(found, alone=alone).of_knowing is None
    worlds_object(replace(found, alone=alone))
    alone = [found.alone[0], replace(found.alone[1], plan=None, cost=None)]
    assert replace(found, alone=alone).of_knowing == (0, pytest.approx(21))


def test_where_the_plan_of_the_mean_does_not_fit_that_of_a_dear_world_is_tried(
    monkeypatch,
):
    for module in (plan, path):
        monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(plan, "TOGETHER", 1)
    starts = []

    def heard(*given):
        starts.append(given[-1])
        return solve_many(*given)

    monkeypatch.setattr(plan, "solve_many", heard)
    more = World("more", "more", 0.1, {"demand": 1.3})
    found = planned([World("less", "less", 0.9, {"demand": 0.9}), more])
    assert found.of_mean is None and found.value == pytest.approx(140)
    assert found.bound <= 140 + 1e-6
    assert [start.cost for start in starts] == pytest.approx([140])


def test_representatives_are_the_means_of_worlds_that_are_alike():
    dear = [World(f"p{n}", "", 0.25, {DEAR: p}) for n, p in enumerate([1.0, 1.2, 6.0])]
    worlds = [*dear, World("as now", "", 0.25)]
    few = representatives(worlds, np.array([110, 118, 310, 110]), 2, 0, line())
    by = {each.probability: each.values[DEAR] for each in few}
    assert by == {0.75: pytest.approx((1 + 1.2 + 1) / 3), 0.25: pytest.approx(6)}


def test_a_world_that_does_not_fit_the_instance_is_named_in_its_faults():
    with pytest.raises(InstanceError, match="world odd: knobs, column demand:cake"):
        planned([World("odd", "", 1.0, {"demand:cake": 1.0})])
    with pytest.raises(InstanceError, match=r"world odd: .*read 2, expected 0 to 1"):
        planned([World("odd", "", 1.0, {f"{AT_SITE}w": 2.0})])
    nobody = World("nobody", "", 0.5, {"demand": 0.0})
    with pytest.raises(ValueError, match="number 2"):
        planned([World("now", "", 0.5), nobody])


def test_probabilities_written_to_some_digits_are_made_to_add_up():
    thirds = [replace(world, probability=0.3333333) for world in THREE]
    found = planned(thirds)
    assert sum(found.probability) == pytest.approx(1, abs=1e-15)


def test_probabilities_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up"):
        planned([World("now", "now", 0.5)])
    with pytest.raises(ValueError, match="level"):
        planned([World("now", "now", 1.0)], kind="cvar", level=1.0)


def test_worlds_are_read_from_the_tables():
    worlds = [
        {"world": "now", "probability": 0.9},
        {"world": "dear", "probability": 0.1, "name": "dear fuel"},
    ]
    changes = [
        {"world": "dear", "figure": DEAR, "value": 4},
        {"world": "dear", "figure": "demand", "of": "bread", "value": 0.5},
        {"world": "dear", "figure": "availability", "site": "e", "value": 0.25},
    ]
    now, dear = declared(line(worlds=worlds, world_changes=changes))
    assert (now.name, now.probability, now.values) == ("now", 0.9, {})
    assert dear.name == "dear fuel"
    assert dear.values == {DEAR: 4, "demand:bread": 0.5, "availability:e": 0.25}
    town = line(sites=changed("sites", availability=0.5))
    assert mean_world([now, dear], town).values == pytest.approx(
        {DEAR: 1.3, "demand:bread": 0.95, "availability:e": 0.475}
    )


def test_without_the_table_there_are_none():
    with pytest.raises(InstanceError, match="worlds"):
        declared(line())


def test_faults_of_worlds_are_told_at_once():
    with pytest.raises(InstanceError) as caught:
        line(
            worlds=[
                {"world": "a", "probability": 0.5},
                {"world": "b", "probability": 0.4},
            ],
            world_changes=[
                {"world": "c", "figure": DEAR, "value": 1},
                {"world": "a", "figure": "demand", "of": "bred", "value": 11},
                {"world": "a", "figure": "labour", "value": 1},
                {"world": "b", "figure": DEAR, "of": "bread", "value": 1},
                {"world": "b", "figure": "demand", "value": 1},
                {"world": "b", "figure": "demand", "value": 2},
            ],
        )
    told = {(f.place, f.row, f.column) for f in caught.value.faults}
    assert told == {
        ("worlds", 2, "probability"),
        ("world_changes", 2, "world"),
        ("world_changes", 3, "of"),
        ("world_changes", 3, "value"),
        ("world_changes", 4, "figure"),
        ("world_changes", 5, "of"),
        ("world_changes", 7, "world, figure, of, site"),
    }


def test_each_part_of_a_range_gives_one_value():
    ranges = [
        {"figure": DEAR, "low": 0.5, "likely": 1, "high": 2},
        {"figure": "availability", "site": "w", "low": 0, "likely": 1, "high": 1},
    ]
    worlds = drawn(line(uncertain=ranges), 20, seed=3)
    values = np.array([world.values[DEAR] for world in worlds])
    share = triang(1 / 3, 0.5, 1.5).cdf(np.sort(values))
    assert (np.floor(share * 20) == np.arange(20)).all()
    left = np.sort([world.values["availability:w"] for world in worlds])
    assert (np.floor(left**2 * 20) == np.arange(20)).all()
    assert sum(world.probability for world in worlds) == pytest.approx(1)
    again = drawn(line(uncertain=ranges), 20, seed=3)
    assert [w.values for w in again] == [w.values for w in worlds]
    other = drawn(line(uncertain=ranges), 20, seed=4)
    assert [w.values for w in other] != [w.values for w in worlds]


@pytest.mark.parametrize("likely", [0.5, 1.0, 2.0])
def test_values_of_a_range_are_as_likely_as_it_says(likely):
    one = Range(DEAR, "", "", 0.5, likely, 2.0, "declared")
    share = np.linspace(0, 1, 11)
    known = triang((likely - 0.5) / 1.5, 0.5, 1.5).ppf(share)
    assert quantile(one, share) == pytest.approx(known)
    flat = Range(DEAR, "", "", 0.5, likely, 2.0, "declared", "uniform")
    assert quantile(flat, share) == pytest.approx(0.5 + 1.5 * share)
