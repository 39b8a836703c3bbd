"""Questions about a scenario that has ended: taken, run, stopped, answered.

A question is a job of its own, in a child of its own; its answer is a file beside the
plan. Studies may be asked again, and show what they know while they run.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dmopt.web.desk import Desk
from dmopt.web.jobs import Event, Job
from dmopt.web.library import read_packed
from dmopt.web.names import FRONTIER, STRESS, answer_name
from dmopt.web.store import UNFINISHED, Row

QUESTIONS = {
    "explanation": "explain",
    "prices": "price",
    STRESS: "stress",
    FRONTIER: "frontier",
}
"""Kind of question -> task of the child."""
STUDIES = (STRESS, FRONTIER)
"""Those that may be asked again."""
TIMES = 4
"""A question is many solves: it gets so many times the time of one."""
SOLVE_OF_PRICES_S = 20.0
"""Longest of the many solves behind prices."""
ENDS = 2
"""Solves of a frontier besides its points, at least: those for its two ends."""


def ask(
    desk: Desk, row: Row, kind: str, options: Mapping[str, Any] | None = None
) -> None:
    """Queue a question about a scenario, unless it is asked or answered already; a
    study that has ended is begun anew. options: more that the task says.

    Raises TooMany where the queue is full.
    """
    id = row["id"]
    known = desk.store.question(id, kind)
    over = () if kind in STUDIES else ("done",)
    if known is not None and known["state"] in (*UNFINISHED, *over):
        return
    desk.jobs.refuse_if_full(row["owner"])
    desk.store.set_question(id, kind, "waiting")
    (desk.folder(id) / answer_name(kind)).unlink(missing_ok=True)
    given = options or {}
    limit_s, solve_s = _times(kind, row, desk.config.limits.time_s, given)
    task = desk.task(id, row["instance"], row["wish"], row["asked_gap"], limit_s)
    task |= {"task": QUESTIONS[kind], "solve_s": solve_s, **given}

    def on_event(job: Job, event: Event) -> None:
        _noted(desk, id, kind, event)

    is_study = kind in STUDIES
    desk.submit(f"{id}/{kind}", row["owner"], task, on_event, is_study=is_study)


def _times(
    kind: str, row: Row, most: float, options: Mapping[str, Any]
) -> tuple[float, float]:
    """Time of a question, and of each of its solves, s. most: that there may be.

    A point of a frontier gets as long as the plan had; a stress test, whose solves are
    short and as many as the plan has things to lose, all there is.
    """
    each = float(row["time_limit_s"])
    if kind == STRESS:
        return most, most
    if kind == FRONTIER:
        solves = options["points"] + ENDS
        return min(most, solves * each), min(each, most / solves)
    return min(most, TIMES * each), min(each, SOLVE_OF_PRICES_S)


def _noted(desk: Desk, id: str, kind: str, event: Event) -> None:
    if event["event"] == "started":
        desk.store.set_question(id, kind, "running")
    if event["event"] != "ended":
        return
    there = (desk.folder(id) / answer_name(kind)).exists()
    state = "done" if there and event["error"] is None else "failed"
    desk.store.set_question(id, kind, state, error=event["error"])


def stop(desk: Desk, id: str, kind: str) -> bool:
    """Ask a question to end with what it has; whether it was running or waiting."""
    return desk.jobs.cancel(f"{id}/{kind}")


def answer(desk: Desk, id: str, kind: str) -> dict[str, Any] | None:
    """State, progress and content of a question; None where it was not asked. Of a
    study the content is there as far as it is known."""
    known = desk.store.question(id, kind)
    if known is None:
        return None
    found: dict[str, Any] = {"state": known["state"], "error": known["error"]}
    job = desk.jobs.find(f"{id}/{kind}")
    if job is not None:
        found["progress"] = job.progress or None
    if known["state"] == "done" or kind in STUDIES:
        with suppress(OSError):  # nothing known yet, or just begun anew
            found |= read_packed(desk.folder(id) / answer_name(kind))
    return found
