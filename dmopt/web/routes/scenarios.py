"""Scenarios: planned, watched, stopped, named, thrown away."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from dmopt.errors import InstanceError
from dmopt.studies.whatif import apply
from dmopt.web.answers import (
    Done,
    ProgressAnswer,
    Rename,
    ScenarioAnswer,
    ScenarioDetail,
    ScenarioWish,
)
from dmopt.web.desk import FILES, Desk
from dmopt.web.library import read_packed
from dmopt.web.names import FIGURES, map_name
from dmopt.web.routes.common import (
    PROBLEMS,
    Client,
    Scenario,
    TheDesk,
    Trouble,
    User,
    packed_json,
    period_place,
)
from dmopt.web.store import UNFINISHED, Row

router = APIRouter(prefix="/api/scenarios", tags=["scenarios"], responses=PROBLEMS)
LOOK_S, BEAT_S = 0.1, 15.0
"""How often a stream looks for news, and says something though there is none."""
EARLIER = 20
"""Most steps told that were there before somebody looked."""


@router.post("", status_code=202)
def plan(
    given: ScenarioWish, desk: TheDesk, user: User, client: Client
) -> ScenarioAnswer:
    """Plan an instance as wished. Faults in the wish are all told at once."""
    limits = desk.config.limits
    if given.time_limit_s > limits.time_s:
        raise Trouble(
            422,
            f"A plan may take {limits.time_s:,.0f} s at most.",
            [
                {
                    "place": "time_limit_s",
                    "read": f"{given.time_limit_s:g}",
                    "expected": f"at most {limits.time_s:g}",
                }
            ],
        )
    row = desk.library.find(given.instance, user)
    if row is None:
        raise Trouble(404, "There is no such instance.")
    parent = None
    if given.start_from is not None:
        found = desk.store.scenario(given.start_from, user)
        if found is None or found["instance"] != row["id"]:
            raise Trouble(404, "There is no such scenario to begin from.")
        parent = given.start_from
    try:
        apply(desk.library.instance(row["id"]), given.wish)
    except InstanceError as error:
        raise Trouble(
            422,
            "What you wish does not fit the instance.",
            [{n: getattr(f, n) for n in f.__slots__} for f in error.faults],
        ) from None
    id = desk.begin(
        user,
        instance=row["id"],
        name=given.name,
        wish=given.wish.model_dump(mode="json"),
        gap=given.gap,
        time_limit_s=given.time_limit_s,
        parent=parent,
    )
    desk.note(user, client, "run", id, row["id"])
    kept = desk.store.scenario(id, user)
    assert kept is not None
    return ScenarioAnswer(**_short(kept))


@router.get("")
def history(
    desk: TheDesk,
    user: User,
    instance: Annotated[str | None, Query(max_length=80)] = None,
) -> list[ScenarioAnswer]:
    """The user's scenarios, newest first."""
    asked = desk.store.asked(user)
    return [
        ScenarioAnswer(**_short(row, asked.get(row["id"])))
        for row in desk.store.scenarios(user, instance)
    ]


def _short(row: Row, asked: dict[str, str] | None = None) -> dict[str, Any]:
    names = [name for name in ScenarioAnswer.model_fields if name != "asked"]
    more = {"verified": bool(row["verified"]), "asked": asked or {}}
    return {name: row[name] for name in names} | more


@router.get("/{id}")
def scenario(row: Scenario, desk: TheDesk) -> ScenarioDetail:
    """A scenario with what was found."""
    found, plan = _figures(desk, row)
    names = ("costs", "indicators", "sites_open", "messages")
    asked = desk.store.asked(row["owner"]).get(row["id"])
    return ScenarioDetail(
        **_short(row, asked) | {name: found[name] for name in TOLD if plan},
        plan=plan,
        progress=_progress(desk, row),
        badge=found.get("badge", ""),
        **{name: found.get(name, []) for name in names},
        proof=found.get("proof", ""),
        files=list(FILES) if row["verified"] else [],
        error=row["error"],
        faults=row["faults"] or [],
    )


TOLD = ("status", "cost", "bound", "gap", "verified")
"""What a plan shown on the way says of itself."""


def _figures(desk: Desk, row: Row) -> tuple[dict[str, Any], int]:
    """What is known of the plan at hand, and its number; empty where there is none."""
    if row["state"] == "failed":
        return {}, 0
    folder, plan = desk.at_hand(row)
    try:
        return dict(read_packed(folder / FIGURES)), plan
    except OSError:  # none yet
        return {}, 0


def _progress(desk: Desk, row: Row) -> ProgressAnswer | None:
    job = desk.jobs.find(row["id"])
    now = job.progress if job is not None and job.progress else row["progress"]
    return None if now is None else ProgressAnswer(**now)


@router.patch("/{id}")
def rename(
    row: Scenario, given: Rename, desk: TheDesk, user: User, client: Client
) -> ScenarioAnswer:
    """Give a scenario another name."""
    desk.store.update_scenario(row["id"], name=given.name)
    desk.note(user, client, "rename", row["id"])
    return ScenarioAnswer(**_short(row | {"name": given.name}))


@router.delete("/{id}")
def delete(row: Scenario, desk: TheDesk, user: User, client: Client) -> Done:
    """Stop a scenario and delete all of it."""
    desk.delete(row["id"])
    desk.note(user, client, "delete", row["id"])
    return Done()


@router.post("/{id}/cancel", status_code=202)
def cancel(row: Scenario, desk: TheDesk, user: User, client: Client) -> Done:
    """Stop a solve; the best plan so far is kept."""
    if row["state"] not in UNFINISHED:
        raise Trouble(409, "It has ended already.")
    desk.jobs.cancel(row["id"])
    desk.note(user, client, "cancel", row["id"])
    return Done()


@router.get(
    "/{id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(
    request: Request, row: Scenario, desk: TheDesk, user: User
) -> StreamingResponse:
    """Progress as it comes, then the end, as server-sent events."""
    streams: dict[str, int] = request.app.state.streams
    if streams.get(user, 0) >= desk.config.limits.streams:
        raise Trouble(429, "You follow many plans at once: close some windows.")
    return StreamingResponse(
        _events(desk, row["id"], user, streams), media_type="text/event-stream"
    )


async def _events(
    desk: Desk, id: str, user: str, streams: dict[str, int]
) -> AsyncIterator[str]:
    streams[user] = streams.get(user, 0) + 1
    try:
        job, told, plan, quiet, news = None, -1, 0, 0.0, -1
        while not desk.jobs.closed:
            now = desk.jobs.find(id)
            job = now or job
            if now is None or now.news != news:
                news = -1 if now is None else now.news
                row = desk.store.scenario(id, user)
                if row is None:
                    yield _event("done", {"state": "failed", "status": None})
                    return
                steps = (
                    job.told[:] if job else [row["progress"]] * bool(row["progress"])
                )
                told = max(0, len(steps) - EARLIER) if told < 0 else told
                for step in steps[told:]:
                    quiet = 0.0
                    yield _event("progress", ProgressAnswer(**step).model_dump())
                told = len(steps)
                if row["state"] not in UNFINISHED:
                    yield _event("done", {n: row[n] for n in ("state", "status")})
                    return
                shown = int(job.shown.get("number", 0)) if job else 0
                if shown > plan:
                    plan = shown
                    yield _event("plan", {"plan": plan})
            await asyncio.sleep(LOOK_S)
            quiet += LOOK_S
            if quiet >= BEAT_S:
                quiet = 0.0
                yield ": still here\n\n"
    finally:
        streams[user] -= 1
        if streams[user] <= 0:
            del streams[user]


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content, allow_nan=False)}\n\n"


@router.get("/{id}/map", response_model=dict[str, Any])
def the_map(
    request: Request,
    row: Scenario,
    desk: TheDesk,
    period: Annotated[str | None, Query(max_length=200)] = None,
    plan: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """What stands and flows in a period (unless told: the last). plan: number of one
    shown on the way; unless it is there, what is at hand."""
    number = period_place(desk, row, period)
    for folder in (desk.shown(row["id"], plan), desk.at_hand(row)[0]):
        try:
            return packed_json(request, (folder / map_name(number)).read_bytes())
        except OSError:
            continue  # not there, or no more
    raise Trouble(404, "There is no plan to show.")
