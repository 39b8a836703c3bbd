"""From the table `rules` to rule objects, its faults, and what every rule must have."""

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter

from dmopt.errors import InstanceError
from dmopt.rules.catalogue import RULES, catalogue, make_rules
from dmopt.rules.edit import edit_rules
from dmopt.rules.parameters import STRICT, Margin, Share, meanings
from tests.line import changed, line

NO_LIMITS = {("access_guarantee", "speed_kmh")}
"""Figures that limit nothing: they only say how something is counted."""

SHARES = [get_args(kind)[1] for kind in (Share, Margin)]
"""What reads a percentage."""

UNITS = (
    "km",
    "km2",
    "kmh",
    "h",
    "min",
    "days",
    "m2",
    "t",
    "kg",
    "kwh",
    "cost",
    "price",
    "yr",
)
"""Endings of names that say the unit."""


def test_rules_come_in_the_order_of_the_table():
    table = [
        {"id": "b", "rule": "site_count", "parameters": "most=1"},
        {"id": "a", "rule": "single_sourcing"},
    ]
    assert [rule.id for rule in make_rules(line(rules=table))] == ["b", "a"]


def test_no_table_gives_no_rules():
    assert make_rules(line()) == ()


def test_blanks_around_names_and_values_do_not_matter():
    table = [{"id": "few", "rule": "site_count", "parameters": " least = 1 ;; most=2;"}]
    (few,) = make_rules(line(rules=table))
    assert (few.kind.least, few.kind.most, few.kind.where) == (1, 2, "region")


def test_a_rule_knows_what_it_covers_and_how_firmly_it_holds():
    zones = changed("zones", "west", district="old")
    row = {
        "id": "few",
        "rule": "site_count",
        "parameters": "most=1",
        "districts": "old",
        "soft_price": 3,
        "owner": "planning office",
        "status": "confirmed",
    }
    (few,) = make_rules(line(zones=zones, rules=[row]))
    assert (list(few.where.zones), list(few.where.sites)) == (["west"], [])
    assert few.soft_price == 3
    assert (few.about["owner"], few.about["status"]) == ("planning office", "confirmed")


# Faults


def faults(*rows: dict[str, Any], **tables: Any) -> list[Any]:
    table = [{"id": f"rule {n}"} | row for n, row in enumerate(rows, 2)]
    with pytest.raises(InstanceError) as error:
        make_rules(line(rules=table, **tables))
    return error.value.faults


BOX = "POLYGON ((0 0, 1 0, 1 1, 0 0))"
PLACES = {
    "zones": changed("zones", district="Old Town"),
    "areas": [
        {"area": "flood plain", "kind": "flood", "geometry": BOX},
        {"area": "school", "kind": "school", "x": 0, "y": 0},
    ],
}
COUNT = {"rule": "site_count", "parameters": "most=1"}
NEAR = {"rule": "proximity_service"}

BAD = [
    ({"rule": "site_cuont"}, "rule", "'site_cuont'", "site_count"),
    (COUNT | {"districts": "Old Twon"}, "districts", "'Old Twon'", "Old Town"),
    (COUNT | {"periods": "Y"}, "periods", "'Y'", ""),
    (COUNT | {"products": "braed"}, "products", "'braed'", "bread"),
    (COUNT | {"products": "trait:digitel"}, "products", "", "trait:digital"),
    (COUNT | {"areas": "flood plian"}, "areas", "'flood plian'", "flood plain"),
    (COUNT | {"areas": "school"}, "areas", "'school'", ""),  # a point covers nothing
    (COUNT | {"parameters": "most=1; sites=v"}, "parameters", "'v'", ""),
    (COUNT | {"parameters": "most=few"}, "parameters", "'most=few'", ""),
    (COUNT | {"parameters": "most"}, "parameters", "'most'", ""),
    (COUNT | {"parameters": "mots=1"}, "parameters", "'mots=1'", "most"),
    (NEAR | {"parameters": "share=1; within_km=-5"}, "parameters", "within_km=-5", ""),
    (NEAR | {"parameters": "share=110 %; within_km=5"}, "parameters", "share=110", ""),
    (NEAR | {"parameters": "share=1"}, "parameters", "'share=1'", ""),
    (NEAR | {"parameters": "share=1; radius=5"}, "parameters", "radius=5", "within_km"),
    (NEAR | {"parameters": "share=1; within=5"}, "parameters", "within=5", "within_km"),
    (
        {"rule": "burden_limit", "parameters": "max_trips=5"},
        "parameters",
        "'max_trips=5'",
        "most_trips_per_yr",
    ),
]


@pytest.mark.parametrize(("row", "column", "read", "near"), BAD)
def test_a_fault_says_what_was_read_where_and_the_nearest_valid_name(
    row, column, read, near
):
    hinted = [each for each in faults(row, **PLACES) if read in each.read]
    assert {(each.row, each.column) for each in hinted} == {(2, column)}
    hints = [each.hint for each in hinted if each.hint]
    assert hints == ([f"nearest: {near}"] if near else [])


def test_every_fault_is_told_at_once_with_its_row():
    found = faults(*(row for row, *_ in BAD), **PLACES)
    assert {each.row for each in found} == set(range(2, len(BAD) + 2))


def test_faults_of_one_row_are_told_at_once():
    row = {
        "rule": "site_cuont",
        "parameters": "most",
        "districts": "Old Twon; New Town",
        "periods": "Y",
    }
    columns = [each.column for each in faults(row, **PLACES)]
    assert columns == ["rule", "parameters", "districts", "districts", "periods"]


def test_a_rule_that_is_off_is_still_checked():
    (found,) = faults({"rule": "site_cuont", "on": "no"})
    assert found.row == 2
    off = {"id": "few", "on": "no"} | COUNT
    assert make_rules(line(rules=[off])) == ()


def test_a_fault_reads_as_a_sentence():
    (found,) = faults({"rule": "single_sourcing", "parameters": "commodity=bread"})
    assert str(found) == (
        "rules, row 2, column parameters: read 'commodity=bread', expected one of the "
        "parameters of single_sourcing: commodities (nearest: commodities)"
    )


@pytest.mark.parametrize("again", ["most=1; most=2", "most=1; id=other"])
def test_what_is_given_twice_or_is_no_parameter_is_a_fault(again):
    (found,) = faults({"rule": "site_count", "parameters": again})
    assert found.read == repr(again.partition("; ")[2])


# What every rule must have


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_stands_in_the_catalogue(name):
    entry = catalogue()["rules"][name]
    assert all(entry[each] for each in ("code", "dimension", "label", "why"))
    assert entry["dimension"] in catalogue()["dimensions"]


@pytest.mark.parametrize("name", sorted(catalogue()["rules"]))
def test_every_rule_of_the_catalogue_is_there(name):
    assert RULES[name].name == name


def test_codes_are_given_once_and_dimensions_say_how_sure_they_are():
    codes = [entry["code"] for entry in catalogue()["rules"].values()]
    assert len(set(codes)) == len(codes)
    statuses = {each["status"] for each in catalogue()["dimensions"].values()}
    assert statuses <= {"confirmed", "reconstructed"}


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_has_a_file_of_its_name_with_maths_and_source_and_a_test(name):
    kind = RULES[name]
    module = sys.modules[kind.__module__]
    text = module.__doc__ or ""
    assert Path(inspect.getfile(kind)).name == f"{name}.py"
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
    assert "    (" in text
    assert any(sign in text for sign in ("<=", ">=", " = ", " in {"))
    assert "Source" in text or "Planning practice" in text


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_has_facets_a_check_and_says_itself(name):
    kind = RULES[name]
    facets = ("constrain", "flow_rows", "whole_deliveries")
    assert any(hasattr(kind, facet) for facet in facets)
    assert all(hasattr(kind, each) for each in ("sentence", "refers", "check"))


def plain_types(annotation: Any) -> set[Any]:
    """The types that an annotation allows, without what is said about them."""
    parts = get_args(annotation)
    return {annotation}.union(*(plain_types(each) for each in parts))


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_parameter_says_what_it_means_in_sentences(name):
    said = meanings(RULES[name])
    assert list(said) == list(RULES[name].model_fields)
    for meaning in said.values():
        assert meaning[0].isupper() and meaning.endswith(".") and len(meaning) > 20


def test_a_kind_of_ones_own_need_not_say_what_its_parameters_mean():
    class Own(BaseModel):
        model_config = STRICT
        share: float

    assert meanings(Own) == {"share": ""}
    assert meanings(object) == {}


FIGURES = {
    f"{name} {parameter}": field
    for name, kind in RULES.items()
    for parameter, field in kind.model_fields.items()
    if {int, float} & plain_types(field.annotation)
    and (name, parameter) not in NO_LIMITS
}


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_has_a_unit_and_says_how_it_is_loosened(figure):
    field = FIGURES[figure]
    said: Any = field.json_schema_extra or {}
    assert said.get("looser") in ("up", "down")
    share = any(each in field.metadata for each in SHARES)
    assert said["unit"] or share or figure.replace(" ", "_").split("_")[-1] in UNITS
    kind: Any = field.annotation
    if field.metadata:
        kind = Annotated[(kind, *field.metadata)]
    assert TypeAdapter(kind).validate_python(said["to"]) == said["to"]


def test_a_change_means_the_parameter_where_a_column_has_its_name():
    # `products` is a column of the table, and what a range of products names
    wide = {"id": "own", "rule": "eligible_range", "parameters": "products=bread"}
    edited = edit_rules(line(rules=[wide]), change=["own.products=bread, cake"])
    (row,) = edited.rules.itertuples()
    assert (row.parameters, row.products) == ("products=bread, cake", "")
