"""Signing in and out."""

import math

from fastapi import APIRouter, Request, Response

from dmopt.web.answers import Done, SessionAnswer, SignIn
from dmopt.web.doors import new_visitor
from dmopt.web.passwords import USER_NAME
from dmopt.web.routes.common import PROBLEMS, Client, TheDesk, TheDoors, Trouble

PATH = "/api/session"
router = APIRouter(prefix=PATH, tags=["session"], responses=PROBLEMS)


@router.get("")
def session(
    request: Request, response: Response, desk: TheDesk, doors: TheDoors
) -> SessionAnswer:
    """Who asks, and the token that changes need in the header X-CSRF-Token."""
    visitor = doors.visitor(request)
    if visitor is None:
        visitor = new_visitor()
        doors.set_cookie(visitor, response)
    return _answer(desk, doors, doors.user(request), visitor)


@router.post("")
def sign_in(
    given: SignIn,
    response: Response,
    desk: TheDesk,
    doors: TheDoors,
    client: Client,
) -> SessionAnswer:
    """Sign in; the session is in a cookie that scripts cannot read."""
    if not desk.config.needs_password:
        raise Trouble(409, "This server asks for no password.")
    wait = doors.throttle.wait_s(client, given.user)
    if wait > 0:
        after = math.ceil(wait)
        raise Trouble(
            429,
            f"Too many wrong tries: wait {after} s.",
            headers={"Retry-After": str(after)},
        )
    user = doors.sign_in(given.user, given.password)
    if user is None:
        doors.throttle.failed(client, given.user)
        # what was typed as a name may be a password: it is not logged
        named = given.user if given.user in desk.config.users else "unknown"
        desk.note(named, client, "sign-in refused")
        raise Trouble(401, "Name or password is wrong.")
    doors.throttle.succeeded(client, given.user)
    visitor = doors.admit(user, response)
    desk.note(user, client, "sign-in")
    assert USER_NAME.fullmatch(user)
    return _answer(desk, doors, user, visitor)


@router.delete("")
def sign_out(
    request: Request,
    response: Response,
    desk: TheDesk,
    doors: TheDoors,
    client: Client,
) -> Done:
    """End the session."""
    user = doors.user(request)
    doors.sign_out(request, response)
    if user is not None:
        desk.note(user, client, "sign-out")
    return Done()


def _answer(
    desk: TheDesk, doors: TheDoors, user: str | None, visitor: str
) -> SessionAnswer:
    from dmopt import __version__

    return SessionAnswer(
        user=user or "",
        csrf=doors.csrf(visitor),
        signed_in=user is not None,
        needs_password=desk.config.needs_password,
        version=__version__,
    )
