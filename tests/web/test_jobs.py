"""The queue behind the requests: places come back whatever a job ends with."""

import logging
import subprocess
import sys
import time

import pytest

from dmopt.web import children
from dmopt.web.config import Limits
from dmopt.web.jobs import FAULT, Job, Jobs

POPEN = subprocess.Popen


@pytest.fixture
def queue(tmp_path):
    made = Jobs(Limits(solves=1, spare=False), tmp_path / "work.log")
    yield made
    made.close()


def job(key, heard, fails=()):
    def on_event(of, event):
        heard.append((of.key, event["event"], event.get("error")))
        if event["event"] in fails:
            raise OSError(28, "No space left on device")

    return Job(key, "ann", {"task": "none"}, 30.0, on_event)


def child(monkeypatch, said):
    """Children that say one line and end."""
    code = f"print({said!r})"

    def start(command, **more):
        return POPEN([sys.executable, "-c", code], **more)

    monkeypatch.setattr(children.subprocess, "Popen", start)


@pytest.mark.parametrize("fails", ["started", "found", "ended"])
def test_a_listener_that_fails_costs_no_place(queue, monkeypatch, caplog, fails):
    child(monkeypatch, '{"event": "found"}')
    heard = []
    first, second = job("first", heard, [fails]), job("second", heard)
    with caplog.at_level(logging.ERROR):
        for each in (first, second):
            queue.submit(each)
        assert first.ended.wait(30) and second.ended.wait(30)
    assert ("second", "ended", None) in heard
    assert f"job first: '{fails}' was not noted" in caplog.text
    if fails == "found":  # nobody was told of it: it does not count as found
        assert ("first", "ended", FAULT) in heard and not first.found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_server_ends_one_job_alone(queue, monkeypatch):
    child(monkeypatch, "[]")  # no event: taking it as one fails
    heard = []
    first = job("first", heard)
    queue.submit(first)
    assert first.ended.wait(30)
    assert ("first", "ended", FAULT) in heard
    child(monkeypatch, '{"event": "found"}')
    second = job("second", heard)
    queue.submit(second)
    assert second.ended.wait(30) and ("second", "ended", None) in heard
    while queue.find("second") is not None:
        time.sleep(0.01)


def test_it_does_without_what_windows_does_not_have():
    code = (
        "import os, signal; del os.nice, signal.SIGKILL; from dmopt.web import jobs;"
        "from dmopt.web.work import _limit; _limit({'memory_gb': 6});"
        "assert jobs.KILLED == (-signal.SIGSEGV, -signal.SIGABRT)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
