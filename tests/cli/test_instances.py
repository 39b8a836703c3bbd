import pytest

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from tests.cli.program import dmopt, two_bakeries


@pytest.fixture
def folder(tmp_path):
    write_instance(two_bakeries(), tmp_path / "two")
    return tmp_path / "two"


def test_check_tells_what_is_in_a_sound_instance(folder):
    done = dmopt("check", folder)
    assert done.exit_code == 0, done.stderr
    assert "two bakeries: no faults" in done.stdout
    assert "3 zones" in done.stdout


def test_check_lists_every_fault_and_exits_with_2(folder):
    table = folder / "sites.csv"
    table.write_text(table.read_text().replace("candidate", "maybe"))
    done = dmopt("check", folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("sites.csv, row") == 2


def test_check_of_figures_that_rule_out_a_plan_exits_with_1(tmp_path):
    write_instance(two_bakeries(capacity=4), tmp_path / "small")
    done = dmopt("check", tmp_path / "small")
    assert done.exit_code == 1
    assert "no plan is possible" in done.stderr


def test_check_finds_rules_that_do_not_exist(tmp_path):
    rule = {"id": "odd", "rule": "site_cuont", "parameters": ""}
    write_instance(two_bakeries(rules=[rule]), tmp_path / "odd")
    done = dmopt("check", tmp_path / "odd")
    assert done.exit_code == 2
    assert "nearest: site_count" in done.stderr


@pytest.mark.parametrize("name", ["copy", "copy.xlsx", "copy.gpkg"])
def test_convert_writes_the_same_instance_in_another_form(folder, tmp_path, name):
    done = dmopt("convert", folder, tmp_path / name)
    assert done.exit_code == 0, done.stderr
    same, given = read_instance(tmp_path / name), read_instance(folder)
    assert same.settings == given.settings
    assert same.distances.equals(given.distances)


@pytest.mark.parametrize("command", [("convert", "two"), ("template",)])
def test_nothing_that_stands_is_overwritten(folder, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "mine.xlsx"
    target.write_text("mine")
    assert dmopt(*command, target).exit_code == 2
    assert target.read_text() == "mine"


def test_template_writes_a_workbook(tmp_path):
    done = dmopt("template", tmp_path / "my-city.xlsx")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "my-city.xlsx").stat().st_size > 1000


def test_import_writes_an_instance(tmp_path):
    (tmp_path / "path.txt").write_text("2 1 1\n1 2 3\n")
    done = dmopt("import", "orlib-pmed", tmp_path / "path.txt", tmp_path / "path")
    assert done.exit_code == 0, done.stderr
    assert read_instance(tmp_path / "path").name == "path"


@pytest.mark.parametrize("capacity", ["8", "uncapacitated"])
def test_import_takes_a_capacity(tmp_path, capacity):
    (tmp_path / "cap.txt").write_text("1 1\ncapacity 5\n3\n9\n")
    arguments = [tmp_path / "cap.txt", tmp_path / "cap", "--capacity", capacity]
    assert dmopt("import", "orlib-cap", *arguments).exit_code == 0
    assert read_instance(tmp_path / "cap").name == f"cap-{capacity}"


@pytest.mark.parametrize("kind", ["orlib-cap", "orlib-pmed", "cflp-single-source"])
def test_import_of_a_broken_file_exits_with_2_and_writes_nothing(tmp_path, kind):
    (tmp_path / "bad.txt").write_text("2 2 x\n")
    done = dmopt("import", kind, tmp_path / "bad.txt", tmp_path / "out")
    assert done.exit_code == 2
    assert "bad.txt, row 1" in done.stderr
    assert not (tmp_path / "out").exists()


def test_import_of_a_missing_file_exits_with_2(tmp_path):
    done = dmopt("import", "orlib-cap", tmp_path / "none.txt", tmp_path / "out")
    assert done.exit_code == 2
    assert "none.txt" in done.stderr
