"""Rules kept or missed, prices, assumptions, the summary: from the plan, by hand."""

import json

import pytest

from dmopt.data.schema import TABLES
from dmopt.errors import InstanceError, PlanRejected
from dmopt.explaining.price import price
from dmopt.explaining.words import price_object
from dmopt.report.assumptions import counts_table, group_tables, groups, shares
from dmopt.report.compliance import compliance, switched_off
from dmopt.report.option import as_option, read_option
from dmopt.report.places import infrastructure_table, open_sites, sites_table
from dmopt.report.pricing import prices_table, read_prices
from dmopt.report.summary import firmness
from dmopt.report.table import Table, change, counted, figure, listing, per_cent
from dmopt.runs import write_run
from dmopt.solving.run import solve
from tests.line import rule
from tests.maps.city import city, plan_of
from tests.report.towns import option, result, towns
from tests.rules.plans import baked

NEAR = rule("proximity_service", "share=1; within_km=5", "near")


def soft(price: float) -> list[dict]:
    return [NEAR[0] | {"soft_price": price, "source": "the council", "dated": "2026"}]


def test_a_soft_rule_that_is_missed_says_by_how_much_and_what_it_paid():
    # 40 t to East come from 10 km away, at 3 a tonne
    found = compliance(baked(towns(rules=soft(3)), "w"))[0]
    assert (found.kept, found.reconstructed) == (False, True)
    assert "40 units/yr" in found.missed and "GBP 120" in found.missed
    assert found.soft == "soft: GBP 3 for each unit missed, a year"
    assert found.source == "the council, 2026"
    assert found.dimension.startswith("D1 ")


def test_a_rule_that_is_kept_is_kept_and_one_that_is_off_is_named():
    rows = [NEAR[0] | {"districts": "West"}, NEAR[0] | {"id": "off", "on": False}]
    instance = towns(rules=rows)
    found = compliance(baked(instance, "w"))
    assert [(each.id, each.kept, each.missed) for each in found] == [("near", True, "")]
    assert found[0].covers == "districts: West"
    assert switched_off(instance) == ["off"]


def test_prices_are_the_same_from_the_object_and_from_its_json(tmp_path):
    instance = towns(rules=[*NEAR, *rule("site_count", "least=1", "some")])
    base = solve(instance, gap=0.0, time_limit_s=20)
    prices = price(instance, base=base, gap=0.0)
    mine = as_option(base)
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(price_object(prices)))
    table = prices_table(mine, read_prices(path))
    assert table.rows == prices_table(mine, prices).rows
    # both ovens 2 x (100 + 50 + 20) = 340; one alone 210
    rows = {row[0]: row for row in table.rows}
    assert rows["near"][1:3] == ["GBP 130", "GBP 210"]
    assert rows["some"][1] == "nothing"
    assert "all of D1 Network structure (reconstructed)" in rows


def test_prices_of_other_rules_or_another_cost_are_refused(tmp_path):
    instance = towns(rules=NEAR)
    base = solve(instance, gap=0.0, time_limit_s=20)
    found = price_object(price(instance, base=base, gap=0.0))
    others = as_option(solve(towns(), gap=0.0, time_limit_s=20))
    with pytest.raises(InstanceError, match="the plan has none"):
        prices_table(others, found)
    with pytest.raises(InstanceError, match="a cost of 1"):
        prices_table(as_option(base), found | {"cost": 1.0, "bound": 1.0})
    path = tmp_path / "bad.json"
    for text in ("", "[]", '{"prices": 3}'):
        path.write_text(text)
        with pytest.raises(InstanceError):
            read_prices(path)
    with pytest.raises(InstanceError, match="KeyError"):
        prices_table(as_option(base), {"prices": [{"kind": "rule"}]})


def test_every_row_of_every_table_is_counted_once():
    instance = city()
    found = groups(instance)
    for name in TABLES:
        rows = sum(group.rows for group in found if group.table == name)
        assert rows == len(instance.tables[name]), name
    total = sum(len(table) for table in instance.tables.values())
    assert sum(shares(found).values()) == total
    assert counts_table(found).rows[-1][-1] == f"{total:,}"
    assert sum(count for _, count, _ in group_tables(found)) == total


def test_the_least_trusted_come_first_with_their_sources():
    found = groups(towns())
    order = list(dict.fromkeys(group.confidence for group in found))
    assert order == ["", "assumption", "measured"]
    guess = next(group for group in found if group.confidence == "assumption")
    assert (guess.table, guess.source, guess.named) == (
        "technologies",
        "a guess",
        "oven",
    )


def test_sites_are_listed_with_what_they_make_and_idle_ones_apart():
    plan = baked(towns(), "w", "e")
    sites = open_sites(plan)
    assert list(sites.working) == [True, False]
    assert list(sites.made) == ["100 t Bread", ""]
    assert [row[0] for row in sites_table(plan).rows] == ["West yard", "East yard"]
    assert [row[0] for row in sites_table(plan, most=12).rows] == ["West yard"]


def test_infrastructure_is_one_row_for_each_kind():
    rows = {row[0]: row for row in infrastructure_table(plan_of(city())).rows}
    assert rows["Logistics hub"][3:6] == ["2", "2", "2"]
    assert rows["Licence scheme"][2] == "the whole region"
    assert rows["Skills centre"][2] == "Old Town"


def test_the_badge_is_said_in_a_sentence():
    # 210 a year, bound 1 % below
    assert firmness(option("w")) == (
        "No plan for these figures can cost less than GBP 208 a year: at most "
        "GBP 2.1 a year (1 % of the cost) could be saved by a better plan."
    )
    assert "that is proven" in firmness(option("w", gap=0.0))
    assert "Nothing is proven" in firmness(option("w", gap=None))


def test_a_run_that_was_tampered_with_is_not_reported(tmp_path):
    instance = towns()
    write_run(result(baked(instance, "w")), tmp_path / "run")
    # the hand-made plan lacks nothing but its own check: services aside it is sound
    assert read_option(instance, tmp_path / "run").result.cost == pytest.approx(210)
    about = tmp_path / "run" / "plan.json"
    about.write_text(about.read_text().replace('"jobs"', '"jods"', 1))
    with pytest.raises(InstanceError, match="bears out"):
        read_option(instance, tmp_path / "run")
    write_run(result(baked(instance, "we", flows=[])), tmp_path / "two")
    other = towns(rules=rule("site_count", "most=1", "one"))
    with pytest.raises((InstanceError, PlanRejected)):
        read_option(other, tmp_path / "two")


def test_a_plan_that_breaks_a_rule_is_refused(tmp_path):
    instance = towns(rules=rule("site_count", "least=2", "two"))
    write_run(result(baked(instance, "w")), tmp_path / "run")
    with pytest.raises(PlanRejected, match="two"):
        read_option(instance, tmp_path / "run")


def test_figures_are_said_with_three_digits():
    assert (figure(1234.5), figure(float("nan"))) == ("1,230", "\N{EN DASH}")
    assert (per_cent(0.9412), per_cent(0.0004), per_cent(0)) == (
        "94.1 %",
        "under 0.1 %",
        "0 %",
    )
    assert (change(0.0), change(2), change(-2.5)) == ("same", "+2", "\N{MINUS SIGN}2.5")
    assert (counted(1, "site"), counted(1680, "zone")) == ("1 site", "1,680 zones")
    assert (listing(["a"]), listing(["a", "b", "c"])) == ("a", "a, b and c")
    table = Table("", ["a", "b", "c", "d"], [], numbers=1, words=1)
    assert [table.is_number(n) for n in range(4)] == [False, True, True, False]
