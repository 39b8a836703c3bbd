"""The table `uncertain`: every fault at once, and the figures there are."""

from dataclasses import replace

import pytest

from dmopt.data.read import read_instance
from dmopt.data.schema import TABLES
from dmopt.data.tables.words import FIGURES
from dmopt.data.uncertain import AVAILABILITY, MOST
from dmopt.data.validate import make_instance
from dmopt.errors import InstanceError
from dmopt.runs.fingerprint import LATER, instance_hash
from dmopt.studies.knobs import every_knob, key_of
from tests.cli.program import ROOT
from tests.line import changed, line

BREAD = {"commodity": "bread", "t_per_unit": 1}
FLOUR = {"commodity": "flour", "t_per_unit": 1}


def row(figure, low=1.0, likely=1.0, high=1.0, of="", site=""):
    span = {"low": low, "likely": likely, "high": high}
    return {"figure": figure, "of": of, "site": site, **span}


def test_every_fault_is_told_at_once_with_row_and_column():
    with pytest.raises(InstanceError) as caught:
        line(
            commodities=[BREAD, FLOUR],
            uncertain=[
                row("transport_price", low=2, high=0.5),
                row("emission_price", high=20_000),
                row("labour"),
                row("energy_price"),
                row("input_price"),
                row("demand", of="bred"),
                row("demand", of="flour"),
                row("machine_price", of="bread"),
                row("transport_price"),
                row("availability"),
                row("demand", site="w"),
                row("availability", of="bread", site="w"),
            ],
        )
    told = {(fault.row, fault.column) for fault in caught.value.faults}
    assert told == {
        (2, "low"),
        (2, "high"),
        (3, "high"),
        (4, "figure"),
        (5, "figure"),
        (6, "figure"),
        (7, "of"),
        (8, "of"),
        (9, "of"),
        (10, "figure, of, site"),
        (11, "site"),
        (12, "site"),
        (13, "of"),
    }


@pytest.mark.parametrize("name", ["", "two-towns", "rule-town"])
@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_may_stand_there_where_there_is_a_knob_for_it(name, figure):
    given = read_instance(ROOT / "instances" / name) if name else line()
    site = str(given.sites.index[0]) if figure == AVAILABILITY else ""
    turns = {knob.key: knob for knob in every_knob(given)}
    tables = {**given.tables, "uncertain": [row(figure, site=site)]}
    if (key := key_of(figure, "", site)) in turns:
        made = make_instance(given.settings.model_dump(), tables)
        assert made.uncertain.distribution.tolist() == ["triangular"]
        assert turns[key].high == MOST[figure]
        return
    with pytest.raises(InstanceError, match="a figure of the instance"):
        make_instance(given.settings.model_dump(), tables)


def test_all_demand_and_that_of_a_product_are_two_figures():
    both = [row("demand"), row("demand", of="bread")]
    assert len(line(uncertain=both).uncertain) == 2
    with pytest.raises(InstanceError, match="first in row 2"):
        line(uncertain=[row("demand"), row("demand")])


def test_an_instance_without_them_has_the_fingerprint_it_had(monkeypatch):
    town, known = line(), line(uncertain=[row("transport_price", high=2)])
    now = instance_hash(town)
    assert instance_hash(known) != now
    assert instance_hash(line(sites=changed("sites", "w", availability=0.5))) != now
    assert instance_hash(line(sites=changed("sites", "w", availability=1))) == now
    worlds = [{"world": "now", "probability": 1}]
    assert instance_hash(line(worlds=worlds)) != now
    without = {name: table for name, table in TABLES.items() if name not in LATER}
    sites = without["sites"]
    kept = tuple(column for column in sites.columns if column.name != AVAILABILITY)
    without["sites"] = replace(sites, columns=kept)
    old = replace(town, tables={name: town.tables[name] for name in without})
    monkeypatch.setattr("dmopt.runs.fingerprint.TABLES", without)
    assert instance_hash(old) == now
