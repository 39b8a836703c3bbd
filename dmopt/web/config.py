"""How a server is set up: where it listens, who may use it, what each may take."""

import ipaddress
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
LEAST_PASSWORD, LEAST_TOKEN = 10, 20
"""Fewest characters of a password and of a token."""


class Refused(Exception):
    """The server does not start as asked; says why."""


@dataclass(frozen=True)
class Limits:
    """What the server gives away.

    solves: processes at once. waiting, waiting_each: most that wait, in all and of one
    user. time_s: longest solve that may be asked for. grace_s: time after it to write
    what was found. memory_gb: address space of one process. upload_mb: largest
    upload. unpacked_mb: largest upload when unpacked. parse_s: longest time to read
    one. scenarios, instances: most kept for one user. disk_mb: most disk of one user.
    streams: live progress streams of one user. session_h: hours until people sign in
    again. spare: whether a child is kept ready, with its imports done (200 MB). warm:
    most children that keep an instance, at work or not (some 500 MB each); idle_s: time
    after which one that nobody asks ends.
    """

    solves: int = 2
    waiting: int = 20
    waiting_each: int = 4
    time_s: float = 600.0
    grace_s: float = 120.0
    memory_gb: float = 6.0
    upload_mb: float = 50.0
    unpacked_mb: float = 500.0
    parse_s: float = 90.0
    scenarios: int = 200
    instances: int = 20
    disk_mb: float = 4_000.0
    streams: int = 12
    session_h: float = 12.0
    spare: bool = True
    warm: int = 2
    idle_s: float = 900.0


@dataclass(frozen=True)
class Config:
    """One server.

    data: folder of history, plans and log. host, port: where it listens. names: host
    names that requests may carry besides those of the loopback. users: name -> hash
    of the password (passwords.py). password: one for all who share the user "shared",
    hashed. token: of programs, hashed by SHA-256. behind_tls: a proxy in front speaks
    TLS. proxies: addresses whose X-Forwarded headers are believed.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    users: Mapping[str, str] = field(default_factory=dict)
    password: str = ""
    token: str = ""
    behind_tls: bool = False
    proxies: tuple[str, ...] = ()
    limits: Limits = Limits()

    @property
    def is_private(self) -> bool:
        """Whether only this machine can reach it: no proxy, no other name."""
        return is_loopback(self.host) and not (self.names or self.behind_tls)

    @property
    def needs_password(self) -> bool:
        return bool(self.users or self.password or self.token)

    @property
    def allowed_names(self) -> frozenset[str] | None:
        """Host names that requests may carry; None: any (off loopback, where none
        is named, a password is asked for anyway)."""
        if is_loopback(self.host) or self.names:
            return LOOPBACK_NAMES | {name.lower() for name in self.names}
        return None


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is of this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_if_open(config: Config) -> None:
    """Raise Refused where others can reach the server without a password."""
    if not config.is_private and not config.needs_password:
        raise Refused(
            "others can reach this server, so it needs a password: give --users FILE, "
            "--password-file FILE, or DMOPT_PASSWORD or DMOPT_TOKEN in the environment"
        )


def default_data() -> Path:
    """Where history and plans are kept unless told: the user's data folder."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home)) / "dmopt"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "dmopt"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "dmopt"
