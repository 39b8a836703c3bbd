"""Sums before any solve, with the numbers on both sides."""

from typing import Any

from dmopt.data.arithmetic import Finding, arithmetic_findings
from dmopt.data.schema import TABLES
from dmopt.data.validate import make_instance
from tests.data.examples import two_zone_settings, two_zone_tables


def findings(**changes: Any) -> list[Finding]:
    settings = two_zone_settings() | changes.pop("settings", {})
    return arithmetic_findings(make_instance(settings, changed(**changes)))


def changed(**changes: Any) -> Any:
    """Tables with some columns replaced: demand={"quantity_per_yr": [...]}."""
    tables: Any = two_zone_tables()
    for name, columns in changes.items():
        tables[name] = tables.get(name, {}) | columns
    return tables


def test_the_example_has_no_finding():
    assert findings() == []


def test_demand_beyond_all_capacity_names_both_numbers():
    # s1: 3 ovens x 150,000; s2: its one oven, 95 % of it; plant: line 1,000,000. The
    # line may stand at s1 too (industrial): 450,000 + 1,000,000 + 142,500 + 1,000,000
    # plant also takes ovens, as many as may stand there: 3 x 150,000
    [short] = findings(demand={"quantity_per_yr": [4e6, 1e5, 1e5]})
    assert (short.severity, short.needed, short.there) == ("warning", 4.1e6, 3.0425e6)
    assert "bread, period 2030" in short.message
    assert "4,100,000" in short.message and "3,042,500" in short.message


def test_demand_that_must_be_met_and_cannot_is_an_error():
    [short] = findings(
        demand={"quantity_per_yr": [4e6, 1e5, 1e5]},
        commodities={"unmet_price": [None, None, None]},
    )
    assert short.severity == "error"


def test_a_committed_site_makes_nothing_before_it_opens():
    periods = {"period": ["a", "2030"], "start_year": [2025, 2030], "years": [5, 5]}
    # without s2's oven: 3,042,500 - 142,500
    [short] = findings(
        periods=periods,
        demand={"quantity_per_yr": [2_850_000, 100_000, 100_000]},
    )
    assert "period a" in short.message and short.there == 2.9e6


def test_zones_that_no_lane_reaches_are_named():
    lanes = {"max_km": [5, 5, None, None]}
    found = findings(
        lanes=lanes,
        demand={"zone": ["west", "east", "east"]},
        sites={"x": [400_500, 409_000, 450_000]},
        modes={"max_km": [1, None]},
    )
    [unreached] = [f for f in found if "no lane" in f.message]
    assert "zone east" in unreached.message and unreached.needed == 1


def test_delivery_that_takes_too_long_reaches_nobody():
    found = findings(commodities={"max_delivery_h": [0.0001, None, None]})
    assert any("no lane" in finding.message for finding in found)


def test_distances_from_a_table_count():
    distances = {
        "origin": ["s1", "plant", "mill"],
        "destination": ["west", "west", "s1"],
        "km": [1, 60, 30],
        "minutes": [5, None, None],
    }
    found = findings(settings={"distance": "table"}, distances=distances)
    assert any("zone east" in finding.message for finding in found)


def test_projected_distances_count():
    assert findings(settings={"distance": "projected"}) == []


def test_inputs_that_nobody_sells_or_makes_stop_a_recipe():
    found = findings(supplies={"commodity": ["crumbs"]})
    assert any("uses flour, which nobody sells or makes" in f.message for f in found)
    assert any(f.there == 0 and "bread, period 2030" in f.message for f in found)


def test_by_products_that_nobody_takes_stop_a_recipe():
    found = findings(commodities={"disposal_cost": [None] * 3})
    assert [f.message for f in found if f.message.startswith("recipe")] == [
        "recipe bake can never run: it makes crumbs, which nobody takes and which has "
        "no disposal_cost"
    ]


def test_services_that_nobody_provides_stop_a_technology():
    found = findings(
        site_services={"base": [0, 0]},
        infrastructure_services={"per_step": [0, None]},
    )
    texts = [finding.message for finding in found]
    assert "recipe bake can never run: it needs quality, which nobody provides" in texts


def test_committed_modules_need_what_their_site_has():
    # one oven needs 1 of quality; s2 has none, a laboratory could be built
    [need] = findings(site_services={"base": [0, 0]})
    assert (need.severity, need.needed, need.there) == ("warning", 1, 0)
    found = findings(
        site_services={"base": [0, 5]},
        infrastructure_services={"per_step": [0, None]},
    )
    assert any(
        f.severity == "error" and "committed site s2" in f.message for f in found
    )


def test_sites_of_no_use_are_named():
    found = findings(technologies={"site_classes": ["high street", "high street"]})
    assert any("no technology can stand at site s1" in f.message for f in found)
    found = findings(
        lanes={"origin": ["site_inside", "site_inside", "supplier", "supplier"]}
    )
    assert any("nothing made at site plant reaches" in f.message for f in found)


def test_errors_come_first():
    found = findings(
        demand={"quantity_per_yr": [4e6, 1e5, 1e5]},
        commodities={"unmet_price": [None] * 3, "disposal_cost": [None] * 3},
    )
    assert [f.severity for f in found] == sorted(f.severity for f in found)
    assert len({f.severity for f in found}) == 2


def test_an_instance_without_optional_tables_can_be_summed_up():
    tables = two_zone_tables()
    for name in two_zone_tables():
        if not TABLES[name].required:
            del tables[name]
    tables["sites"]["status"] = ["candidate"] * 3
    tables["sites"]["opens"] = [""] * 3
    instance = make_instance(two_zone_settings(), tables)
    found = [finding.message for finding in arithmetic_findings(instance)]
    assert any("uses flour, which nobody sells or makes" in text for text in found)
    assert not len(instance.supplies_by_period)
