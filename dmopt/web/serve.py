"""Run a server until it is stopped."""

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import uvicorn

from dmopt.web.app import create_app
from dmopt.web.config import Config, Refused, refuse_if_open

END_S = 1
"""Time that open connections get at the end."""
KEEP_ALIVE_S = 30
MOST_CONNECTIONS = 500
MOST_HEADER = 32_768


def serve(
    config: Config, instances: Sequence[Path], ready: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C or a signal to end.

    ready: told the address once it listens. Raises Refused where it may not start so,
    InstanceError for faults in an instance, OSError where the port is taken.
    """
    refuse_if_open(config)
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(config.data), _socket(config) as listening:
        app = create_app(config)
        desk = app.state.desk
        for path in instances:
            desk.library.add_given(path)
        port = listening.getsockname()[1]
        ready(_address(config, port))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=bool(config.proxies),
                forwarded_allow_ips=list(config.proxies),
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=END_S,
                limit_concurrency=MOST_CONNECTIONS,
                h11_max_incomplete_event_size=MOST_HEADER,
                ws="none",
                lifespan="on",
            )
        )
        with suppress(KeyboardInterrupt):  # the way it is meant to end
            server.run(sockets=[listening])


def _address(config: Config, port: int) -> str:
    if config.names:
        scheme = "https" if config.behind_tls else "http"
        return f"{scheme}://{config.names[0]}/ (here: port {port})"
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{port}/"


@contextmanager
def _socket(config: Config) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.create_server((config.host, config.port), family=family)
    try:
        yield listening
    finally:
        listening.close()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One server for a data folder: two would call each other's solves interrupted.
    The system gives the lock up when the process ends, however it ends."""
    with (data / "lock").open("a+") as file:
        if not _locked(file):
            raise Refused(
                f"another dmopt serve uses {data}: stop it, or name another folder "
                "with --data"
            )
        yield


def _locked(file: IO[str]) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
