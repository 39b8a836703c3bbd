"""One plan for several worlds: drawn, on paper, and what it is worth."""

import numpy as np
import pytest
from scipy.stats import triang

from dmopt.errors import InstanceError
from dmopt.plan.verify import verify
from dmopt.studies.screen.ranges import Range
from dmopt.studies.whatif import wished
from dmopt.studies.worlds.plan import plan_worlds
from dmopt.studies.worlds.words import sentences, worlds_object, worlds_table
from dmopt.studies.worlds.world import World, declared, drawn, mean_world, quantile
from tests.line import line

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


def test_a_world_without_a_plan_is_named():
    found = planned(
        [World("now", "now", 0.5), World("flood", "flood", 0.5, {"demand": 10})]
    )
    assert found.status == "infeasible"
    assert "flood" in next(sentences(found))
    assert worlds_object(found)["world_without_a_plan"] == "flood"


def test_probabilities_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up"):
        planned([World("now", "now", 0.5)])


def test_worlds_are_read_from_the_tables():
    worlds = [
        {"world": "now", "probability": 0.9},
        {"world": "dear", "probability": 0.1, "name": "dear fuel"},
    ]
    changes = [
        {"world": "dear", "figure": DEAR, "value": 4},
        {"world": "dear", "figure": "demand", "of": "bread", "value": 0.5},
    ]
    now, dear = declared(line(worlds=worlds, world_changes=changes))
    assert (now.name, now.probability, now.values) == ("now", 0.9, {})
    assert dear.name == "dear fuel"
    assert dear.values == {DEAR: 4, "demand:bread": 0.5}
    assert mean_world([now, dear], line()).values == pytest.approx(
        {DEAR: 1.3, "demand:bread": 0.95}
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
        ("world_changes", 7, "world, figure, of"),
    }


def test_each_part_of_a_range_gives_one_value():
    ranges = [{"figure": DEAR, "low": 0.5, "likely": 1, "high": 2}]
    worlds = drawn(line(uncertain=ranges), 20, seed=3)
    values = np.array([world.values[DEAR] for world in worlds])
    share = triang(1 / 3, 0.5, 1.5).cdf(np.sort(values))
    assert (np.floor(share * 20) == np.arange(20)).all()
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
