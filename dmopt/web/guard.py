"""What holds for every request and every answer, before any route sees it.

host names that are expected, nothing from other sites, bodies of a sensible size,
a CSRF token on all that changes something, headers that allow the page nothing but
its own scripts
"""

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dmopt.web.config import Config
from dmopt.web.doors import Doors

READS = ("GET", "HEAD", "OPTIONS")
MOST_JSON = 2_000_000
"""Bytes of a body that is not an upload."""
UPLOADS = "/api/instances"
MULTIPART_EXTRA = 100_000
"""Bytes around the file in an upload."""
LONGEST_PATH, MOST_HEADER_BYTES = 2_000, 16_000

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Robots-Tag": "noindex",
}


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, config: Config, doors: Doors) -> None:
        self._app, self._config, self._doors = app, config, doors
        self._most_upload = int(config.limits.upload_mb * 1_000_000) + MULTIPART_EXTRA

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # no web sockets here
        if self._config.behind_tls:
            scope["scheme"] = "https"
        most = self._most(scope)
        problem = self._problem(scope, most)
        guarded = self._headed(scope, send)
        if problem is not None:
            await _refuse(guarded, *problem)
            return
        await self._app(scope, _measured(receive, most, self._too_large(most)), guarded)

    def _problem(self, scope: Scope, most: int) -> tuple[int, str] | None:
        """Why a request is not taken: status and sentence."""
        headers, connection = Headers(scope=scope), HTTPConnection(scope)
        if sum(len(k) + len(v) for k, v in headers.raw) > MOST_HEADER_BYTES:
            return 431, "The headers of the request are too long."
        if len(scope["path"]) > LONGEST_PATH or len(scope["query_string"]) > 4_000:
            return 414, "The address is too long."
        if not self._host_fits(headers.getlist("host")):
            return 400, "This server does not answer to that host name."
        if not _site_fits(headers, scope["path"]):
            return 403, "Requests from other sites are not taken."
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            return 400, "The length of the body must be a number."
        if int(length) > most:
            return 413, self._too_large(most)
        if scope["method"] in READS or self._doors.has_bearer(connection):
            return None
        if not self._doors.csrf_fits(connection):
            return 403, "Reload the page and try again: its token is missing or old."
        return None

    def _host_fits(self, hosts: Iterable[str]) -> bool:
        found = list(hosts)
        if len(found) != 1 or "@" in found[0]:
            return False
        try:
            name = urlsplit(f"//{found[0]}").hostname
            urlsplit(f"//{found[0]}").port  # noqa: B018 - raises where it is none
        except ValueError:
            return False
        allowed = self._config.allowed_names
        return bool(name) and (allowed is None or name in allowed)

    def _most(self, scope: Scope) -> int:
        """Bytes that a body may have: an upload's only of those who may upload."""
        if scope["path"] != UPLOADS or scope["method"] != "POST":
            return MOST_JSON
        known = self._doors.user(HTTPConnection(scope)) is not None
        return self._most_upload if known else MOST_JSON

    def _too_large(self, most: int) -> str:
        if most == self._most_upload:
            return f"A file may have {self._config.limits.upload_mb:,.0f} MB at most."
        return "The request is too large."

    def _headed(self, scope: Scope, send: Send) -> Send:
        """Answers with the headers above; those of the API are not kept by browsers
        unless they say so themselves."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self._config.behind_tls:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        return headed


def _measured(receive: Receive, most: int, too_large: str) -> Receive:
    """The body, cut off when it grows larger than allowed."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, too_large)
        return message

    return counted


def _site_fits(headers: Headers, path: str) -> bool:
    """Whether a browser says that the page of this server asks. Old browsers and
    programs say nothing; others may follow a link to the page itself."""
    origin = headers.get("origin")
    if origin is not None:
        try:
            own = urlsplit(origin).netloc.lower() == headers["host"].lower()
        except ValueError:
            return False
        if not own:
            return False
    site = headers.get("sec-fetch-site", "none")
    if site in ("same-origin", "none"):
        return True
    return path == "/" and headers.get("sec-fetch-mode") == "navigate"


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"error": sentence, "faults": []}).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
