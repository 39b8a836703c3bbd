"""The workbook: read back with openpyxl, as a spreadsheet would."""

import dataclasses

import openpyxl
import pandas as pd
import pytest

from dmopt.plan.plan import make_plan
from dmopt.runs.excel import heading, write_workbook
from tests.maps.city import city, plan_of, result_of


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    plan = plan_of(city())
    path = tmp_path_factory.mktemp("book") / "plan.xlsx"
    return openpyxl.load_workbook(write_workbook(plan, path, result_of(plan)))


def test_the_first_sheet_says_how_firm_the_plan_is(book):
    assert book.sheetnames[0] == "summary"
    facts = {row[0].value: row[2].value for row in book["summary"].iter_rows(min_row=2)}
    assert facts["how firm"] == "proven within 0.8 %"
    assert facts["cost"] == 12_345_678.0
    assert facts["gap"] == pytest.approx(0.008)


def test_headers_are_bold_frozen_and_filtered(book):
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.bold for cell in sheet[1])
        assert all(
            sheet.column_dimensions[c.column_letter].width >= 9 for c in sheet[1]
        )


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("capital_cost", "capital cost [GBP]"),
        ("site", "site"),
        ("quantity_per_yr", "quantity [a year]"),
        ("nearest_km", "nearest way [km]"),
        ("fixed_cost_per_yr", "fixed cost [GBP a year]"),
        ("start_year", "start year"),
        ("unmet_share", "unmet share [%]"),
        ("kg_per_yr", "emissions [kg CO2e a year]"),
        ("sent_t_per_yr", "sent weight [t a year]"),
        ("unmet_per_yr", "unmet [a year]"),
        ("utilisation", "utilisation [%]"),
    ],
)
def test_headings_carry_the_unit(column, words):
    assert heading(column, "GBP") == words


def test_texts_that_look_like_formulas_stay_texts(tmp_path):
    names = ["=1+1", "+44 121", "-5", "@home", '=HYPERLINK("http://x")', "bell\x07"]
    sites = pd.concat(
        [city().sites]
        + [
            city().sites.head(1).set_index(pd.Index([n], name="site")).assign(site=n)
            for n in names
        ]
    )
    instance = dataclasses.replace(city(), tables={**city().tables, "sites": sites})
    plan = make_plan(
        instance, {"opened": [{"site": name, "period": "2030"} for name in names]}
    )
    book = openpyxl.load_workbook(write_workbook(plan, tmp_path / "plan.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    texts = {cell.value for cell in cells}
    assert texts >= {*names[:5], "bell\ufffd"}
