"""What routes share: who asks, the desk, problems as answers, packed JSON."""

import gzip
import hashlib
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi import Path as InPath

from dmopt.web.answers import Problem
from dmopt.web.desk import Desk
from dmopt.web.doors import Doors
from dmopt.web.store import Row


class Trouble(Exception):
    """A request cannot be met: status, one sentence, faults, more headers."""

    def __init__(
        self,
        status: int,
        error: str,
        faults: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(error)
        self.status, self.error = status, error
        self.faults, self.headers = faults or [], headers or {}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The request cannot be read"},
    401: {"model": Problem, "description": "Sign in first"},
    403: {"model": Problem, "description": "Not asked by the page itself"},
    404: {"model": Problem, "description": "Nothing there, or not yours"},
    409: {"model": Problem, "description": "Not possible now"},
    413: {"model": Problem, "description": "Too large"},
    422: {"model": Problem, "description": "Faults in what was given, all of them"},
    429: {"model": Problem, "description": "Too many at once"},
}
"""Answers that every route may give besides its own."""


def the_desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def the_doors(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


TheDesk = Annotated[Desk, Depends(the_desk)]
TheDoors = Annotated[Doors, Depends(the_doors)]


def signed_in(request: Request, doors: TheDoors) -> str:
    user = doors.user(request)
    if user is None:
        raise Trouble(401, "Sign in first.")
    return user


User = Annotated[str, Depends(signed_in)]


def client_of(request: Request) -> str:
    """Address of who asks; behind a trusted proxy, what it says."""
    return request.client.host if request.client else "unknown"


Client = Annotated[str, Depends(client_of)]


def own_scenario(
    id: Annotated[str, InPath(max_length=80)], desk: TheDesk, user: User
) -> Row:
    row = desk.store.scenario(id, user)
    if row is None:
        raise Trouble(404, "There is no such scenario.")
    return row


def visible_instance(
    id: Annotated[str, InPath(max_length=80)], desk: TheDesk, user: User
) -> Row:
    row = desk.library.find(id, user)
    if row is None:
        raise Trouble(404, "There is no such instance.")
    return row


Scenario = Annotated[Row, Depends(own_scenario)]
Seen = Annotated[Row, Depends(visible_instance)]


def period_place(desk: Desk, row: Row, period: str | None) -> int:
    """Place of a period in those of a scenario's instance; None: the last."""
    about = desk.library.read_json(row["instance"], "facts.json.gz")
    periods = [each["id"] for each in about["periods"]]
    if period is None:
        return len(periods) - 1
    if period not in periods:
        raise Trouble(404, "There is no such period.")
    return periods.index(period)


def packed_json(request: Request, packed: bytes) -> Response:
    """JSON that is packed already; the browser keeps it and asks if it changed."""
    etag = f'"{hashlib.sha256(packed).hexdigest()[:24]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(packed, media_type="application/json", headers=headers)
    return Response(
        gzip.decompress(packed), media_type="application/json", headers=headers
    )
