"""Bad input: every fault told, with its place; no other exception; nothing written."""

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from dmopt.data import raw
from dmopt.data.read import read_instance
from dmopt.errors import InstanceError
from tests.data.bad_inputs import BAD_INPUTS, BadInput, good, write_raw
from tests.data.examples import two_zone_settings, two_zone_tables


@pytest.mark.parametrize("case", BAD_INPUTS, ids=lambda case: case.name)
def test_a_bad_instance_is_told_by_place_row_and_column(case: BadInput, tmp_path: Path):
    path = case.make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InstanceError) as caught:
        read_instance(path)
    told = caught.value.faults
    assert any(
        fault.place.endswith(case.place)
        and fault.row == case.row
        and fault.column == case.column
        and case.says in str(fault)
        for fault in told
    ), "\n".join(map(str, told))
    assert sorted(tmp_path.rglob("*")) == before


def test_there_are_many_kinds_of_bad_input_and_each_has_its_name():
    names = [case.name for case in BAD_INPUTS]
    assert len(set(names)) == len(names) >= 40


def any_form(path: Path, form: str) -> Path:
    if form != "folder":
        return good(path, form)
    return write_raw(path / form, two_zone_tables(), two_zone_settings())


@pytest.mark.parametrize("form", ["folder", "book.xlsx", "base.gpkg"])
def test_damaged_files_are_read_or_are_faults(form: str, tmp_path: Path):
    path = any_form(tmp_path, form)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for seed in range(20):
        chance = random.Random(seed)
        file = chance.choice(files)
        before = file.read_bytes()
        file.write_bytes(damaged(before, chance))
        with contextlib.suppress(InstanceError):
            read_instance(path)
        file.write_bytes(before)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, left out or put in."""
    for _ in range(chance.choice([1, 3, 30])):
        spot = chance.randrange(len(content))
        put = chance.choice([b"", b",", b'"', b"\n", b"\0", b"\xff", b"=", b"e999"])
        content = content[:spot] + put + content[spot + chance.randrange(1, 9) :]
        content = content or b"x"
    return content


@pytest.mark.parametrize("form", ["folder", "book.xlsx", "base.gpkg"])
def test_a_file_too_large_is_a_fault(form: str, tmp_path: Path, monkeypatch):
    path = any_form(tmp_path, form)
    monkeypatch.setattr(raw, "MOST_BYTES", 10)
    with pytest.raises(InstanceError, match="at most 10 bytes"):
        read_instance(path)


@pytest.mark.parametrize("form", ["folder", "book.xlsx", "base.gpkg"])
def test_a_table_too_long_is_a_fault(form: str, tmp_path: Path, monkeypatch):
    path = any_form(tmp_path, form)
    monkeypatch.setattr(raw, "MOST_ROWS", 4)
    with pytest.raises(InstanceError, match="at most 4 rows"):
        read_instance(path)


def test_a_locked_geopackage_is_a_fault(tmp_path: Path):
    path = good(tmp_path, "base.gpkg")
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InstanceError, match="locked"):
            read_instance(path)
