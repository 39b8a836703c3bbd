"""Costs of the town's plan against sums on paper (see `town.py` for the figures)."""

import numpy as np
import pytest

from dmopt.plan.costs import KINDS, annuity, cost_table, total_cost, weights
from dmopt.plan.emissions import CAUSES, emissions_kg
from tests.plan.damage import changed
from tests.plan.town import P1, P2, town, town_plan, town_with

PLAN = town_plan()

# per kind: cost in a year of the early and of the late period
ON_PAPER = {
    "rules": (0, 0),
    # bakery 500/25 + 30, mixer 10, plant 40; late: + annex 400/25, hub 5, plant closes:
    # 250 over 5 years
    "sites": (20 + 30 + 10 + 40, 20 + 30 + 10 + 16 + 5 + 250 / 5),
    # an oven 1000/10; kept: oven 20, mixer 10, line 100. Late: 3 bought so far, 4 kept,
    # one moved for 50 over 5 years, and 0.4 of 5000/20 regained for the line
    "modules": (
        2 * 100 + 2 * 20 + 10 + 100,
        3 * 100 + 4 * 20 + 10 + 50 / 5 - 0.4 * 250,
    ),
    # grid 1.5 x 100/20 + 3, lab 300/20 + 30, college 200/20, depot 80/20, connections
    # lab 40/20 and cloud 20/20, fees lab 7 and cloud 10; late: two labs, two connected
    # to it, three to the cloud
    "infrastructure": (
        10.5 + 45 + 10 + 4 + (2 + 1) + (7 + 10),
        10.5 + 90 + 10 + 4 + (2 * 2 + 3 * 1) + (2 * 7 + 3 * 10),
    ),
    # bake 0.1, mix 0.02, roll 0.05
    "operation": (250 + 50 + 15, 400 + 80),
    # 0.5 kWh at 0.1, 0.01 h at 10 a loaf baked
    "energy": (2500 * 0.05, 4000 * 0.05),
    "labour": (2500 * 0.1, 4000 * 0.1),
    # 10 m2 an oven: 3 each at the bakery, 2 elsewhere
    "land": (20 * 3, 10 * 3 + 30 * 2),
    # release at 1: one a module, 0.001 a loaf
    "services": (2 + 2.5, 4 + 4),
    # 3.65 days of 365, at 0.1 a year, of loaves worth 2: 0.002 a loaf baked
    "stock": (2500 * 0.002, 4000 * 0.002),
    # flour at 250, later 300
    "inputs": (2.8 * 250, 4 * 300),
    # 0.1 a tonne-km: mixer 18 km, plant 80 km
    "transport in": (0.1 * (2.5 * 18 + 0.3 * 80), 0.1 * 4 * 18),
    # dough by van, a piece: tonne-km 0.001; vehicle-km max(0.001/0.5, 1/(100 x 20)) =
    # 0.002 at 0.5; stop 1/100 at 0.2: 0.002 km + 0.002
    "transport between": (
        2500 * (0.002 * 1 + 0.002),
        1000 * (0.002 * 1 + 0.002)
        + 1500 * (0.002 * 7 + 0.002)
        + 1500 * (0.002 * 6 + 0.002),
    ),
    # bread by van, a loaf: 0.001 + 0.5 max(0.001/0.5, 1/(10 x 20)) = 0.0035 km, stop
    # 1/10 at 0.2; by lorry 0.1 x 0.3 t x 90 km
    "transport out": (
        1000 * (0.0035 * 1 + 0.02) + 1500 * (0.0035 * 9 + 0.02) + 2.7,
        1000 * (0.0035 * 1 + 0.02)
        + 1500 * (0.0035 * 1 + 0.02)
        + 1500 * (0.0035 * 2 + 0.02),
    ),
    "disposal": (25 * 0.1, 40 * 0.1),
    # kg as in the test of emissions below, at 100 and 200 a tonne
    "emissions": (0.43805 * 100, 0.6617 * 200),
    "unmet": (200 * 5, 0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_cost_is_the_sum_on_paper(kind):
    table = cost_table(PLAN)
    found = table[table.kind == kind].set_index("period").cost_per_yr
    assert found[P1] == pytest.approx(ON_PAPER[kind][0])
    assert found[P2] == pytest.approx(ON_PAPER[kind][1])


def test_the_table_has_every_period_and_kind_once_and_in_order():
    table = cost_table(PLAN)
    assert list(table.columns) == ["period", "kind", "cost_per_yr"]
    assert list(table.kind) == [*KINDS, *KINDS]
    assert list(table.period) == [P1] * len(KINDS) + [P2] * len(KINDS)


def test_annualised_cost_is_the_mean_of_a_year():
    early, late = (sum(pair[t] for pair in ON_PAPER.values()) for t in (0, 1))
    assert total_cost(PLAN) == pytest.approx((5 * early + 5 * late) / 10)


def test_longer_periods_count_for_more():
    instance = town_with({("periods", P2, "years"): 15})
    assert weights(instance) == pytest.approx([0.25, 0.75])


def test_discounted_cost_is_the_value_of_each_year_at_its_end():
    # 10 % a year: years 1 to 5, and years 6 to 10
    instance = town(money="discounted", discount_rate=0.1)
    early = sum(1.1**-year for year in range(1, 6))
    late = sum(1.1**-year for year in range(6, 11))
    assert weights(instance) == pytest.approx([early, late])
    plan = town_plan(instance)
    per_period = cost_table(plan).groupby("period").cost_per_yr.sum()
    expected = early * per_period[P1] + late * per_period[P2]
    assert total_cost(plan) == pytest.approx(expected)


def test_without_a_rate_discounted_cost_is_the_sum_of_all_years():
    instance = town(money="discounted", discount_rate=0)
    assert total_cost(town_plan(instance)) == pytest.approx(10 * total_cost(PLAN))


def test_a_gap_between_periods_is_discounted_too():
    instance = town_with(
        {("periods", P2, "start_year"): 2035, ("periods", P1, "years"): 5},
        money="discounted",
        discount_rate=0.1,
    )
    assert weights(instance)[1] == pytest.approx(1.1**-5 * weights(instance)[0])


def test_an_annuity_pays_the_capital_back_over_its_life():
    instance = town(discount_rate=0.08)
    each = annuity(instance, np.array([1.0, 10.0]))
    # 10 years of it are worth 1 now; over one year it is 1.08
    assert sum(each[1] * 1.08**-year for year in range(1, 11)) == pytest.approx(1)
    assert each[0] == pytest.approx(1.08)
    assert annuity(town(), np.array([4.0])) == pytest.approx([0.25])


def test_capital_is_paid_as_an_annuity_at_the_rate():
    table = cost_table(town_plan(town(discount_rate=0.1)))
    found = table[(table.kind == "modules") & (table.period == P1)].cost_per_yr.item()
    # 2 ovens of 1000 over 10 years at 10 %: 162.745 a year each
    assert found == pytest.approx(2 * 162.745395 + 150)


def test_an_oven_that_is_sold_goes_on_costing_what_is_not_regained():
    plan = changed(PLAN, "modules", f"bakery {P2}", moved_out=0, sold=1)
    plan = changed(plan, "modules", f"annex {P2}", moved_in=0, bought=2)
    late = cost_table(plan).query("kind == 'modules' and period == @P2").cost_per_yr
    # 4 bought, 1 sold of which half comes back: 3.5 x 100; nothing moved, line sold
    assert late.item() == pytest.approx(3.5 * 100 + 4 * 20 + 10 - 100)


def test_a_connection_is_paid_on_after_it_ends_and_again_when_it_is_made_again():
    tables = {name: table.copy() for name, table in PLAN.tables.items()}
    uses = tables["uses"]
    tables["uses"] = uses[~((uses.site == "bakery") & (uses.period == P2))]
    plan = type(PLAN)(PLAN.instance, tables)
    late = cost_table(plan).query("kind == 'infrastructure' and period == @P2")
    # as on paper, less the bakery's fees of the late period: 7 + 10
    paper = ON_PAPER["infrastructure"][1]
    assert late.cost_per_yr.item() == pytest.approx(paper - 17)


def test_emissions_add_up_by_cause():
    table = emissions_kg(PLAN).set_index(["period", "cause"]).kg_per_yr
    assert list(table.index.get_level_values("cause")) == [*CAUSES, *CAUSES]
    # van: 0.2 a vehicle-km, 0.01 a stop; lorry 0.05 a tonne-km
    dough = 2500 * 0.002 * 0.2 + 25 * 0.01
    bread = 1000 * 0.005 * 0.2 + 100 * 0.01 + 1500 * 0.005 * 9 * 0.2 + 150 * 0.01
    lorry = 0.05 * (2.5 * 18 + 0.3 * 80 + 0.3 * 90)
    assert table[P1, "transport"] == pytest.approx(dough + bread + lorry)
    assert table[P1, "inputs"] == pytest.approx(2.8 * 50)
    assert table[P1, "operation"] == pytest.approx(2500 * 0.01)
    assert table[P1, "services"] == pytest.approx(2500 * 0.5 * 0.2)
    assert table[P1].sum() == pytest.approx(438.05)
    assert table[P2].sum() == pytest.approx(661.7)


def test_what_cannot_be_priced_shows_as_nan():
    # nobody sells dough: the plan is not sound, and its cost is not a number
    plan = changed(PLAN, "flows", f"mill mixer {P1}", commodity="dough")
    assert np.isnan(total_cost(plan))
