"""From the table `rules` to rule objects, and every fault in it."""

from importlib import import_module
from pathlib import Path

import pytest

from dmopt.errors import InstanceError
from dmopt.rules.catalogue import RULES, make_rules
from tests.line import line


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
    assert (few.least, few.most, few.where) == (1, 2, "region")


def test_every_fault_is_told_at_once_with_its_row():
    table = [
        {"id": "one", "rule": "site_cuont", "parameters": "most=1"},
        {"id": "two", "rule": "site_count", "parameters": "most"},
        {"id": "three", "rule": "site_count", "parameters": "least=x; most=y"},
        {"id": "four", "rule": "single_sourcing"},
    ]
    with pytest.raises(InstanceError) as error:
        make_rules(line(rules=table))
    faults = error.value.faults
    assert [(fault.row, fault.column) for fault in faults] == [
        (2, "rule"),
        (3, "parameters"),
        (4, "parameters"),
        (4, "parameters"),
    ]
    assert str(faults[0]) == (
        "rules, row 2, column rule: read 'site_cuont', "
        "expected one of single_sourcing, site_count (nearest: site_count)"
    )
    assert faults[1].read == "'most'"
    assert faults[1].expected == "name=value, each name once"


@pytest.mark.parametrize("again", ["most=1; most=2", "most=1; id=other"])
def test_what_is_given_twice_is_a_fault(again):
    table = [{"id": "few", "rule": "site_count", "parameters": again}]
    with pytest.raises(InstanceError) as error:
        make_rules(line(rules=table))
    (fault,) = error.value.faults
    assert fault.read == repr(again.partition("; ")[2])


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_has_maths_a_test_file_and_says_nothing_by_default(name):
    assert "(" in (import_module(f"dmopt.rules.{name}").__doc__ or "")
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
    assert RULES[name](id="any").id == "any"
