"""Runs on disk: complete or not at all, and read back as they were."""

import hashlib
import json
import multiprocessing
import os
import random
import resource
import signal
import time

import numpy as np
import pytest

from dmopt.errors import InstanceError
from dmopt.proof.arrays import to_arrays
from dmopt.runs import (
    instance_hash,
    read_plan,
    read_result,
    read_run,
    refuse_what_is_no_run,
    write_run,
)
from dmopt.runs.exact import FOLDER
from dmopt.runs.tables import run_tables
from tests.maps.city import city, plan_of, result_of
from tests.runs.test_exact import assert_same

FORK = multiprocessing.get_context("fork")
KILLS = 24
NO_PLAN = result_of(None, status="infeasible", cost=None, bound=None, certificate=None)


@pytest.fixture(scope="module")
def result():
    return result_of(plan_of(city()))


@pytest.fixture
def quick(monkeypatch, result):
    """All tables are there already, so that writing is what takes time."""
    tables = run_tables(result.plan)
    monkeypatch.setattr("dmopt.runs.write.run_tables", lambda plan: tables)


def whole_run(folder):
    """The command of the run in a folder, whose files are all as they were written."""
    about = read_run(folder)
    assert_same(plan_of(city()), read_plan(city(), folder))
    return about["manifest"]["command"]


def test_a_run_is_read_back_as_it_was(tmp_path, result):
    folder = write_run(result, tmp_path / "run", command="dmopt solve city")
    about = read_run(folder)
    assert (about["status"], about["badge"]) == ("optimal", "proven within 0.8 %")
    assert about["cost"] == 12_345_678.0
    assert about["bound"] == pytest.approx(12_246_912.576)
    assert about["gap"] == pytest.approx(0.008)
    manifest = about["manifest"]
    assert manifest["instance"]["name"] == "Middleton"
    assert manifest["instance"]["sha256"] == instance_hash(city())
    assert manifest["command"] == "dmopt solve city"
    assert (manifest["seed"], manifest["options"]["gap"]) == (0, 0.01)
    assert set(manifest["versions"]) >= {"dmopt", "pyomo", "highspy", "pandas"}
    assert manifest["written"].endswith("+00:00")
    assert [step["step"] for step in about["log"]] == ["first plan", "done"]
    assert about["costs"] and about["indicators"]
    assert_same(result.plan, read_plan(city(), folder))
    with np.load(folder / "certificate.npz") as arrays:
        assert arrays["prices_decisions"].tolist() == [0, 1, 2, 3]


def test_a_result_is_read_back_as_it_was(tmp_path, result):
    back = read_result(city(), write_run(result, tmp_path / "run"))
    assert_same(result.plan, back.plan)
    given, read = to_arrays(result.certificate), to_arrays(back.certificate)
    assert given.keys() == read.keys()
    assert all(np.array_equal(given[name], read[name]) for name in given)
    for name in ("status", "cost", "bound", "gap", "path", "options", "log", "proof"):
        assert getattr(back, name) == getattr(result, name), name


def test_the_manifest_lists_every_other_file(tmp_path, result):
    folder = write_run(result, tmp_path / "run", excel=True)
    files = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert set(read_run(folder)["files"]) == files - {"plan.json"}
    assert {"plan.xlsx", "plan/flows.csv", "certificate.npz"} <= files


def test_more_files_come_from_their_writers(tmp_path, result):
    folder = write_run(
        result, tmp_path / "run", extra={"hello.txt": lambda path: path.write_text("x")}
    )
    assert "hello.txt" in read_run(folder)["files"]


def test_json_has_no_nan(tmp_path):
    result = result_of(
        None,
        status="no_plan_found",
        cost=None,
        bound=float("-inf"),
        seconds=float("nan"),
        certificate=None,
    )
    folder = write_run(result, tmp_path / "run", instance=city())
    text = (folder / "plan.json").read_text()

    def refuse(word):
        raise AssertionError(word)

    about = json.loads(text, parse_constant=refuse)
    assert (about["bound"], about["manifest"]["seconds"]) == (None, None)


def test_without_a_plan_there_is_only_the_answer(tmp_path):
    folder = write_run(NO_PLAN, tmp_path / "run", instance=city(), excel=True)
    assert [path.name for path in folder.iterdir()] == ["plan.json"]
    about = read_run(folder)
    assert (about["status"], about["cost"], about["gap"]) == ("infeasible", None, None)
    with pytest.raises(InstanceError, match="expected a run with a plan; its status"):
        read_plan(city(), folder)
    with pytest.raises(ValueError, match="needs the instance"):
        write_run(NO_PLAN, tmp_path / "run")


def test_a_plan_for_other_data_is_refused_unless_asked_for(tmp_path, result):
    folder = write_run(result, tmp_path / "run")
    other = city(periods=3)
    with pytest.raises(InstanceError, match="made for the data of 'Middleton'"):
        read_plan(other, folder)
    assert_same(result.plan, read_plan(other, folder, other_data=True))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "plan.json of a run"),
        ("{", "plan.json of a run"),
        ("[]", "run of format 1"),
        ('{"dmopt_run": 99}', "run of format 1"),
        ('{"dmopt_run": 1, "cost": 1, "manifest": 7, "files": 3}', "made for the data"),
    ],
)
def test_a_bad_manifest_is_a_fault(tmp_path, content, expected):
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(InstanceError, match=expected):
        read_plan(city(), tmp_path)


def test_what_is_no_run_is_a_fault(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(InstanceError, match="folder of a run"):
            read_run(place)


def test_damaged_and_missing_files_are_all_named(tmp_path, result):
    folder = write_run(result, tmp_path / "run")
    (folder / FOLDER / "flows.csv").unlink()
    (folder / FOLDER / "unmet.csv").write_text("x")
    with pytest.raises(InstanceError) as caught:
        read_run(folder)
    assert {fault.place for fault in caught.value.faults} == {
        "plan/flows.csv",
        "plan/unmet.csv",
    }
    with pytest.raises(InstanceError, match=r"plan/flows\.csv"):
        read_plan(city(), folder)


def test_a_folder_with_other_things_is_not_replaced(tmp_path, result):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError):
        write_run(result, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("mine", ["notes.txt", "tables/mine.csv", ".git/HEAD"])
def test_a_run_with_other_files_beside_it_is_not_replaced(mine, tmp_path):
    folder = write_run(NO_PLAN, tmp_path / "run", instance=city())
    (folder / mine).parent.mkdir(exist_ok=True)
    (folder / mine).write_text("mine")
    stranger = mine if mine == "notes.txt" else mine.split("/")[0]
    with pytest.raises(FileExistsError, match=f"holds something else: {stranger}$"):
        write_run(NO_PLAN, folder, instance=city())
    with pytest.raises(FileExistsError, match=stranger):
        refuse_what_is_no_run(folder)
    assert (folder / mine).read_text() == "mine"
    assert read_run(folder)["status"] == "infeasible"


def test_a_file_among_the_tables_of_a_run_is_named(tmp_path, result):
    folder = write_run(result, tmp_path / "run")
    refuse_what_is_no_run(folder)
    refuse_what_is_no_run(tmp_path / "nowhere")
    (folder / "tables" / "mine.csv").write_text("mine")
    with pytest.raises(FileExistsError, match=r"something else: tables/mine\.csv"):
        refuse_what_is_no_run(folder)


@pytest.mark.parametrize("text", ["{}", "[1]", "no JSON", '{"files": {"a": 1}}'])
def test_a_plan_json_of_another_program_is_not_replaced(text, tmp_path):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(FileExistsError, match=r"something else: plan\.json"):
        write_run(NO_PLAN, tmp_path, instance=city())
    assert (tmp_path / "plan.json").read_text() == text


def test_names_in_a_manifest_do_not_lead_out_of_the_folder(tmp_path):
    folder = write_run(NO_PLAN, tmp_path / "run", instance=city())
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    about = json.loads((folder / "plan.json").read_text())
    sha256 = hashlib.sha256(b"secret").hexdigest()
    about["files"] = {"../secret.txt": sha256, str(secret): sha256}
    (folder / "plan.json").write_text(json.dumps(about))
    with pytest.raises(InstanceError) as caught:
        read_run(folder)
    assert [fault.place for fault in caught.value.faults] == list(about["files"])
    assert all("expected this file in" in str(fault) for fault in caught.value.faults)


def test_a_failed_write_leaves_the_old_run(tmp_path, result):
    folder = write_run(result, tmp_path / "run", command="old")

    def full(path):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_run(result, folder, command="new", extra={"map.png": full})
    assert whole_run(folder) == "old"
    assert list(tmp_path.iterdir()) == [folder]


def test_when_files_may_not_grow_the_old_run_stays(tmp_path, result):
    folder = write_run(result, tmp_path / "run", command="old")

    def write():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        try:
            write_run(result, folder, command="new")
        except OSError:
            os._exit(7)

    child = FORK.Process(target=write)
    child.start()
    child.join()
    assert child.exitcode == 7
    assert whole_run(folder) == "old"
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_where_writing_is_forbidden_the_old_run_stays(tmp_path, result):
    folder = write_run(result, tmp_path / "run", command="old")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write_run(result, folder, command="new")
    finally:
        tmp_path.chmod(0o700)
    assert whole_run(folder) == "old"


def test_a_killed_writer_leaves_the_old_run_or_the_new_one(tmp_path, result, quick):
    folder = write_run(result, tmp_path / "run", command="0")
    began = time.perf_counter()
    write_run(result, folder, command="0")
    longest = 2 * (time.perf_counter() - began)
    chance = random.Random(11)
    found = []
    for number in range(1, KILLS + 1):
        before = whole_run(folder)
        started = FORK.Event()

        def write(command=str(number), started=started):
            started.set()
            write_run(result, folder, command=command)
            signal.pause()

        child = FORK.Process(target=write)
        child.start()
        started.wait()
        time.sleep(chance.uniform(0, longest))
        child.kill()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        found.append(whole_run(folder))
        assert found[-1] in (before, str(number))
        # about as many are to finish as not, however busy the machine is
        longest *= 1.3 if found[-1] == before else 1 / 1.2
    assert len(set(found)) > 3, "the delays never let a writer finish"
    assert set(map(str, range(1, KILLS + 1))) - set(found), "no writer was interrupted"
    write_run(result, folder, command="last")
    assert whole_run(folder) == "last"
    assert list(tmp_path.iterdir()) == [folder], "leftovers of killed writers"


def test_killed_between_the_two_renames_the_old_run_comes_back(tmp_path, result, quick):
    folder = write_run(result, tmp_path / "run", command="old")
    rename = os.rename

    def last_rename(source, target):
        rename(source, target)
        os.kill(os.getpid(), signal.SIGKILL)

    def write():
        os.rename = last_rename
        write_run(result, folder, command="new")

    child = FORK.Process(target=write)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not folder.exists()
    assert whole_run(folder) == "old"
    write_run(result, folder, command="new")
    assert whole_run(folder) == "new"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_picture_that_cannot_be_drawn_does_not_cost_the_plan(tmp_path, result):
    def broken(path):
        path.write_text("half a picture")
        raise ValueError("no such colour")

    folder = write_run(result, tmp_path / "run", extra={"map.png": broken})
    assert not (folder / "map.png").exists()
    about = read_run(folder)
    assert about["left_out"] == {"map.png": "ValueError: no such colour"}
