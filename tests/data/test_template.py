"""A template is a valid instance with everything explained."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.example import example
from dmopt.data.read import read_instance
from dmopt.data.schema import TABLES
from dmopt.data.template import READ_ME, write_template
from dmopt.errors import InstanceError
from tests.data.same import assert_same

FORMS = ("folder", "book.xlsx", "base.gpkg")


@pytest.mark.parametrize("form", FORMS)
def test_a_template_reads_back_as_the_example(form: str, tmp_path: Path):
    write_template(tmp_path / form)
    assert_same(read_instance(tmp_path / form), example())


def test_the_example_adds_up():
    assert arithmetic_findings(example()) == []


def test_every_column_of_the_workbook_says_what_it_is(tmp_path: Path):
    write_template(tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames == [READ_ME, "settings", *TABLES]
    for name, table in TABLES.items():
        sheet = book[name]
        assert [cell.value for cell in sheet[1]] == list(table.column)
        assert sheet.freeze_panes == "A2"
        for cell, column in zip(sheet[1], table.columns, strict=True):
            assert column.meaning in cell.comment.text
            assert cell.font.b == (column.default is None and not column.optional)


def test_the_workbook_offers_choices_flags_and_names(tmp_path: Path):
    write_template(tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    for name, table in TABLES.items():
        offers = book[name].data_validations.dataValidation
        offered = {str(offer.sqref).rstrip("0123456789:")[0] for offer in offers}
        wanted = [c for c in table.columns if c.choices or c.refers or c.kind == "flag"]
        assert len(offers) == len(wanted) == len(offered)
    [zone, *_] = book["demand"].data_validations.dataValidation
    assert zone.formula1 == "=zones!$A$2:$A$10000"


def test_the_folder_explains_every_column(tmp_path: Path):
    write_template(tmp_path / "folder")
    text = " ".join((tmp_path / "folder" / "README.txt").read_text().split())
    for table in TABLES.values():
        assert f"{table.name}.csv" in text
        assert all(column.meaning in text for column in table.columns[:-3])


@pytest.mark.parametrize("form", FORMS)
def test_a_template_replaces_nothing(form: str, tmp_path: Path):
    write_template(tmp_path / form)
    with pytest.raises(InstanceError, match="new name"):
        write_template(tmp_path / form)


def test_a_template_of_no_known_form_is_a_fault(tmp_path: Path):
    with pytest.raises(InstanceError, match="without suffix"):
        write_template(tmp_path / "book.ods")
    with pytest.raises(InstanceError, match="place to write"):
        write_template(tmp_path / "no" / "folder")
