"""Real processes, really killed: nothing is lost, and nothing is run twice."""

import os
import signal
import subprocess
import sys
import time
from threading import Event

import pytest

from dmopt.data.write import write_instance
from dmopt.runs import read_run
from dmopt.sweeps import Index, run_sweep
from dmopt.sweeps.pool import LocalPool, Worker
from dmopt.sweeps.store import make_store, open_store
from tests.cli.program import ROOT
from tests.line import line
from tests.sweeps.small import priced, stamps, wait_until, workers_of

PRICES = [round(0.5 + 0.25 * n, 2) for n in range(6)]
GRID = ["--vary", f"transport_price={','.join(map(str, PRICES))}", "--gap", "0"]


def least_cost(price):
    # one site and 40 t over 10 km at 0.1, or both sites
    return min(70 + 40 * price, 140)


@pytest.fixture
def place(tmp_path):
    write_instance(line(), tmp_path / "line")
    return tmp_path


def start(place):
    """The sweep of the grid in runs/grid, in a process of its own."""
    out = place / "runs" / "grid"
    words = ["sweep", "line", *GRID, "--out", str(out), "--workers", "1", "--json"]
    return subprocess.Popen(
        [sys.executable, "-m", "dmopt", *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_all(store):
    """Every member is there, whole, and costs what it does on paper."""
    for member in store.members:
        about = read_run(store.at(member.name))
        price = member.wish.knobs["transport_price"]
        assert about["cost"] == pytest.approx(least_cost(price))


def test_after_the_client_is_killed_only_what_is_missing_is_run(place):
    folder = place / "runs" / "grid"
    program = start(place)
    wait_until(lambda: len(stamps(folder)) >= 2)
    program.kill()
    program.communicate(timeout=30)
    # its workers notice, and end in the middle of what they are at
    wait_until(lambda: not workers_of(folder))
    before = stamps(folder)
    assert 2 <= len(before) < len(PRICES)
    begun, store = [], open_store(folder)
    run_sweep(line(), store.members, folder, workers=1, on_news=begun.append)
    after = stamps(folder)
    assert {name: after[name] for name in before} == before
    assert {n.member.name for n in begun if n.what == "begun"} == after.keys() - before
    assert len(after) == len(PRICES)
    check_all(store)
    assert not list(folder.glob("members/.*"))  # what was half written is gone


def test_a_worker_killed_in_the_middle_costs_nothing(tmp_path):
    heard = []

    def hear(news):
        heard.append((news.what, news.member.name))
        if heard[-1] == ("begun", "p1") and ("lost", "p1") not in heard:
            (worker,) = workers_of(tmp_path / "sweep")
            os.kill(worker, signal.SIGKILL)

    members = priced(0.5, 1.0, 2.0)
    found = run_sweep(line(), members, tmp_path / "sweep", workers=1, on_news=hear)
    assert [name for what, name in heard if what == "lost"] == ["p1"]
    assert [outcome.cost for outcome in found.outcomes] == pytest.approx([90, 110, 140])
    check_all(found.store)
    assert not workers_of(tmp_path / "sweep")


DEADLY = """
import json, os, pathlib, sys
print('{"ready": true}', flush=True)
for line in sys.stdin:
    name = json.loads(line)["name"]
    if name == "p1":
        os.kill(os.getpid(), 9)
    folder = pathlib.Path(sys.argv[1], "members", name)
    folder.mkdir()
    about = {"status": "infeasible", "instance": {"name": "line"}, "written": "now"}
    about |= {"versions": {"dmopt": "0"}, "message": "none"}
    (folder / "failure.json").write_text(json.dumps(about))
    print(json.dumps({"done": name}), flush=True)
"""


def test_a_member_that_kills_its_workers_is_given_up_and_the_rest_is_run(
    tmp_path, monkeypatch
):
    # workers that know no plans, and die of p1: in place of a solver that does
    monkeypatch.setattr("dmopt.sweeps.pool.PROGRAM", ("-c", DEADLY))
    lost = []

    def hear(news):
        lost.append(news.member.name) if news.what == "lost" else None

    members = priced(0.5, 1.0, 2.0, 2.5)
    found = run_sweep(line(), members, tmp_path / "sweep", on_news=hear)
    assert lost == ["p1", "p1"]
    kinds = [outcome.status for outcome in found.outcomes]
    assert kinds == ["infeasible", "failed", "infeasible", "infeasible"]
    said = found.outcomes[1].message
    assert "3 workers ended with it, the last one killed by SIGKILL" in said


def test_how_a_worker_ended_is_said_whatever_the_signal(tmp_path, monkeypatch):
    store = make_store(line(), priced(1.0), tmp_path / "sweep")
    endings = {}
    for number in (signal.SIGKILL, signal.SIGRTMIN + 5):
        die = f"import os; os.kill(os.getpid(), {int(number)})"
        monkeypatch.setattr("dmopt.sweeps.pool.PROGRAM", ("-c", die))
        worker = Worker(store)
        assert not worker.is_ready()
        worker._process.wait(30)
        endings[int(number)] = worker.ending()
        worker.end()
    assert endings == {
        9: "killed by SIGKILL",
        signal.SIGRTMIN + 5: f"killed by signal {signal.SIGRTMIN + 5}",
    }


def test_a_worker_that_does_not_go_does_not_hold_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr("dmopt.sweeps.pool.PROGRAM", ("-c", DEADLY))
    wait = subprocess.Popen.wait

    def in_vain(process, timeout=None):
        wait(process, timeout)  # gone, but as if it were not
        raise subprocess.TimeoutExpired("worker", timeout or 0)

    monkeypatch.setattr("dmopt.sweeps.pool.subprocess.Popen.wait", in_vain)
    store = make_store(line(), priced(0.5), tmp_path / "sweep")
    told = list(LocalPool(store, 1).run(store.members, Event()))
    assert [each.what for each in told] == ["begun", "ended"]


def test_workers_that_cannot_begin_end_the_sweep_with_their_last_words(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("dmopt.sweeps.pool.PROGRAM", ("-c", "raise SystemExit('no')"))
    with pytest.raises(OSError, match="no worker could begin: no"):
        run_sweep(line(), priced(1.0, 2.0), tmp_path / "sweep")


def test_two_processes_at_once_share_a_sweep_and_an_index(place):
    folder = place / "runs" / "grid"
    program = start(place)
    wait_until(lambda: (folder / "sweep.json").is_file())
    found = run_sweep(line(), open_store(folder).members, folder, workers=1)
    _, stderr = program.communicate(timeout=120)
    assert program.returncode == 0, stderr
    assert not found.stopped
    check_all(found.store)
    with Index(place / "runs") as index:
        rows = index.find()  # as the two have left it
    assert {row["member"] for row in rows} == {m.name for m in found.store.members}
    assert all(row["cost"] is not None for row in rows)


def test_ctrl_c_stops_and_the_folder_goes_on(place):
    folder = place / "runs" / "grid"
    program = start(place)
    wait_until(lambda: len(stamps(folder)) >= 1)
    begin = time.monotonic()
    program.send_signal(signal.SIGINT)
    _, stderr = program.communicate(timeout=60)
    assert program.returncode == 130, stderr
    assert time.monotonic() - begin < 20
    assert "Traceback" not in stderr and "complete are kept" in stderr
    assert not workers_of(folder)
    before = stamps(folder)
    assert 1 <= len(before) < len(PRICES)
    assert (folder / "sweep.csv").read_text().count("not run") == (
        len(PRICES) - len(before)
    )
