"""Questions about a scenario: why there is no plan, and what rules cost."""

from fastapi import APIRouter

from dmopt.web.answers import ExplanationAnswer, PricesAnswer, Started
from dmopt.web.desk import Desk
from dmopt.web.routes.common import (
    PROBLEMS,
    Client,
    Scenario,
    TheDesk,
    Trouble,
    User,
)
from dmopt.web.store import UNFINISHED, Row

router = APIRouter(prefix="/api/scenarios", tags=["questions"], responses=PROBLEMS)


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
    found = desk.answer(row["id"], "explanation")
    if found is None:
        raise Trouble(404, "It was not asked for.")
    return ExplanationAnswer(**found)


@router.post("/{id}/prices", status_code=202)
def price(row: Scenario, desk: TheDesk, user: User, client: Client) -> Started:
    """Ask what each rule costs, each dimension, and all of them."""
    _ended(row)
    if not row["verified"]:
        raise Trouble(409, "It has no plan to compare with.")
    return _asked(row, "prices", desk, user, client)


@router.get("/{id}/prices")
def prices(row: Scenario, desk: TheDesk) -> PricesAnswer:
    """What rules cost, between which two amounts."""
    found = desk.answer(row["id"], "prices")
    if found is None:
        raise Trouble(404, "It was not asked for.")
    return PricesAnswer(**found)


def _ended(row: Row) -> None:
    if row["state"] in UNFINISHED:
        raise Trouble(409, "It is still being planned.")
    if row["state"] == "failed":
        raise Trouble(409, "It failed: plan it again first.")


def _asked(row: Row, kind: str, desk: Desk, user: str, client: str) -> Started:
    desk.ask(row, kind)
    desk.note(user, client, f"ask {kind}", row["id"])
    known = desk.store.question(row["id"], kind)
    return Started(state=known["state"] if known else "waiting")
