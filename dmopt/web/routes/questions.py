"""Questions about a scenario: why there is no plan, what rules cost, what it stands,
what fewer emissions cost."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath

from dmopt.web import questions
from dmopt.web.answers import Done, ExplanationAnswer, PricesAnswer, Started
from dmopt.web.desk import Desk
from dmopt.web.names import FRONTIER, STRESS, traded_map
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
from dmopt.web.study_answers import FrontierAnswer, FrontierWish, StressAnswer

router = APIRouter(prefix="/api/scenarios", tags=["questions"], responses=PROBLEMS)
WITHOUT_PLAN = {
    "prices": "It has no plan to compare with.",
    STRESS: "It has no plan to test.",
    FRONTIER: "It has no plan to begin from.",
}
"""Kind of question -> why it cannot be asked without a plan."""


class Kind(StrEnum):
    """Questions that there are."""

    EXPLANATION = "explanation"
    PRICES = "prices"
    STRESS = "stress"
    FRONTIER = "frontier"


@router.post("/{id}/explanation", status_code=202)
def explain(row: Scenario, desk: TheDesk, user: User, client: Client) -> Started:
    """Ask why a scenario has no plan, and for ways out."""
    _ended(row)
    if row["verified"]:
        raise Trouble(409, "It has a plan: nothing collides.")
    return _asked(row, "explanation", desk, user, client)


@router.get("/{id}/explanation")
def explanation(row: Scenario, desk: TheDesk) -> ExplanationAnswer:
    """What collides, and ways out: each is a wish to plan with."""
    return ExplanationAnswer(**_answer(row, "explanation", desk))


@router.post("/{id}/prices", status_code=202)
def price(row: Scenario, desk: TheDesk, user: User, client: Client) -> Started:
    """Ask what each rule costs, each dimension, and all of them."""
    _with_plan(row, "prices")
    return _asked(row, "prices", desk, user, client)


@router.get("/{id}/prices")
def prices(row: Scenario, desk: TheDesk) -> PricesAnswer:
    """What rules cost, between which two amounts."""
    return PricesAnswer(**_answer(row, "prices", desk))


@router.post("/{id}/stress", status_code=202)
def test(row: Scenario, desk: TheDesk, user: User, client: Client) -> Started:
    """Ask what the plan still serves without each site and each infrastructure."""
    _with_plan(row, STRESS)
    return _asked(row, STRESS, desk, user, client)


@router.get("/{id}/stress")
def stress(row: Scenario, desk: TheDesk) -> StressAnswer:
    """What was lost, one thing at a time, and what was served then; worst first."""
    return StressAnswer(**_answer(row, STRESS, desk))


@router.post("/{id}/frontier", status_code=202)
def trade(
    given: FrontierWish, row: Scenario, desk: TheDesk, user: User, client: Client
) -> Started:
    """Ask what fewer emissions cost at least."""
    _with_plan(row, FRONTIER)
    options = {"points": given.points}
    return _asked(row, FRONTIER, desk, user, client, options)


@router.get("/{id}/frontier")
def frontier(row: Scenario, desk: TheDesk) -> FrontierAnswer:
    """Points of emissions and cost as they are known by now, most emissions first."""
    return FrontierAnswer(**_answer(row, FRONTIER, desk))


@router.get("/{id}/frontier/plans/{plan}/map", response_model=dict[str, Any])
def traded(
    request: Request,
    row: Scenario,
    desk: TheDesk,
    plan: Annotated[int, InPath(ge=1, le=1_000)],
    period: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """What stands and flows in a period (unless told: the last) in the plan of a
    point."""
    place = period_place(desk, row, period)
    try:
        packed = traded_map(desk.folder(row["id"]), plan, place).read_bytes()
    except OSError:
        raise Trouble(404, "There is no such plan.") from None
    return packed_json(request, packed)


@router.post("/{id}/{kind}/cancel", status_code=202)
def stop(kind: Kind, row: Scenario, desk: TheDesk, user: User, client: Client) -> Done:
    """Stop a question; what is known by then is its answer."""
    if not questions.stop(desk, row["id"], kind.value):
        raise Trouble(409, "It has ended already.")
    desk.note(user, client, f"stop {kind.value}", row["id"])
    return Done()


def _ended(row: Row) -> None:
    if row["state"] in UNFINISHED:
        raise Trouble(409, "It is still being planned.")
    if row["state"] == "failed":
        raise Trouble(409, "It failed: plan it again first.")


def _with_plan(row: Row, kind: str) -> None:
    _ended(row)
    if not row["verified"]:
        raise Trouble(409, WITHOUT_PLAN[kind])


def _asked(
    row: Row,
    kind: str,
    desk: Desk,
    user: str,
    client: str,
    options: dict[str, Any] | None = None,
) -> Started:
    questions.ask(desk, row, kind, options)
    desk.note(user, client, f"ask {kind}", row["id"])
    known = desk.store.question(row["id"], kind)
    return Started(state=known["state"] if known else "waiting")


def _answer(row: Row, kind: str, desk: Desk) -> dict[str, Any]:
    found = questions.answer(desk, row["id"], kind)
    if found is None:
        raise Trouble(404, "It was not asked for.")
    return found
