"""The commands `sweep` and `runs` as a user types them."""

import json

import pytest

from dmopt.data.write import write_instance
from dmopt.sweeps.store import make_store
from tests.cli.program import dmopt
from tests.line import line
from tests.sweeps.small import CLASH, clashing, priced


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    write_instance(line(), folder / "line")
    rules = " | ".join(CLASH)
    text = f"member,transport_price,rules\ntoday,,\nclash,,{rules}\n"
    (folder / "members.csv").write_text(text)
    return folder


@pytest.fixture(scope="module")
def told(place):
    """What the program says of a sweep, one member of which has no plan."""
    return dmopt(
        *("sweep", place / "line", "--members", place / "members.csv"),
        *("--out", place / "runs" / "mine", "--workers", "1", "--gap", "0"),
    )


def test_it_shows_each_member_and_how_far_it_is(told, place):
    assert told.exit_code == 1  # one has no plan
    assert "110" in told.stdout and "optimal" in told.stdout
    assert "infeasible" in told.stdout and "These cannot all hold" in told.stdout
    assert "2 of 2 done, 1 infeasible" in told.stderr
    assert "clash: infeasible" in told.stderr


def test_the_folder_of_a_sweep_stands_for_its_instance(told, place):
    again = dmopt("sweep", place / "runs" / "mine", "--json", "--quiet")
    assert again.exit_code == 1 and again.stderr == ""
    about = json.loads(again.stdout)
    assert [each["status"] for each in about["members"]] == ["optimal", "infeasible"]
    assert about["members"][0]["cost"] == pytest.approx(110)
    assert not about["stopped"]


def test_runs_lists_what_is_there(told, place):
    listed = dmopt("runs", place / "runs", "--sort", "cost")
    assert listed.exit_code == 0
    assert listed.stdout.index("today") < listed.stdout.index("clash")
    found = json.loads(dmopt("runs", place / "runs", "--json", "--limit", "1").stdout)
    assert len(found) == 1
    found = dmopt("runs", place / "runs", "--status", "infeasible", "--json").stdout
    assert [row["member"] for row in json.loads(found)] == ["clash"]
    again = dmopt("runs", place / "runs", "--rebuild", "--json").stdout
    assert len(json.loads(again)) == 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--members", "m.csv", "--vary", "demand=1"],
        ["--vary", "demand"],
        ["--vary", "demand=-1"],
        ["--vary", "demand=1", "--workers", "0"],
        ["--members", "nowhere.csv"],
        ["--vary", "demand=1", "--time-limit", "inf"],
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_written(words, place, tmp_path):
    given = dmopt("sweep", place / "line", *words, "--out", tmp_path / "new")
    assert given.exit_code == 2
    assert not (tmp_path / "new").exists()
    assert "Traceback" not in given.stderr


@pytest.mark.parametrize(
    "words",
    [
        *(["--vary", "demand=1"], ["--members", "m.csv"], ["--out", "x"]),
        # also where it is what it would be unless given
        *(["--gap", "1%"], ["--time-limit", "60"], ["--seed", "0"], ["--threads", "1"]),
    ],
)
def test_a_sweep_that_is_there_takes_nothing_that_it_has(words, told, place):
    given = dmopt("sweep", place / "runs" / "mine", *words)
    assert given.exit_code == 2 and "members already" in given.stderr
    assert words[0] in given.stderr


def test_a_folder_of_another_sweep_is_refused(place, tmp_path):
    make_store(line(), [*priced(1.0), clashing()], tmp_path / "other")
    vary = ["--vary", "transport_price=1", "--threads", "2"]
    given = dmopt("sweep", place / "line", *vary, "--out", tmp_path / "other")
    assert given.exit_code == 2 and "--out" in given.stderr


def test_there_are_no_runs_where_there_is_no_folder(tmp_path):
    assert dmopt("runs", tmp_path / "none").exit_code == 2
    assert dmopt("runs", tmp_path, "--sort", "colour").exit_code == 2
    assert "0 runs" in dmopt("runs", tmp_path).stdout


@pytest.mark.parametrize("command", ["sweep", "runs"])
def test_the_help_has_examples(command):
    told = dmopt(command, "--help")
    assert told.exit_code == 0 and f"dmopt {command} " in told.stdout


def test_a_sweep_that_another_version_wrote_is_refused_and_left_alone(tmp_path):
    path = make_store(line(), priced(1.0), tmp_path / "sweep").folder / "sweep.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"dmopt_sweep": 2}))
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    told = dmopt("sweep", tmp_path / "sweep")
    said = " ".join(told.stderr.split())
    assert told.exit_code == 2
    assert "read 2, expected a sweep of format 1 (it was written by dmopt" in said
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_a_full_disk_is_said_with_the_run_that_has_no_room(tmp_path):
    resource = pytest.importorskip("resource")
    folder = make_store(line(), priced(0.5, 1.0), tmp_path / "sweep").folder
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # more than what is read, less than a run's plan.json: the same error as of a disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, limits[1]))
    try:
        full = dmopt("sweep", folder, "--workers", "1", "-q")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert full.exit_code == 2
    assert "members/p0: File too large" in " ".join(full.stderr.split())
    assert list((folder / "members").iterdir()) == []
