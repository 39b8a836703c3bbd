"""Writing is whole or not at all, and throws nothing of others away."""

import os
from pathlib import Path

import pytest

from dmopt.data import workbook
from dmopt.data.atomic import atomic_file, atomic_folder
from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.validate import make_instance
from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from tests.data.examples import two_zone_settings, two_zone_tables
from tests.data.same import assert_same

FORMS = ("folder", "book.xlsx", "base.gpkg")


@pytest.fixture(scope="module")
def instance() -> Instance:
    return make_instance(two_zone_settings(), two_zone_tables())


def renamed(instance: Instance) -> Instance:
    settings = instance.settings.model_copy(update={"name": "Another"})
    return Instance(settings, instance.tables)


@pytest.mark.parametrize("form", FORMS)
def test_an_old_instance_is_replaced_whole(form, instance, tmp_path: Path):
    write_instance(instance, tmp_path / form)
    write_instance(renamed(instance), tmp_path / form)
    assert read_instance(tmp_path / form).name == "Another"
    assert os.listdir(tmp_path) == [form]


@pytest.mark.parametrize("form", FORMS)
def test_when_writing_fails_the_old_one_stays_and_nothing_else(
    form, instance, tmp_path: Path, monkeypatch
):
    write_instance(instance, tmp_path / form)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(InstanceError, match="no space left"):
        write_instance(renamed(instance), tmp_path / form)
    monkeypatch.undo()
    assert_same(read_instance(tmp_path / form), instance)
    assert os.listdir(tmp_path) == [form]


def test_a_folder_of_something_else_is_left_alone(instance, tmp_path: Path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("cat")
    with pytest.raises(InstanceError, match="something else"):
        write_instance(instance, tmp_path / "photos")
    assert (tmp_path / "photos" / "cat.jpg").read_text() == "cat"


@pytest.mark.parametrize("mine", ["README.md", ".git/HEAD", "Old/zones.csv", "empty/"])
def test_an_instance_with_other_files_beside_it_is_left_alone(
    mine, instance, tmp_path: Path
):
    folder = tmp_path / "city"
    write_instance(instance, folder)
    (folder / mine).parent.mkdir(exist_ok=True)
    (folder / mine).mkdir() if mine.endswith("/") else (folder / mine).write_text("x")
    before = sorted(folder.rglob("*"))
    stranger = mine.split("/")[0]
    with pytest.raises(InstanceError, match=rf"holds something else: {stranger}"):
        write_instance(renamed(instance), folder)
    assert sorted(folder.rglob("*")) == before
    assert read_instance(folder).name == instance.name


def test_an_old_folder_of_a_killed_writer_comes_back_even_if_it_is_refused_then(
    instance, tmp_path: Path
):
    room = tmp_path / ".dmopt-999999999-city-abcdefgh"
    write_instance(instance, tmp_path / "city")
    (tmp_path / "city" / "README.md").write_text("x")
    room.mkdir()
    (tmp_path / "city").rename(room / "old")
    with pytest.raises(InstanceError, match=r"holds something else: README\.md"):
        write_instance(instance, tmp_path / "city")
    assert (tmp_path / "city" / "README.md").read_text() == "x"
    assert os.listdir(tmp_path) == ["city"]


def test_an_empty_folder_is_taken(instance, tmp_path: Path):
    (tmp_path / "new").mkdir()
    write_instance(instance, tmp_path / "new")
    assert_same(read_instance(tmp_path / "new"), instance)


@pytest.mark.parametrize(
    "name", ["plan.csv", "no/such/folder", "file/x", "folder.xlsx"]
)
def test_a_path_that_cannot_be_written_is_a_fault(name, instance, tmp_path: Path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.xlsx").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InstanceError):
        write_instance(instance, tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_table_too_long_for_a_sheet_is_a_fault(instance, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    with pytest.raises(InstanceError, match="write a folder or a GeoPackage"):
        write_instance(instance, tmp_path / "book.xlsx")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_may_not_be_read_is_a_fault(form, instance, tmp_path, monkeypatch):
    write_instance(instance, tmp_path / form)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InstanceError, match="permission denied"):
        read_instance(tmp_path / form)


def test_a_file_is_there_only_when_it_is_complete(tmp_path: Path):
    with pytest.raises(ValueError), atomic_file(tmp_path / "a.txt") as new:
        new.write_text("half")
        raise ValueError
    assert not os.listdir(tmp_path)
    with atomic_file(tmp_path / "a.txt") as new:
        new.write_text("whole")
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_a_folder_comes_back_when_it_cannot_be_replaced(tmp_path: Path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").write_text("old")
    rename, calls = os.rename, []

    def second_fails(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError("no")
        rename(source, target)

    monkeypatch.setattr("os.rename", second_fails)
    with (
        pytest.raises(OSError),
        atomic_folder(tmp_path / "run", lambda _: {"old"}) as new,
    ):
        (new / "new").write_text("new")
    assert (tmp_path / "run" / "old").read_text() == "old"
    assert os.listdir(tmp_path) == ["run"]
