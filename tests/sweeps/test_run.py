"""A sweep from end to end in one process: what it finds, and what is left alone."""

import errno
import json
import resource
from pathlib import Path
from threading import Event

import pandas as pd
import pytest

from dmopt.errors import InstanceError
from dmopt.runs import instance_hash, read_result, read_run
from dmopt.solving.run import solve
from dmopt.studies.whatif import apply
from dmopt.sweeps import Index, resume_sweep, run_sweep
from dmopt.sweeps.desk import Desk
from dmopt.sweeps.store import make_store, open_store
from tests.line import changed, line
from tests.sweeps.small import COSTS, clashing, priced, stamps


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A sweep of four prices, and of a member without a plan between them."""
    members = priced(*COSTS)
    members.insert(2, clashing())
    folder = tmp_path_factory.mktemp("runs") / "sweep"
    return run_sweep(line(), members, folder, workers=1)


def test_each_member_costs_what_it_does_on_paper(done):
    costs = [outcome.cost for outcome in done.outcomes if outcome.has_plan]
    assert costs == pytest.approx(list(COSTS.values()))
    assert not done.stopped


def test_a_member_is_an_ordinary_run_of_the_changed_instance(done):
    member = done.store.members[-1]
    folder = done.store.at(member.name)
    instance = done.store.instance_of(member.name)
    assert instance_hash(instance) == instance_hash(apply(line(), member.wish))
    assert read_run(folder)["status"] == "optimal"
    result = read_result(instance, folder)
    assert result.cost == pytest.approx(solve(instance, gap=0).cost)
    assert result.options["threads"] == 1


def test_a_member_without_a_plan_has_the_reasons_and_stops_nobody(done):
    about = json.loads((done.store.at("clash") / "failure.json").read_text())
    assert about["status"] == "infeasible"
    members = about["explanation"]["conflicts"][0]["members"]
    assert {name for each in members for name in each["name"]} >= {"many", "few"}
    assert "These cannot all hold" in about["message"]
    assert not (done.store.at("clash") / "plan.json").exists()


def test_the_table_has_what_was_asked_and_found(done):
    table = pd.read_csv(done.folder / "sweep.csv")
    assert list(table.member) == [member.name for member in done.store.members]
    assert list(table.transport_price.dropna()) == list(COSTS)
    assert table.status.tolist().count("infeasible") == 1
    assert table.rules.notna().sum() == 1


def test_asked_again_nothing_is_run(done):
    before, heard = stamps(done.folder), []
    again = run_sweep(line(), done.store.members, done.folder, on_news=heard.append)
    assert stamps(done.folder) == before and len(before) == 5
    assert [news.what for news in heard] == ["there"] * 5
    assert again.outcomes == done.outcomes


def test_new_members_join_those_of_before(tmp_path):
    make_store(line(), priced(0.5), tmp_path / "sweep")
    store = make_store(line(), priced(0.5, 1.0), tmp_path / "sweep")
    assert [member.name for member in store.members] == ["p0", "p1"]
    assert open_store(tmp_path / "sweep").members == priced(0.5, 1.0)


def test_a_folder_of_another_sweep_is_refused_with_every_difference(tmp_path):
    make_store(line(), priced(0.5, 1.0), tmp_path / "sweep")
    other = line(sites=changed("sites", "w", fixed_cost_per_yr=21))
    before = (tmp_path / "sweep" / "sweep.json").read_bytes()
    with pytest.raises(InstanceError) as error:
        make_store(other, priced(0.6, 1.0), tmp_path / "sweep", threads=2)
    assert len(error.value.faults) == 3  # instance, threads, p0
    assert "0.5" in str(error.value) and "0.6" in str(error.value)
    assert (tmp_path / "sweep" / "sweep.json").read_bytes() == before


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        make_store(line(), priced(1.0), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_sweep_of_another_format_is_refused_and_left_alone(tmp_path):
    store = make_store(line(), priced(1.0), tmp_path / "sweep")
    path = store.folder / "sweep.json"
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"dmopt_sweep": 2, "new": {}}))
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    for again in (
        lambda: run_sweep(line(), priced(1.0), store.folder),
        lambda: resume_sweep(store.folder),
    ):
        with pytest.raises(InstanceError, match="read 2, expected a sweep of format 1"):
            again()
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_an_instance_changed_in_the_folder_is_noticed(tmp_path):
    store = make_store(line(), priced(1.0), tmp_path / "sweep")
    sites = store.folder / "instance" / "sites.csv"
    sites.write_text(sites.read_text().replace("20", "19"))
    with pytest.raises(InstanceError, match="it was changed since"):
        resume_sweep(store.folder, workers=1)
    assert stamps(store.folder) == {}


def test_stopped_at_once_it_runs_nothing(tmp_path):
    stop = Event()
    stop.set()
    found = run_sweep(line(), priced(1.0), tmp_path / "sweep", stop=stop)
    assert found.stopped and found.outcomes[0].status == "not run"
    assert stamps(tmp_path / "sweep") == {}


def test_what_was_solved_before_does_not_change_an_answer(tmp_path):
    store = make_store(line(), priced(2.0, 0.5), tmp_path / "sweep")
    desk = Desk(store.folder, store.about.sha256)
    first, second = store.members
    for member in (first, second):
        desk.run(member)
    alone = Desk(store.folder, store.about.sha256)
    (store.at(second.name)).rename(tmp_path / "with_others")
    alone.run(second)
    tables = sorted((store.at(second.name) / "plan").iterdir())
    assert tables
    for table in tables:
        other = tmp_path / "with_others" / "plan" / table.name
        assert table.read_bytes() == other.read_bytes()


def test_a_failed_member_is_tried_again_where_that_is_wished_and_wherever_it_is(
    tmp_path, monkeypatch
):
    store = make_store(line(), priced(1.0), tmp_path / "runs" / "sweep")
    with monkeypatch.context() as patched:
        patched.setattr("dmopt.sweeps.desk.solve_problem", lambda *a, **k: 1 / 0)
        Desk(store.folder, store.about.sha256).run(store.members[0])
    # the folder holds all it takes, so it can be moved
    moved = store.folder.rename(tmp_path / "elsewhere")
    failed = resume_sweep(moved).outcomes[0]
    assert failed.message.startswith("ZeroDivisionError")
    found = resume_sweep(moved, workers=1, retry=True)
    assert found.outcomes[0].cost == pytest.approx(110)


def test_a_full_disk_ends_it_and_loses_nothing(tmp_path):
    store = make_store(line(), priced(0.5, 1.0), tmp_path / "sweep")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # more than what is read, less than a run's plan.json: the same error as of a disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, limits[1]))
    try:
        with pytest.raises(OSError) as error:
            resume_sweep(store.folder, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.value.errno == errno.EFBIG and str(store.at("p0")) in str(error.value)
    assert stamps(store.folder) == {}
    found = resume_sweep(store.folder, workers=1)
    assert [outcome.cost for outcome in found.outcomes] == pytest.approx([90, 110])


@pytest.mark.parametrize("reached", ["by a link", "by .."])
def test_a_folder_reached_in_another_way_is_the_same(reached, tmp_path, monkeypatch):
    make_store(line(), priced(1.0), tmp_path / "disk" / "sweep")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine").symlink_to(tmp_path / "disk" / "sweep")
    monkeypatch.chdir(tmp_path / "disk" / "sweep" / "members")
    folder = tmp_path / "runs" / "mine" if reached == "by a link" else Path("..")
    found = resume_sweep(folder, workers=1)
    assert found.outcomes[0].cost == pytest.approx(110)
    with Index(tmp_path / "disk") as index:
        assert [row["folder"] for row in index.find()] == ["sweep/members/p0"]


def test_members_cut_short_have_failed_and_are_run_where_that_is_wished(tmp_path):
    texts = ["", '{"dmopt_run": 1, "sta', "[]"]
    folder = tmp_path / "sweep"
    run_sweep(line(), priced(1.0, 1.0, 1.0), folder, workers=1)
    for number, text in enumerate(texts):
        (folder / "members" / f"p{number}" / "plan.json").write_text(text)
    found = resume_sweep(folder, workers=1)
    assert not found.stopped
    assert {each.status for each in found.outcomes} == {"failed"}
    assert {each.message for each in found.outcomes} == {"plan.json cannot be read"}
    found = resume_sweep(folder, workers=1, retry=True)
    assert [each.cost for each in found.outcomes] == pytest.approx([110] * 3)
    with Index(tmp_path) as index:
        assert [row["cost"] for row in index.find()] == pytest.approx([110] * 3)


def test_folders_of_members_that_hold_something_else_are_told_at_once(tmp_path):
    store = make_store(line(), priced(0.5, 1.0, 1.5), tmp_path / "sweep")
    store.at("p0").mkdir()
    (store.at("p0") / "notes.txt").write_text("mine")
    store.at("p2").write_text("mine")
    with pytest.raises(InstanceError) as error:
        resume_sweep(store.folder, workers=1)
    places = [fault.place for fault in error.value.faults]
    assert places == [str(store.at("p0")), str(store.at("p2"))]
    assert "notes.txt" in str(error.value)
    assert (store.at("p0") / "notes.txt").read_text() == "mine"
    assert stamps(store.folder) == {}
