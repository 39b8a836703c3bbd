"""Children that are kept with an instance: which job goes to which, and when they end.

A stand-in speaks the lines of work.py and does what its task says; it tells its process
id, so that a test sees who did what.
"""

import subprocess
import sys
import time
from threading import Event

import pytest

from dmopt.web import children
from dmopt.web.config import Limits
from dmopt.web.jobs import Job, Jobs

POPEN = subprocess.Popen
PROCESSES: dict[int, subprocess.Popen[str]] = {}
"""Stand-ins by process id."""
CHILD = """
import json, os, sys
def say(**what):
    print(json.dumps(what), flush=True)
for line in sys.stdin:
    if line.startswith("cancel"):
        continue
    task = json.loads(line)
    say(event="progress", step="begun", pid=os.getpid())
    if task["do"] == "die":
        os._exit(7)
    if task["do"] == "wait":
        while sys.stdin.readline().strip() != f"cancel {task['number']}":
            pass
    say(event="found", pid=os.getpid())
    say(event="rest", stays=task["do"] != "grow")
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Queues with limits of a test's own, over stand-ins."""

    def popen(command, **more):
        process = POPEN([sys.executable, "-u", "-c", CHILD], **more)
        PROCESSES[process.pid] = process
        return process

    monkeypatch.setattr(children.subprocess, "Popen", popen)
    made = []

    def begin(**limits):
        given = {"solves": 2, "spare": False, "warm": 2, "waiting_each": 9}
        made.append(Jobs(Limits(**(given | limits)), tmp_path / "work.log"))
        return made[-1]

    yield begin
    for each in made:
        each.close()


class Asked:
    """A job in a queue: who does it, and how it ends."""

    def __init__(self, queue, key, do="work", instance="town", user="ann"):
        self.queue, self.pid, self.error, self.done = queue, None, None, Event()
        self.begun = Event()
        task = {"task": "solve", "do": do}
        self.job = Job(key, user, task, 30.0, self._hear, instance)
        queue.submit(self.job)

    def _hear(self, job, event):
        if event["event"] == "started":
            self.begun.set()
        if event["event"] == "found":
            self.pid = event["pid"]
        if event["event"] == "ended":
            self.error = event["error"]
            self.done.set()

    def ended(self):
        assert self.done.wait(20)
        assert self.job.ended.wait(20)
        return self

    def working(self):
        """Once its child says so."""
        end = time.monotonic() + 20
        while not self.job.told:
            assert time.monotonic() < end
            time.sleep(0.01)
        return self


def gone(pid):
    """Whether a child has ended, soon."""
    try:
        PROCESSES[pid].wait(10)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_what_is_asked_of_one_instance_goes_to_one_child(start):
    queue = start()
    pids = {Asked(queue, str(n)).ended().pid for n in range(4)}
    assert len(pids) == 1
    assert Asked(queue, "other", instance="city").ended().pid not in pids


def test_a_task_without_an_instance_gets_a_child_that_ends(start):
    queue = start()
    pids = {Asked(queue, str(n), instance=None).ended().pid for n in range(2)}
    assert len(pids) == 2 and all(gone(pid) for pid in pids)


def test_the_longest_idle_makes_room(start):
    queue = start(warm=2)
    town, city = (Asked(queue, each, instance=each).ended() for each in ("a", "b"))
    again = Asked(queue, "again", instance="a").ended()
    assert again.pid == town.pid
    Asked(queue, "third", instance="c").ended()
    assert gone(city.pid) and PROCESSES[town.pid].poll() is None


def test_two_people_at_once_are_not_held_up_by_one_child(start):
    queue = start()
    first = Asked(queue, "first", "wait", user="ann").working()
    second = Asked(queue, "second", user="bob").ended()
    queue.cancel("first")
    assert first.ended().pid != second.pid
    # each comes back to their own
    assert Asked(queue, "ann", user="ann").ended().pid == first.pid
    assert Asked(queue, "bob", user="bob").ended().pid == second.pid


def test_the_next_click_waits_for_the_child_that_was_told_to_stop(start):
    queue = start()
    first = Asked(queue, "first", "wait").working()
    queue.cancel("first")
    second = Asked(queue, "second")
    assert first.ended().pid == second.ended().pid


def test_a_child_that_dies_costs_one_job_and_is_replaced(start):
    queue = start()
    before = Asked(queue, "before").ended()
    died = Asked(queue, "died", "die").ended()
    assert died.error is not None and "without an answer" in died.error
    after = Asked(queue, "after").ended()
    assert after.error is None and after.pid != before.pid


def test_one_that_died_while_idle_is_not_asked(start):
    queue = start()
    first = Asked(queue, "first").ended()
    PROCESSES[first.pid].kill()
    assert gone(first.pid)
    second = Asked(queue, "second").ended()
    assert second.error is None and second.pid != first.pid


def test_one_that_has_grown_is_not_kept(start):
    queue = start()
    first = Asked(queue, "first", "grow").ended()
    assert first.error is None and gone(first.pid)


def test_one_that_nobody_asks_ends(start):
    queue = start(idle_s=0.2)
    assert gone(Asked(queue, "first").ended().pid)


def test_stopping_a_job_leaves_its_child(start):
    queue = start()
    first = Asked(queue, "first", "wait").working()
    queue.stop("first")
    assert first.done.is_set()
    assert Asked(queue, "second").ended().pid == first.pid


def test_an_instance_that_is_deleted_takes_its_children_along(start):
    queue = start()
    idle = Asked(queue, "idle").ended()
    busy = Asked(queue, "busy", "wait", user="bob", instance="city").working()
    for each in ("town", "city"):
        queue.children.drop(each)
    queue.cancel("busy")
    assert gone(idle.pid) and gone(busy.ended().pid)


def test_all_end_with_the_server(start):
    queue = start()
    idle = Asked(queue, "idle", instance="city").ended()
    busy = Asked(queue, "busy", "wait").working()
    pid = busy.job.told[0]["pid"]
    queue.close()
    assert gone(idle.pid) and gone(pid)
