"""Control site: slack, binding, the rows, rows and checker about plans, faults."""

import pytest

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.rules import make_rules
from dmopt.solving.run import solve
from tests.line import TABLES, Rows, changed, line, rule
from tests.paths import PATHS
from tests.rules.admits import admits, broken
from tests.rules.means import means, working
from tests.rules.on_paper import rows
from tests.rules.solved import cost

DEAR = {"fixed_cost_per_yr": 100}
SMALL = changed("technologies", capacity_per_yr=60)
"""Both sites are needed then."""


def governed(
    parameters: str, tables: dict[str, Rows] | None = None, **columns: object
) -> Instance:
    (row,) = rule("control_site", parameters)
    given = means("quality") if tables is None else tables
    return line(rules=[row | columns], **given)


def both(hubs: int) -> dict[str, Rows]:
    """Two small ovens, dear control of their own, and so many steps of the hub."""
    tables = means("quality", own=DEAR) | {"technologies": SMALL}
    tables["locations"][0]["max_steps"] = hubs
    return tables


def test_a_slack_rule_changes_nothing():
    # w alone with its own: 110 + 12
    assert cost(line(**means("quality"))) == pytest.approx(122)
    assert cost(governed("form=any; most_sites=1")) == pytest.approx(122)
    assert cost(governed("form=own")) == pytest.approx(122)


@PATHS
def test_shared_control_is_the_dearer_hub(path):
    # w alone: 110 + 10 + 5
    assert cost(governed("form=shared"), path) == pytest.approx(125)


@PATHS
def test_own_control_is_not_the_cheaper_hub(path):
    # w alone: with the hub 125, with its own 110 + 100
    tables = means("quality", own=DEAR)
    assert cost(line(**tables), path) == pytest.approx(125)
    assert cost(governed("form=own", tables), path) == pytest.approx(210)


@PATHS
def test_one_step_governs_so_many_sites(path):
    # both with the hub: 140 + 10 + 2 x 5; with two steps of it 10 more
    assert cost(governed("most_sites=2", both(2)), path) == pytest.approx(160)
    assert cost(governed("most_sites=1", both(2)), path) == pytest.approx(170)


@PATHS
def test_one_hub_that_may_govern_one_site_is_too_little_for_two(path):
    alone = governed("most_sites=1", both(1))
    assert solve(alone, path=path, gap=0).status == "infeasible"
    # one of them with its own: 140 + 10 + 5 + 100
    any_form = governed("most_sites=1; form=any", both(1))
    assert cost(any_form, path) == pytest.approx(255)


def test_control_is_asked_for_also_where_the_service_is_there():
    free = means("quality", limited=False)
    assert cost(line(**free)) == pytest.approx(110)
    assert cost(governed("form=shared", free)) == pytest.approx(125)


def test_a_soft_rule_is_paid_for_where_that_is_cheaper():
    free = means("quality", limited=False)
    assert cost(governed("", free, soft_price=2)) == pytest.approx(112)
    assert cost(governed("", free, soft_price=20)) == pytest.approx(125)
    # one site too many for the one step, 160 + 4
    few = governed("most_sites=1", both(1), soft_price=4)
    assert cost(few) == pytest.approx(164)
    # the hub is used against the rule, and nothing of its own is there: 125 + 2 x 3
    own = governed("form=own", means("quality", own=DEAR), soft_price=3)
    assert cost(own) == pytest.approx(131)


@pytest.mark.parametrize("parameters", ["", "form=own", "form=any; most_sites=0"])
def test_without_such_infrastructure_or_need_nothing_is_asked(parameters):
    assert cost(governed(parameters, {})) == pytest.approx(110)
    assert cost(governed(parameters, means("licence"))) == pytest.approx(122)
    nowhere = means("quality", limited=False) | {"locations": []}
    assert cost(governed(parameters, nowhere)) == pytest.approx(110)
    unneeded = means("quality") | {"technology_needs": []}
    assert cost(governed(parameters, unneeded)) == pytest.approx(110)


def test_a_need_of_recipes_counts_too():
    tables = means("quality", limited=False) | {"technology_needs": []}
    tables["recipe_needs"] = [{"recipe": "bake", "service": "cover", "per_unit": 0.1}]
    assert cost(governed("form=shared", tables)) == pytest.approx(125)


def shop() -> dict[str, Rows]:
    """Ovens at w; at e a press for 10 posters (5 a year to keep), that needs cover."""
    tables = means("quality", own=DEAR)
    tables["sites"] = [
        row | {"class": kind}
        for row, kind in zip(TABLES["sites"], ("yard", "shop"), strict=True)
    ]
    press = {"technology": "press", "capacity_per_yr": 10, "fixed_cost_per_yr": 5}
    tables["technologies"] = [
        *changed("technologies", site_classes="yard"),
        press | {"site_classes": "shop"},
    ]
    tables["technology_needs"] += [
        {"technology": "press", "service": "cover", "per_module": 1}
    ]
    tables["commodities"] = [*TABLES["commodities"], {"commodity": "poster"}]
    poster = {"zone": "east", "commodity": "poster", "quantity_per_yr": 10}
    tables["demand"] = [*TABLES["demand"], poster]
    tables["recipes"] = [
        *TABLES["recipes"],
        {"recipe": "print", "technology": "press"},
    ]
    item = {"recipe": "print", "commodity": "poster", "quantity": 1}
    tables["recipe_items"] = [*TABLES["recipe_items"], item]
    tables["lanes"] = [*TABLES["lanes"], TABLES["lanes"][0] | {"commodity": "poster"}]
    return tables


def test_a_rule_about_bread_does_not_count_printers():
    # oven at w 110, press at e 20 + 5, both with the hub 10 + 2 x 5
    assert cost(governed("most_sites=1", shop(), products="bread")) == pytest.approx(
        155
    )
    everything = governed("most_sites=1", shop())
    assert solve(everything, path="exact", gap=0).status == "infeasible"


def test_sites_outside_the_region_need_no_control():
    tables = means("quality", limited=False)
    tables["sites"] = changed("sites", in_region=False)
    tables["lanes"] = [TABLES["lanes"][0] | {"origin": "site_outside"}]
    assert cost(governed("form=shared", tables)) == pytest.approx(110)


def test_the_rows_are_those_on_paper():
    shared = rows(governed("most_sites=3"))
    assert shared == {
        "governed[w,y]": "works[w,y] - governs[w,hub,h,y]  <=  0",
        "governed[e,y]": "works[e,y] - governs[e,hub,h,y]  <=  0",
        "span[hub,h,y]": (
            "governs[w,hub,h,y] + governs[e,hub,h,y] - 3*steps[hub,h,y]  <=  0"
        ),
    }
    own = rows(governed("form=own; most_sites=3"))
    assert own["governed[w,y]"] == "works[w,y] - steps[own,at_w,y]  <=  0"
    assert own["alone[w,y]"] == "governs[w,hub,h,y]  <=  0"
    assert "span[hub,h,y]" not in own
    either = rows(governed("form=any"))
    assert either["governed[e,y]"] == (
        "works[e,y] - (governs[e,hub,h,y] + steps[own,at_e,y])  <=  0"
    )


HUB, AT_W, AT_E = ("hub", "h"), ("own", "at_w"), ("own", "at_e")
PLANS = {
    "none": ([], []),
    "own": ([AT_W, AT_E], []),
    "one own": ([AT_W], []),
    "hub": ([HUB], ["w", "e"]),
    "hub for one": ([HUB], ["w"]),
    "hub and own": ([HUB, AT_W, AT_E], ["w"]),
    "one each": ([HUB, AT_E], ["w"]),
}
NONE, SHARED, MANY = "sites without control", "shared control sites", "sites too many"


@pytest.mark.parametrize("which", PLANS)
@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        (
            "form=shared; most_sites=1",
            {
                "none": {("w", "y", NONE), ("e", "y", NONE)},
                "own": {("w", "y", NONE), ("e", "y", NONE)},
                "one own": {("w", "y", NONE), ("e", "y", NONE)},
                "hub": {("hub", "h", "y", MANY)},
                "hub for one": {("e", "y", NONE)},
                "hub and own": {("e", "y", NONE)},
                "one each": {("e", "y", NONE)},
            },
        ),
        (
            "form=own",
            {
                "none": {("w", "y", NONE), ("e", "y", NONE)},
                "one own": {("e", "y", NONE)},
                "hub": {(s, "y", unit) for s in "we" for unit in (NONE, SHARED)},
                "hub for one": {("w", "y", NONE), ("w", "y", SHARED), ("e", "y", NONE)},
                "hub and own": {("w", "y", SHARED)},
                "one each": {("w", "y", NONE), ("w", "y", SHARED)},
            },
        ),
        (
            "form=any; most_sites=1",
            {
                "none": {("w", "y", NONE), ("e", "y", NONE)},
                "one own": {("e", "y", NONE)},
                "hub": {("hub", "h", "y", MANY)},
                "hub for one": {("e", "y", NONE)},
            },
        ),
    ],
)
def test_rows_and_checker_agree_about_plans(which, parameters, found):
    instance = governed(parameters, means("quality", limited=False))
    steps, uses = PLANS[which]
    plan = working(instance, {"w": 60, "e": 40}, steps, uses, draws=0)
    said = broken(instance, plan)
    assert {(*v.where, v.unit) for v in said} == found.get(which, set())
    assert all(v.excess == 1 for v in said)
    assert admits(instance, plan) == (said == [])


def test_the_checker_says_what_is_missing_and_what_is_too_much():
    instance = governed("form=own", means("quality", limited=False))
    plan = working(instance, {"w": 60, "e": 40}, [HUB, AT_E], ["w"], draws=0)
    assert [str(v) for v in broken(instance, plan)] == [
        "mine [w, y]: 1 sites without control",
        "mine [w, y]: 1 shared control sites",
    ]
    none = governed("most_sites=0", means("quality", limited=False))
    plan = working(none, {"w": 60, "e": 40}, [HUB], ["w", "e"], draws=0)
    assert [str(v) for v in broken(none, plan)] == [
        "mine [hub, h, y]: 2 sites too many"
    ]


def test_an_idle_site_is_not_governed():
    instance = governed("most_sites=1", means("quality", limited=False))
    plan = working(instance, {"w": 100}, [HUB], ["w", "e"], draws=0)
    plan.tables["opened"].loc[1] = ["e", "y"]
    assert broken(instance, plan) == []
    assert admits(instance, plan)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("most_sites=-1", "most_sites"),
        ("most_sites=1.5", "most_sites"),
        ("form=hub", "form"),
        ("kind=qualty", r"'qualty'.*nearest: quality"),
        ("sites=3", "sites"),
    ],
)
def test_bad_parameters_are_named(parameters, said):
    with pytest.raises(InstanceError, match=said):
        make_rules(governed(parameters))


def test_the_sentence_holds_its_figures():
    (one,) = make_rules(governed("most_sites=20"))
    assert one.kind.sentence() == (
        "Each working site that needs it uses shared quality infrastructure, "
        "at most 20 sites to one step of a shared one."
    )
