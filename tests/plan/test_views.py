"""Layers and tables of the town's plan, and of a plan with nothing in it."""

import numpy as np
import pytest

from dmopt.plan import views
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import COLUMNS, make_plan
from dmopt.plan.tables import all_tables, costs_table, modules_table
from tests.plan.town import P1, P2, town, town_plan

PLAN = town_plan()
LAYERS = (views.sites, views.flows, views.zones, views.infrastructure)


def test_sites_say_what_stands_there_in_words():
    sites = PLAN.sites.set_index(["site", "period"])
    assert sites.technologies["bakery", P1] == "2 x oven"
    assert sites.made["bakery", P1] == "2,500 loaf bread, 25 kg crumbs"
    assert sites.utilisation["bakery", P1] == pytest.approx(2500 / 4000)
    assert sites.sent_t_per_yr["bakery", P1] == pytest.approx(2.5)
    assert bool(sites.open["annex", P2]) and not sites.open["annex", P1]
    assert sites.modules["annex", P1] == 0 and sites.technologies["annex", P1] == ""


def test_every_site_but_the_excluded_has_a_row_in_every_period():
    sites = PLAN.sites
    assert len(sites) == 2 * 5
    assert "ruin" not in set(sites.site)


def test_flows_are_lines_from_origin_to_destination():
    row = PLAN.flows.query("origin == 'plant'").iloc[0]
    assert list(row.geometry.coords) == [(100_000, 0), (10_000, 0)]
    assert (row.km, row.hours, row.t_per_yr) == pytest.approx((90, 1.8, 0.3))
    assert row.cost_per_yr == pytest.approx(2.7)


def test_zones_know_what_they_get_and_from_where():
    zones = PLAN.zones.set_index(["zone", "period"])
    east = zones.loc[("east", P1)]
    assert east.demand_value_per_yr == 4000
    assert east.unmet_share == pytest.approx(0.1)
    assert east.nearest_km == pytest.approx(8)
    # 1.5 t over 9 km, 0.3 t over 90 km
    assert east.delivery_km == pytest.approx((13.5 + 27) / 1.8)
    assert east.main_supplier == "bakery"


def test_infrastructure_that_stands_is_shown_with_its_use():
    layer = PLAN.infrastructure.set_index(["infrastructure", "period"])
    lab = layer.loc[("lab", P2)]
    assert (lab.steps, lab.built, lab.users) == (2, 1, 2)
    # set up one year late of five: 1.8 x 5 batches, of which 5.5 are drawn
    assert lab.utilisation == pytest.approx(5.5 / 9)
    # the college has no point of its own: it is where its site is
    assert layer.geometry["college", P1].x == 2000
    assert layer.geometry["cloud", P1] is None


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("plan", [PLAN, make_plan(town(), {})], ids=["plan", "nothing"])
def test_layers_have_the_crs_and_the_same_columns_and_types(layer, plan):
    found, usual = layer(plan), layer(PLAN)
    assert found.crs == usual.crs == PLAN.instance.settings.crs
    assert found.dtypes.equals(usual.dtypes)


def test_tables_keep_their_columns_and_types_when_there_is_nothing():
    usual, empty = all_tables(PLAN), all_tables(make_plan(town(), {}))
    assert list(usual) == list(empty)
    for name, table in usual.items():
        assert empty[name].dtypes.equals(table.dtypes), name
        assert "geometry" not in table
        assert "object" not in {str(kind) for kind in table.dtypes}, name


def test_costs_add_up_to_the_total():
    assert costs_table(PLAN).weighted_cost.sum() == pytest.approx(total_cost(PLAN))


def test_modules_that_left_are_told_too():
    table = modules_table(PLAN).set_index(["site", "period"])
    assert table.sold["plant", P2] == 1
    assert table.running["annex", P2] == pytest.approx(1.8)
    assert np.isnan(table.utilisation["plant", P2])
    assert table.capital_cost["bakery", P1] == 2000


def test_a_plan_reads_well_by_itself():
    assert PLAN.costs.cost_per_yr.sum() > 0
    assert set(PLAN.indicators.period) == {P1, P2, "all"}


def test_a_plan_does_not_round_counts():
    rows = [("lab", "centre", P1, 1.5, 0)]
    with pytest.raises(ValueError, match="steps"):
        make_plan(town(), {"infrastructure": rows})
    whole = make_plan(town(), {"infrastructure": [("lab", "centre", P1, 1.0, 0)]})
    assert whole.tables["infrastructure"].steps.dtype == "int64"
    assert list(whole.tables) == list(COLUMNS)
