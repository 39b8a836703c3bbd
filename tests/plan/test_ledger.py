"""The books of a plan: shared by its tables, and by no check."""

from dataclasses import replace

import pandas as pd
import pytest

from dmopt.plan.plan import Plan
from dmopt.plan.products import product_costs
from dmopt.plan.tables import all_tables
from dmopt.plan.verify import audit, verify
from tests.plan.town import town_plan


def fresh(plan: Plan) -> Plan:
    """The same decisions, nothing computed of them."""
    return replace(plan)


def test_no_table_alters_what_the_others_read():
    plan = town_plan()
    first = all_tables(plan)
    products = product_costs(plan)
    again = all_tables(plan)
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])
        alone = all_tables(fresh(plan))[name]
        pd.testing.assert_frame_equal(table, alone)
    pd.testing.assert_frame_equal(products, product_costs(fresh(plan)))


def test_who_changes_the_table_of_costs_changes_a_copy():
    plan = town_plan()
    before = plan.costs.cost_per_yr.sum()
    table = plan.costs
    table["cost_per_yr"] = 0.0
    assert plan.costs.cost_per_yr.sum() == pytest.approx(before) and before > 0


def test_a_check_reads_the_plan_anew_whatever_was_computed_of_it():
    plan = town_plan()
    assert verify(plan.instance, plan) == []
    assert plan.costs.cost_per_yr.sum() > 0  # the books are made
    plan.tables["flows"].loc[0, "quantity_per_yr"] *= 2
    assert verify(plan.instance, plan) != []


def test_what_a_check_has_computed_is_that_of_the_plan():
    plan = town_plan()
    broken, checked = audit(plan.instance, plan)
    assert broken == []
    assert "flows" in vars(checked.ledger)
    pd.testing.assert_frame_equal(checked.costs, fresh(plan).costs)
