"""The application: routes behind the guard, and every error as one kind of answer."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from dmopt.data.rows import ascii_safe, show
from dmopt.web.config import Config
from dmopt.web.desk import Desk, Full
from dmopt.web.doors import Doors
from dmopt.web.guard import Guard
from dmopt.web.jobs import TooMany
from dmopt.web.routes import files, instances, page, questions, scenarios, session
from dmopt.web.routes.common import Trouble

WORDS = {
    400: "The request cannot be read.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    413: "The request is too large.",
}
FAULT = "A fault of the program stopped this; the server's log says more."


def create_app(config: Config) -> FastAPI:
    """The application of a server; ready to serve, and closed by its lifespan."""
    desk = Desk(config)
    doors = Doors(config, desk.store)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        desk.jobs.children.warm_up()
        Thread(target=page.pack_all, daemon=True).start()
        yield
        desk.close()

    app = FastAPI(
        title="dmopt what-if",
        version="1",
        description="The API behind the what-if page. Changes need the header "
        "X-CSRF-Token with the token of GET /api/session, or a bearer token.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.desk, app.state.doors, app.state.streams = desk, doors, {}
    for each in (session, instances, scenarios, questions, files, page):
        app.include_router(each.router)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Guard, config=config, doors=doors)
    app.add_exception_handler(Trouble, _on_trouble)
    app.add_exception_handler(TooMany, _on_too_many)
    app.add_exception_handler(Full, _on_full)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_fault)
    return app


def _problem(
    status: int,
    error: str,
    faults: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    empty = {"row": None, "column": "", "read": "", "expected": "", "hint": ""}
    content = {"error": error, "faults": [empty | dict(each) for each in faults]}
    return JSONResponse(content, status, headers=dict(headers or {}))


async def _on_trouble(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Trouble)
    return _problem(error.status, error.error, error.faults, error.headers)


async def _on_too_many(request: Request, error: Exception) -> JSONResponse:
    return _problem(429, str(error), headers={"Retry-After": "10"})


async def _on_full(request: Request, error: Exception) -> JSONResponse:
    return _problem(409, str(error))


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    words = WORDS.get(error.status_code, str(error.detail))
    if error.status_code == 413:
        words = str(error.detail)
    return _problem(error.status_code, words, headers=error.headers)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    secret = request.url.path == session.PATH
    faults = [
        {
            "place": ascii_safe(".".join(str(part) for part in each["loc"][:8]))[:200],
            "read": "" if secret else _shown(each.get("input")),
            "expected": ascii_safe(str(each["msg"]))[:300],
        }
        for each in error.errors()[:100]
    ]
    return _problem(422, "The request does not have the form it should.", faults)


def _shown(value: Any) -> str:
    """What was given, where it is short and plain."""
    plain = isinstance(value, bool | int | float)
    return show(value) if plain or (isinstance(value, str) and len(value) <= 40) else ""


async def _on_fault(request: Request, error: Exception) -> JSONResponse:
    return _problem(500, FAULT)
