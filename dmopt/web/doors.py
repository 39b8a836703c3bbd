"""Who is asking: sessions by cookie, programs by token, and proof that a page asked.

The cookie holds a random value; what is kept is its hash. The CSRF token is an HMAC of
the cookie's value under the server's own key, so nothing is kept for visitors who are
not signed in. Signing in gives a new value.
"""

import hashlib
import hmac
import os
import re
import secrets
import time
from pathlib import Path
from threading import BoundedSemaphore

from starlette.requests import HTTPConnection
from starlette.responses import Response

from dmopt.web.config import Config
from dmopt.web.passwords import LOCAL, PROGRAM, plain_hash, token_fits, user_of
from dmopt.web.store import Store
from dmopt.web.throttle import Throttle

COOKIE_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
HASHES_AT_ONCE = 2
"""Passwords hashed at once: each takes 16 MB and a core."""


class Doors:
    """Sessions and tokens of one server."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config, self._store = config, store
        self._key = _own_key(config.data / "key")
        self._hashing = BoundedSemaphore(HASHES_AT_ONCE)
        self.throttle = Throttle()

    @property
    def cookie_name(self) -> str:
        return "__Host-dmopt" if self._config.behind_tls else "dmopt"

    def visitor(self, connection: HTTPConnection) -> str | None:
        """The value of the visitor's cookie, where it has the form of one."""
        value = connection.cookies.get(self.cookie_name, "")
        return value if COOKIE_VALUE.fullmatch(value) else None

    def csrf(self, visitor: str) -> str:
        return hmac.new(self._key, visitor.encode(), hashlib.sha256).hexdigest()

    def csrf_fits(self, connection: HTTPConnection) -> bool:
        """Whether the request carries the token that its cookie's page was given."""
        visitor = self.visitor(connection)
        given = connection.headers.get("x-csrf-token", "")
        if visitor is None:
            return False
        return hmac.compare_digest(self.csrf(visitor).encode(), given.encode("latin-1"))

    def has_bearer(self, connection: HTTPConnection) -> bool:
        """Whether a program asks, with a token: no cookie counts then."""
        given = connection.headers.get("authorization", "")
        return bool(self._config.token) and given.lower().startswith("bearer ")

    def user(self, connection: HTTPConnection) -> str | None:
        """Who asks; None: nobody who is signed in."""
        if self.has_bearer(connection):
            token = connection.headers["authorization"][len("bearer ") :].strip()
            return PROGRAM if token_fits(token, self._config.token) else None
        if not self._config.needs_password:
            return LOCAL
        visitor = self.visitor(connection)
        if visitor is None:
            return None
        user = self._store.session_user(plain_hash(visitor))
        if user is not None and self._config.users and user not in self._config.users:
            return None  # taken out of the users file since
        return user

    def sign_in(self, name: str, password: str) -> str | None:
        """The user that name and password are of, or None; takes its time."""
        config = self._config
        with self._hashing:
            return user_of(
                name,
                password,
                users=config.users,
                shared=config.password,
                token=config.token,
            )

    def admit(self, user: str, response: Response) -> str:
        """Begin a session; gives the value of its cookie."""
        visitor = new_visitor()
        hours = self._config.limits.session_h
        expires = time.time() + hours * 3600
        self._store.add_session(plain_hash(visitor), user, expires)
        self.set_cookie(visitor, response)
        return visitor

    def set_cookie(self, visitor: str, response: Response) -> None:
        response.set_cookie(
            self.cookie_name,
            visitor,
            max_age=int(self._config.limits.session_h * 3600),
            path="/",
            secure=self._config.behind_tls,
            httponly=True,
            samesite="strict",
        )

    def sign_out(self, connection: HTTPConnection, response: Response) -> None:
        visitor = self.visitor(connection)
        if visitor is not None:
            self._store.end_session(plain_hash(visitor))
        response.delete_cookie(
            self.cookie_name,
            path="/",
            secure=self._config.behind_tls,
            httponly=True,
            samesite="strict",
        )


def new_visitor() -> str:
    return secrets.token_urlsafe(32)


def _own_key(path: Path) -> bytes:
    """The server's key, made once and readable by its user only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(32)
        file.write(key)
    return key
