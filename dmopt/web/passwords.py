"""Passwords and tokens: hashed, and compared in constant time.

A line of a users file is NAME:scrypt$N$R$P$SALT$HASH, salt and hash in base64. An
unknown user costs as much time as a known one with a wrong password.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from dmopt.web.config import LEAST_PASSWORD, LEAST_TOKEN, Refused

N, R, P = 2**14, 8, 1
"""Cost of scrypt: 16 MB and about 50 ms."""
MOST_MEMORY = 64 * 1024 * 1024
USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
SHARED, LOCAL, PROGRAM = "shared", "local", "token"
"""Names of users that are not in a users file."""


def is_user_name(name: str) -> bool:
    """Whether a user of a users file may be called so."""
    fits = USER_NAME.fullmatch(name) is not None
    return fits and name not in (SHARED, LOCAL, PROGRAM)


def hashed(password: str) -> str:
    """A password as it is kept. Raises Refused where it is too short."""
    if len(password) < LEAST_PASSWORD:
        raise Refused(f"a password has at least {LEAST_PASSWORD} characters")
    salt = secrets.token_bytes(16)
    return "$".join(
        ["scrypt", str(N), str(R), str(P), _text(salt), _text(_scrypt(password, salt))]
    )


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed."""
    _, n, r, p, salt, wanted = kept.split("$")
    try:
        found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    except ValueError:
        return False
    return hmac.compare_digest(found, base64.b64decode(wanted))


def _scrypt(password: str, salt: bytes, n: int = N, r: int = R, p: int = P) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


NOBODY = "$".join(["scrypt", str(N), str(R), str(P), _text(b"-" * 16), _text(b"-")])
"""What the password of an unknown user is compared with; none fits it."""


def token_hash(token: str) -> str:
    """A token as it is kept: it is long and random, so one SHA-256 will do.
    Raises Refused where it is too short."""
    if len(token) < LEAST_TOKEN:
        raise Refused(f"a token has at least {LEAST_TOKEN} characters")
    return plain_hash(token)


def plain_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def token_fits(token: str, kept: str) -> bool:
    """Whether a token is the one kept ("" fits none)."""
    return bool(kept) and hmac.compare_digest(plain_hash(token), kept)


def user_of(
    name: str, password: str, *, users: Mapping[str, str], shared: str, token: str
) -> str | None:
    """The user that a name and password are of, or None.

    users: name -> hash. shared: hash of the password for all. token: hash of the
    token, which also signs people in. Always takes the time of one hash.
    """
    if users:
        kept = users.get(name, NOBODY)
        return name if fits(password, kept) and name in users else None
    if token_fits(password, token):
        return PROGRAM if not shared else SHARED
    return SHARED if fits(password, shared or NOBODY) else None


def read_users(path: Path) -> dict[str, str]:
    """Name -> hash, of a users file. Raises Refused naming every line that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: cannot be read ({error})") from None
    users: dict[str, str] = {}
    wrong = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, kept = line.strip().partition(":")
        if not is_user_name(name) or name in users or not _is_hash(kept):
            wrong.append(str(number))
        users[name] = kept
    if wrong:
        raise Refused(
            f"{path}, line {', '.join(wrong)}: expected NAME:HASH, each name once and "
            f"none of {SHARED}, {LOCAL}, {PROGRAM}, as dmopt serve --hash-password "
            "writes it"
        )
    if not users:
        raise Refused(f"{path}: no user in it")
    return users


def _is_hash(kept: str) -> bool:
    parts = kept.split("$")
    if len(parts) != 6 or parts[0] != "scrypt":
        return False
    try:
        n, r, p = map(int, parts[1:4])
        sizes = [len(base64.b64decode(part, validate=True)) for part in parts[4:]]
    except ValueError:
        return False
    small = n.bit_count() == 1 and 128 * n * r < MOST_MEMORY and 0 < p <= 16
    return small and n >= N and r >= 1 and min(sizes) >= 16


def read_secret(path: Path) -> str:
    """The one line of a password file. Raises Refused where there is none."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: cannot be read ({error})") from None
    return text.removesuffix("\n").removesuffix("\r")
