"""Break-even: what is varied, and where the winner changes, by hand."""

import pytest

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.maps.study import draw_breakeven
from dmopt.studies.breakeven import OVER, breakeven
from tests.cli.program import ROOT
from tests.line import TABLES, changed, line


def two_ways() -> Instance:
    """Ovens at both towns (micro), or one line in the plant 25 km beyond the east.

    ovens  2 x (50 + 20)                                     = 140 at any price
    line   60 to keep, 60 t x 35 km + 40 t x 25 km at 0.02   =  60 + 62 = 122 at times 1
    equal at  80 / 62 = 1.29 times today's price of transport
    """
    plant = {"site": "plant", "x": 35_000, "y": 0, "in_region": False, "class": "plant"}
    outside = TABLES["lanes"][0] | {"origin": "site_outside"}
    sites = changed("sites", **{"class": "yard", "district": "d"})
    return line(
        sites=[sites[0] | {"district": "W"}, sites[1] | {"district": "E"}, plant],
        zones=[
            TABLES["zones"][0] | {"district": "W"},
            TABLES["zones"][1] | {"district": "E"},
        ],
        commodities=[
            {
                "commodity": "bread",
                "t_per_unit": 1,
                "unmet_price": 100,
                "traits": "local_input; perishable",
            }
        ],
        technologies=[
            *changed("technologies", site_classes="yard", size_class="micro"),
            {
                "technology": "line",
                "capacity_per_yr": 1000,
                "fixed_cost_per_yr": 60,
                "site_classes": "plant",
                "size_class": "plant",
            },
        ],
        recipes=[*TABLES["recipes"], {"recipe": "roll", "technology": "line"}],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "roll", "commodity": "bread", "quantity": 1},
        ],
        modes=changed("modes", cost_per_tkm=0.02),
        lanes=[*TABLES["lanes"], outside],
    )


LOCAL = """
[model]
label = "Local"
[[rule]]
id = "micro"
rule = "count_and_classes"
parameters = {size_classes = "micro"}
[[rule]]
id = "near"
rule = "proximity_service"
parameters = {share = 1, within_km = 5}
"""


def test_the_winner_changes_where_arithmetic_says(tmp_path):
    path = tmp_path / "local.toml"
    path.write_text(LOCAL)
    found = breakeven(
        two_ways(),
        "transport_price",
        values=[0.5, 4.0],
        models=[str(path), "centralised"],
        gap=0.0,
    )
    (change,) = found.changes
    assert (change.before, change.after) == ("centralised", "local")
    assert change.low < 80 / 62 < change.high
    assert change.high / change.low < 1.2
    assert change.certain
    draw_breakeven(two_ways(), found, tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 10_000


@pytest.mark.parametrize("over", sorted(OVER))
def test_only_what_is_asked_is_varied(over):
    instance = read_instance(ROOT / "instances" / "rule-town")
    varied = OVER[over][0](instance, 2.0)
    differ = {
        name
        for name in instance.tables
        if not instance.tables[name].equals(varied.tables[name])
    }
    assert (
        differ
        == {
            "transport_price": {"modes"},
            "emission_price": {"periods"},
            "machine_price": {"technologies"},
            "crew": {"technology_needs"},
            "volume": {"demand"},
        }[over]
    )


def test_machine_price_and_crew_leave_plants_alone():
    instance = read_instance(ROOT / "instances" / "rule-town")
    varied = OVER["machine_price"][0](instance, 2.0).technologies.capital_cost
    assert varied["oven"] == 240_000
    needs = OVER["crew"][0](instance, 2.0).technology_needs
    hours = needs[needs.service == "labour_h"].set_index("technology").per_module
    assert hours["oven"] == 12_000 and hours["line"] == 2_000


@pytest.mark.parametrize("values", [[1.0], [-1.0, 2.0]])
def test_values_that_make_no_range_are_refused(values):
    with pytest.raises(ValueError, match="at least two"):
        breakeven(two_ways(), "volume", values=values)
