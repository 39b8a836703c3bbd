"""Servers to test: in this process, and as a user starts one."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient

from dmopt.web.app import create_app
from dmopt.web.config import Config, Limits
from dmopt.web.passwords import hashed, token_hash

ROOT = Path(__file__).parents[2]
INSTANCES = ROOT / "instances"
TOWNS, TOWN = INSTANCES / "two-towns", INSTANCES / "rule-town"
ANN, BOB = "correct horse battery", "staple of the bakery"
TOKEN = "a-token-for-programs-0123456789"


def users() -> dict[str, str]:
    return {"ann": hashed(ANN), "bob": hashed(BOB)}


def private(data: Path, **limits: Any) -> Config:
    """A server for this machine alone."""
    return Config(data=data, limits=Limits(spare=False, **limits))


def shared(data: Path, **more: Any) -> Config:
    """A server with users and a token."""
    limits = Limits(spare=False)
    given = {"users": users(), "token": token_hash(TOKEN), "limits": limits}
    return Config(data=data, **(given | more))


class Page:
    """A browser's tab: a cookie, and the token on all that changes something."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.about = self.get("/api/session").json()

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def send(self, method: str, path: str, **more: Any) -> Any:
        headers = {"X-CSRF-Token": self.about["csrf"], **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.send("POST", path, **more)

    def sign_in(self, user: str, password: str) -> Any:
        given = {"user": user, "password": password}
        answer = self.post("/api/session", json=given)
        if answer.status_code == 200:
            self.about = answer.json()
        return answer

    @property
    def instance(self) -> str:
        return str(self.get("/api/instances").json()[0]["id"])

    def plan(self, wish: Mapping[str, Any] | None = None, **more: Any) -> Any:
        given = {
            "instance": more.pop("instance", None) or self.instance,
            "name": "a plan",
            "wish": wish or {},
            "time_limit_s": 20,
            **more,
        }
        return self.post("/api/scenarios", json=given)

    def ended(self, id: str, seconds: float = 90) -> dict[str, Any]:
        """A scenario once it has ended."""
        return self.until(
            f"/api/scenarios/{id}",
            lambda found: found["state"] not in ("waiting", "running"),
            seconds,
        )

    def until(self, path: str, is_so: Any, seconds: float = 90) -> dict[str, Any]:
        """What a path answers once it is so."""
        end = time.monotonic() + seconds
        while True:
            found: dict[str, Any] = self.get(path).json()
            if is_so(found):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.1)

    def upload(self, name: str, content: bytes, **more: Any) -> Any:
        return self.post("/api/instances", files={"file": (name, content)}, **more)


class Here:
    """A server in this process."""

    def __init__(self, config: Config, *instances: Path) -> None:
        self.app = create_app(config)
        self.desk = self.app.state.desk
        for path in instances:
            self.desk.library.add_given(path)
        self.base = f"http{'s' if config.behind_tls else ''}://127.0.0.1"

    def client(self, **more: Any) -> TestClient:
        return TestClient(
            self.app, base_url=self.base, raise_server_exceptions=False, **more
        )

    def page(self) -> Page:
        return Page(self.client())

    def planned(
        self, page: Page, wish: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A scenario with its plan and its run, its child ended.

        Files for people (maps, workbook, report), which take it longer than a small
        plan, are not waited for: those not there yet are made when asked for.
        """
        found = page.ended(page.plan(wish, **more).json()["id"])
        self.desk.jobs.stop(found["id"])
        return found

    def close(self) -> None:
        self.desk.close()


class Live:
    """A server in a process of its own, as the program starts it."""

    def __init__(self, data: Path, *arguments: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "dmopt", "serve", "--port", "0"),
                *("--data", str(data), *map(str, arguments)),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://[\w.:\[\]]+/", line)
        if not found:
            _, error = self.process.communicate(timeout=30)
            raise AssertionError(f"{line}{error}")
        self.address = found[0]
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def page(self) -> Page:
        return Page(httpx.Client(base_url=self.address, timeout=60))

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
