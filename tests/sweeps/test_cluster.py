"""A Dask cluster of real processes on this machine, one of them killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from dmopt.sweeps import run_sweep
from dmopt.sweeps.cluster import PATIENCE_S, connected, seen
from tests.cli.program import ROOT, dmopt
from tests.line import line
from tests.paths import thorough
from tests.sweeps.small import priced, wait_until

pytest.importorskip("distributed", reason="distributed is not installed (cluster)")

PRICES = [0.5, 0.75, 1.0, 1.5, 1.75, 2.5]


def process(*words, folder):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **quiet,
    )


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler with two workers, and the three processes."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    about = folder / "scheduler.json"
    started = [
        process(
            *("dask_scheduler", "--host", "127.0.0.1", "--port", "0"),
            *("--no-dashboard", "--scheduler-file", str(about)),
            folder=folder,
        )
    ]
    try:
        wait_until(about.exists)
        started += [
            process(
                *("dask_worker", "--scheduler-file", str(about), "--nthreads", "1"),
                *("--no-nanny", "--no-dashboard", "--name", str(n)),
                folder=folder,
            )
            for n in range(2)
        ]
        yield address_of(about), started
    finally:
        for each in started:
            each.kill()
            each.wait(30)


def address_of(about):
    from distributed import Client

    address = json.loads(about.read_text())["address"]
    with Client(address, timeout=30) as client:
        client.wait_for_workers(2, timeout=60)
    return address


def test_a_worker_killed_in_the_middle_costs_nothing(cluster, tmp_path):
    address, (_, *workers) = cluster
    ended = []

    def hear(news):
        ended.append(news.member.name) if news.what == "ended" else None
        if news.what == "begun" and len(ended) >= 2 and workers[0].poll() is None:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait(30)

    found = run_sweep(
        line(), priced(*PRICES), tmp_path / "sweep", cluster=address, on_news=hear
    )
    assert workers[0].returncode == -signal.SIGKILL
    assert workers[1].poll() is None
    assert sorted(ended) == sorted(member.name for member in found.store.members)
    costs = [outcome.cost for outcome in found.outcomes]
    # one site and 40 t over 10 km at 0.1 a price, or both sites
    assert costs == pytest.approx([min(70 + 40 * price, 140) for price in PRICES])


def test_workers_that_do_not_see_the_folder_are_named(cluster, tmp_path, monkeypatch):
    address, _ = cluster
    folder = tmp_path / "sweep"
    monkeypatch.setattr("dmopt.sweeps.cluster.seen", not_seen)
    with pytest.raises(InstanceError, match="on a disk they share"):
        run_sweep(line(), priced(1.0), folder, cluster=address)


def not_seen(folder):
    return seen(folder + "-elsewhere")


def test_a_scheduler_that_is_lost_ends_the_sweep_with_a_message(cluster, tmp_path):
    address, (scheduler, *_) = cluster

    def hear(news):
        if news.what == "begun":
            scheduler.kill()

    with pytest.raises(ConnectionError, match="answers no longer"):
        run_sweep(
            line(), priced(1.0), tmp_path / "sweep", cluster=address, on_news=hear
        )
    assert scheduler.wait(30) == -signal.SIGKILL


@thorough
def test_the_program_starts_a_cluster_of_its_own(tmp_path):
    write_instance(line(), tmp_path / "line")
    told = subprocess.run(
        [
            *(sys.executable, "-m", "dmopt", "sweep", "line"),
            *("--vary", "transport_price=0.5,2", "--cluster", "local:1"),
            *("--gap", "0", "--json", "--quiet"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    costs = [each["cost"] for each in json.loads(told.stdout)["members"]]
    assert costs == pytest.approx([90, 140])


@pytest.fixture
def impatient(monkeypatch):
    assert PATIENCE_S < 8
    monkeypatch.setattr("dmopt.sweeps.cluster.PATIENCE_S", 2.0)


def test_no_scheduler_is_said_soon(tmp_path, impatient):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        check_refused(address, tmp_path)


def test_a_scheduler_that_never_answers_is_said_soon(tmp_path, impatient):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        check_refused(address, tmp_path)


def check_refused(address, tmp_path):
    write_instance(line(), tmp_path / "line")
    begin = time.monotonic()
    told = dmopt(
        *("sweep", tmp_path / "line", "--vary", "seed=1", "--cluster", address),
        *("--out", tmp_path / "sweep"),
    )
    assert time.monotonic() - begin < 20  # it waits 2 s; a busy machine needs more
    assert told.exit_code == 2
    assert "address of a Dask scheduler" in told.stderr and address in told.stderr


def test_the_first_call_has_what_the_settings_say_of_tls(impatient, monkeypatch):
    given = {}

    def rpc(address, connection_args):
        given.update(connection_args)
        raise TypeError("TLS expects a `ssl_context` argument")

    monkeypatch.setattr("distributed.rpc", rpc)
    with (
        pytest.raises(InstanceError, match="ssl_context"),
        connected("tls://127.0.0.1:1"),
    ):
        pass
    assert "ssl_context" in given


@pytest.mark.parametrize("address", ["local:", "local:0", "local:x", "nonsense::1"])
def test_an_address_that_is_none_is_refused(address, tmp_path):
    with pytest.raises(InstanceError, match="--cluster"):
        run_sweep(line(), priced(1.0), tmp_path / "sweep", cluster=address)
