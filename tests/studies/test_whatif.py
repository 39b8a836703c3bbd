"""A wish made of an instance, and what tells two instances apart as a wish."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dmopt.data.read import read_instance
from dmopt.errors import InstanceError
from dmopt.explaining.suspects import suspects
from dmopt.rules import edit_rules, make_rules
from dmopt.studies.difference import with_difference
from dmopt.studies.knobs import knobs
from dmopt.studies.whatif import Wish, apply, forced_id
from tests.paths import THOROUGH

INSTANCES = Path(__file__).parents[2] / "instances"


@pytest.fixture(scope="module")
def town():
    return read_instance(INSTANCES / "rule-town")


@pytest.fixture(scope="module")
def bread():
    return read_instance(INSTANCES / "case-bread")


def same(one, other) -> list[str]:
    """Tables in which two instances differ."""
    different = []
    for name in one.tables:
        if one.tables[name].equals(other.tables[name]):
            continue  # the comparison below is slow, and lets more pass
        try:
            pd.testing.assert_frame_equal(
                one.tables[name].reset_index(drop=True),
                other.tables[name].reset_index(drop=True),
                check_dtype=False,
                rtol=1e-9,
            )
        except AssertionError:
            different.append(name)
    return different


def test_an_empty_wish_is_the_instance_as_it_is(bread):
    assert same(apply(bread, Wish()), bread) == []


def test_every_part_of_a_wish_is_made(bread):
    site = bread.sites.index[0]
    wish = Wish.model_validate(
        {
            "model": "distributed",
            "rules": {"change": ["distributed R1.1.within_km=12"]},
            "sites": {site: "shut"},
            "knobs": {"demand": 2, "demand:plain_bread": 0.5, "emission_price": 80},
            "budget": {"capital": 5e6},
            "changes": [
                {"table": "sites", "where": {"site": site}, "set": {"owner": "council"}}
            ],
        }
    )
    made = apply(bread, wish)
    rules = {rule.id: rule for rule in make_rules(made)}
    assert rules["distributed R1.1"].kind.within_km == 12
    assert rules[forced_id(site, "shut")].kind.most == 0
    per = made.demand.groupby("commodity").quantity_per_yr.sum()
    was = bread.demand.groupby("commodity").quantity_per_yr.sum()
    assert per["plain_bread"] == pytest.approx(was["plain_bread"])  # 2 x 0.5
    assert per["fresh_bread"] == pytest.approx(2 * was["fresh_bread"])
    assert (made.periods.emission_price_per_t == 80).all()
    assert (made.periods.capital_budget == 5e6).all()
    assert made.sites.owner[site] == "council"
    assert np.isnan(bread.periods.capital_budget).all()  # as it was


@pytest.fixture(scope="module")
def stages(town):
    """The town in two periods: capital is limited in the first, public in both."""
    one = town.periods.iloc[[0]]
    years = {"soon": 2030, "late": 2040}
    periods = pd.concat([one.assign(period=t, start_year=y) for t, y in years.items()])
    periods = periods.set_index("period", drop=False).rename_axis(None)
    periods = periods.assign(capital_budget=[1e6, np.nan], public_budget=[2e5, 3e5])
    return replace(town, tables={**town.tables, "periods": periods})


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (None, [1e6, np.nan]),
        (5e5, [5e5, 5e5]),
        ("no limit", [np.nan, np.nan]),
        ({"late": 7e5}, [1e6, 7e5]),
        ({"soon": "no limit", "late": 0}, [np.nan, 0]),
    ],
)
def test_a_budget_is_set_lifted_or_left_in_all_periods_or_some(stages, given, made):
    wish = Wish.model_validate({"budget": {"capital": given}})
    wish = Wish.model_validate_json(wish.model_dump_json())  # as it is kept
    after = apply(stages, wish)
    np.testing.assert_array_equal(after.periods.capital_budget, made)
    np.testing.assert_array_equal(after.periods.public_budget, [2e5, 3e5])
    found = with_difference(stages, Wish(), after)
    assert found.budget == wish.budget and found.changes == []


def test_a_budget_of_a_period_that_there_is_not_is_a_fault(stages):
    wish = Wish.model_validate({"budget": {"public": {"lat": 1}}})
    with pytest.raises(InstanceError) as raised:
        apply(stages, wish)
    (fault,) = raised.value.faults
    assert fault.place == "budget.public"
    assert "late" in fault.hint


def test_a_way_out_of_a_budget_set_by_a_change_of_periods_is_made(stages):
    # changes come after the budget: a figure there would be overwritten
    change = {"table": "periods", "set": {"capital_budget": 5.0}}
    wish = Wish.model_validate({"changes": [change]})
    before = apply(stages, wish)
    wider = before.periods.assign(capital_budget=9.0)
    after = replace(before, tables={**before.tables, "periods": wider})
    again = apply(stages, with_difference(stages, wish, after))
    assert (again.periods.capital_budget == 9).all()


def test_wishes_kept_before_budgets_could_be_lifted_are_read():
    kept = '{"model": null, "budget": {"capital": 900000.0, "public": null}}'
    wish = Wish.model_validate_json(kept)
    assert (wish.budget.capital, wish.budget.public) == (900000.0, None)


@pytest.mark.parametrize("key", ["energy_price", "input_price", "transport_price"])
def test_a_price_turned_to_nothing_costs_nothing(bread, key):
    made = apply(bread, Wish(knobs={key: 0.0}))
    energy = made.services.index[made.services.kind == "energy"]
    spent = {
        "energy_price": made.services.price[energy].sum()
        + made.site_services.price[made.site_services.service.isin(energy)].sum(),
        "input_price": made.supplies.price.sum(),
        "transport_price": made.modes.cost_per_tkm.sum() + made.modes.cost_per_km.sum(),
    }
    assert spent[key] == 0
    assert same(made, bread) != []


def test_knobs_begin_where_the_instance_is(bread):
    for knob in knobs(bread):
        assert knob.low <= knob.now <= knob.high
        assert same(knob.edit(bread, knob.now), bread) == [], knob.key


def test_all_faults_are_told_at_once(bread):
    wish = Wish.model_validate(
        {
            "sites": {"nowhere": "open"},
            "knobs": {"gold": 1, "demand": 11},
            "rules": {"off": ["none such"]},
            "changes": [
                {"table": "stes", "set": {"x": 1}},
                {"table": "sites", "where": {"site": "zzz"}, "set": {"owner": "a"}},
            ],
        }
    )
    with pytest.raises(InstanceError) as raised:
        apply(bread, wish)
    assert len(raised.value.faults) == 6


@pytest.mark.parametrize(
    "wish",
    [
        {"model": "mine.toml"},
        {"changes": [{"table": "sites", "add": "sites.csv"}]},
        {"changes": [{"table": "sites", "set": {"name": "\ud800"}}]},
        {"knobs": {"demand": float("nan")}},
        {"budget": {"capital": -1}},
        {"budget": {"capital": "none"}},
        {"budget": {"public": {"2030": -1}}},
        {"budget": {"public": {"2030": None}}},
        {"sites": {"a": "ajar"}},
        {"rules": {"add": [""]}},
        {"else": 1},
    ],
)
def test_what_no_stranger_may_ask_is_refused_before_anything_is_read(wish):
    with pytest.raises(ValidationError):
        Wish.model_validate(wish)


def test_every_way_a_suspect_is_dropped_or_loosened_is_a_wish(bread):
    # what ways out are made of: each edit, found again from the two instances alone
    site = bread.sites.index[2]
    wish = Wish(
        rules={"add": ["few: site_count most=2; working=yes"]},
        sites={site: "open"},
        budget={"capital": 1e6},
        changes=[{"table": "commodities", "set": {"unmet_price": ""}}],
    )
    before = apply(bread, wish)
    found = suspects(before, make_rules(before))
    if not THOROUGH:  # every rule, and one of each other kind
        keys = [each.label if each.kind == "rule" else each.kind for each in found]
        found = list(dict(zip(keys, found, strict=True)).values())
    for suspect in found:
        edits = [(suspect.dropped, suspect.drop(before))]
        for figure in suspect.figures:
            value = (figure.now + min(figure.most, 2 * figure.now + 2)) / 2
            value = float(int(value)) if figure.whole else value
            edits.append((figure.name, figure.edit(before, value)))
        for name, after in edits:
            again = apply(bread, with_difference(bread, wish, after, before))
            if suspect.name == (forced_id(site, "open"),):
                assert forced_id(site, "open") not in again.rules.index
            else:
                assert same(again, after) == [], (suspect.label, name)


def test_ways_are_written_where_people_look_for_them(bread):
    wish = Wish(
        rules={"add": ["few: site_count most=2"], "change": ["few.most=3"]},
        budget={"capital": 1e6},
    )
    before = apply(bread, wish)
    after = edit_rules(before, change=["few.most=4"])
    after = apply(
        after, Wish(knobs={"demand:fresh_bread": 0.8}, budget={"capital": 2e6})
    )
    found = with_difference(bread, wish, after)
    assert found.rules.change == ["few.most=4"]
    assert found.knobs == {"demand:fresh_bread": 0.8}
    assert found.budget.capital == 2e6
    assert found.changes == []
    off = edit_rules(before, off=["few"])
    assert with_difference(bread, wish, off).rules.off == ["few"]


def test_a_wish_is_the_same_after_json(bread):
    wish = Wish.model_validate(
        {"sites": {"a": "open"}, "changes": [{"table": "sites", "set": {"owner": "b"}}]}
    )
    assert Wish.model_validate_json(wish.model_dump_json()) == wish
    assert Wish.model_validate(wish.model_dump(mode="json")) == wish
