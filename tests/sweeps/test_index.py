"""The index: what it says is what the folders say, whatever becomes of it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dmopt.runs import write_run
from dmopt.solving.run import solve
from dmopt.sweeps import Index
from dmopt.sweeps.desk import Desk
from dmopt.sweeps.index import INDEX
from dmopt.sweeps.store import make_store
from tests.cli.program import ROOT
from tests.line import line
from tests.sweeps.small import clashing, priced


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with one run, and a sweep of two members, one without a plan."""
    runs = tmp_path_factory.mktemp("runs")
    command = "dmopt solve line --model free"
    write_run(solve(line(), gap=0), runs / "single", command=command)
    store = make_store(line(), [*priced(2.0), clashing()], runs / "sweep")
    desk = Desk(store.folder, store.about.sha256)
    for member in store.members:
        desk.run(member)
    return runs


@pytest.fixture
def runs(made):
    """The same without an index."""
    for path in made.glob(f"{INDEX}*"):
        path.unlink()
    return made


def folders(index):
    return {row["folder"] for row in index.find()}


ALL = {"single", "sweep/members/p0", "sweep/members/clash"}


def test_it_is_made_from_the_folders(runs):
    with Index(runs) as index:
        assert folders(index) == set()
        index.refresh()
        assert folders(index) == ALL
        (single,) = index.find(status="optimal", sort="cost", limit=1)
    assert (single["folder"], single["cost"], single["model"]) == (
        "single",
        110,
        "free",
    )
    assert single["instance"] == "line" and single["version"]


def test_it_is_asked_by_status_instance_and_order(runs):
    with Index(runs) as index:
        index.refresh()
        (clash,) = index.find(status="infeasible")
        assert (clash["sweep"], clash["member"]) == ("sweep", "clash")
        assert [row["cost"] for row in index.find(sort="cost")] == [110, 140, None]
        sha256 = index.find(status="optimal")[0]["sha256"]
        assert len(index.find(instance=sha256[:10])) >= 1
        assert len(index.find(instance="line")) == 3
        assert index.find(instance="lin") == []
        with pytest.raises(ValueError):
            index.find(sort="cost; DROP TABLE runs")


def test_a_run_that_is_gone_or_new_is_noticed(runs):
    with Index(runs) as index:
        index.refresh()
        (runs / "single").rename(runs / "renamed")
        try:
            index.refresh()
            assert folders(index) == ALL - {"single"} | {"renamed"}
        finally:
            (runs / "renamed").rename(runs / "single")


def test_a_run_written_anew_is_read_anew(runs):
    with Index(runs) as index:
        index.refresh()
        path = runs / "single" / "plan.json"
        text, stat = path.read_text(), path.stat()
        path.write_text(text.replace('"cost": 110.0', '"cost": 111.0', 1))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
        index.refresh()
        assert index.find(sort="cost")[0]["cost"] == 111
        path.write_text(text)


DAMAGE = {
    "cut short": lambda path: os.truncate(path, 5_000),
    "empty": lambda path: path.write_bytes(b""),
    "a page of noise": lambda path: overwrite(path, 4096, os.urandom(4096)),
    "of another format": lambda path: another_format(path),
}


def overwrite(path, at, content):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def another_format(path):
    file = sqlite3.connect(path)
    file.execute("DROP TABLE runs")
    file.execute("CREATE TABLE other (x)")
    file.execute("PRAGMA user_version = 99")
    file.close()


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_one_is_made_again(runs, how):
    with Index(runs) as index:
        index.refresh()
    file = sqlite3.connect(runs / INDEX)
    file.execute("PRAGMA journal_mode = DELETE")  # all of it in the one file
    file.close()
    DAMAGE[how](runs / INDEX)
    with Index(runs) as index:
        index.refresh()
        assert folders(index) == ALL
    with Index(runs) as index:
        assert folders(index) == ALL


def foreign_text(path):
    path.write_bytes(b"something else" * 100)


def foreign_database(path):
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE photographs (x)")
    file.execute("PRAGMA user_version = 1")
    file.close()


def foreign_and_damaged(path):
    foreign_database(path)
    overwrite(path, 200, os.urandom(3_000))


@pytest.mark.parametrize("write", [foreign_text, foreign_database, foreign_and_damaged])
def test_what_is_not_ours_is_left_alone(runs, write):
    write(runs / INDEX)
    before = (runs / INDEX).read_bytes()
    with Index(runs) as index:
        index.refresh()
        assert folders(index) == ALL
        index.rebuild()
        assert folders(index) == ALL
    assert (runs / INDEX).read_bytes() == before
    assert [path.name for path in runs.glob(f"{INDEX}*")] == [INDEX]


def test_its_mark_is_in_the_file_while_it_is_open(runs):
    with Index(runs):
        assert (runs / INDEX).read_bytes()[68:72] == b"dmop"


def test_there_is_none_inside_a_run(runs):
    for folder in (runs / "single", runs / "sweep" / "members" / "clash"):
        before = sorted(folder.iterdir())
        with Index(folder) as index:
            index.refresh()
            assert folders(index) == {"."}
        assert sorted(folder.iterdir()) == before
    write_run(solve(line(), gap=0), runs / "single")  # still replaceable


def test_a_run_that_can_no_longer_be_read_takes_the_place_of_its_row(runs):
    path = runs / "sweep" / "members" / "p0" / "plan.json"
    text = path.read_text()
    with Index(runs) as index:
        index.refresh()
        path.write_text(text[:100])
        try:
            index.refresh()
            (found,) = index.find(status="failed")
            assert (found["member"], found["cost"]) == ("p0", None)
            assert folders(index) == ALL
        finally:
            path.write_text(text)


def test_locked_for_too_long_it_goes_on_in_memory(runs, monkeypatch):
    monkeypatch.setattr("dmopt.sweeps.index.PATIENCE_S", 0.1)
    with Index(runs) as index:
        other = sqlite3.connect(runs / INDEX, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            index.refresh()
            assert folders(index) == ALL
            index.rebuild()
        finally:
            other.close()
    with Index(runs) as index:
        assert folders(index) == set()


def test_a_table_that_is_gone_while_it_is_open_is_made_in_memory(runs):
    with Index(runs) as index:
        index.refresh()
        other = sqlite3.connect(runs / INDEX)
        other.execute("DROP TABLE runs")
        other.close()
        assert folders(index) == ALL


def test_members_that_end_are_put_in_without_reading_their_sweep(runs, monkeypatch):
    monkeypatch.setattr("dmopt.sweeps.looking.open_store", lambda folder: 1 / 0)
    with Index(runs) as index:
        index.add(runs / "sweep" / "members" / "p0", model="free")
        (found,) = index.find()
    assert (found["sweep"], found["member"], found["model"]) == ("sweep", "p0", "free")


def test_rows_that_say_something_else_are_put_right_by_a_rebuild(runs):
    with Index(runs) as index:
        index.refresh()
        index._file.execute("UPDATE runs SET cost = 1")
        index.rebuild()
        assert index.find(sort="cost")[0]["cost"] == 110


WRITER = """
import sys
from tests.sweeps.test_index import write_many
print("ready", flush=True)
sys.stdin.readline()
write_many(sys.argv[1], "other")
"""


def write_many(runs, name):
    """40 runs, each put into the index as soon as it is there."""
    text = (Path(runs) / "single" / "plan.json").read_text()
    with Index(runs) as index:
        for n in range(40):
            folder = Path(runs) / f"{name}{n}"
            folder.mkdir()
            (folder / "plan.json").write_text(text)
            index.add(folder)


def test_two_writers_at_once_lose_nothing(runs, tmp_path):
    (tmp_path / "single").mkdir()
    text = (runs / "single" / "plan.json").read_text()
    (tmp_path / "single" / "plan.json").write_text(text)
    other = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "ready\n"
    other.stdin.write("go\n")
    other.stdin.flush()
    write_many(tmp_path, "own")
    other.communicate(timeout=60)
    assert other.returncode == 0
    with Index(tmp_path) as index:
        names = folders(index)
    assert names == {f"{name}{n}" for name in ("own", "other") for n in range(40)}


def test_where_it_cannot_be_written_it_is_made_in_memory(runs, monkeypatch):
    connect = sqlite3.connect

    def refuse(path, **options):
        if path != ":memory:":
            raise sqlite3.OperationalError("unable to open database file")
        return connect(path, **options)

    monkeypatch.setattr("dmopt.sweeps.index.sqlite3.connect", refuse)
    with Index(runs) as index:
        index.refresh()
        assert folders(index) == ALL
