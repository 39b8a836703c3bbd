"""Twenty people browse while two solves run: how long do their requests take?

    python benchmarks/serve.py [--users 20] [--seconds 60] [instances/west-midlands]

Starts a server of its own, plans the instance twice with a gap of nothing so that both
solves last, and has each user open the page, the map, the rules, the history and a
scenario, over and over, a short while apart. Prints and records the times by kind of
request; the aim is 95 % under 200 ms.
"""

import argparse
import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from record import record

AIM_MS = 200.0
PAUSE_S = (0.2, 1.5)
"""Time that a user looks at an answer."""


class Browser:
    """One user: a client that keeps its cookie and what it has been sent."""

    def __init__(self, address: str, times: dict[str, list[float]], seed: int) -> None:
        self._client = httpx.AsyncClient(base_url=address, timeout=60)
        self._times, self._random = times, random.Random(seed)
        self._etags: dict[str, str] = {}

    async def get(self, kind: str, path: str) -> httpx.Response:
        headers = {}
        if path in self._etags:
            headers["If-None-Match"] = self._etags[path]
        begin = time.perf_counter()
        answer = await self._client.get(path, headers=headers)
        self._times[kind].append(1000 * (time.perf_counter() - begin))
        if answer.status_code >= 400:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text[:200]}")
        if "etag" in answer.headers:
            self._etags[path] = answer.headers["etag"]
        return answer

    async def browse(self, instance: str, scenarios: list[str], until: float) -> None:
        """Open the page, then look around until the time is over."""
        await self.get("page", "/api/session")
        await self.get("page", "/vendor/maplibre-gl.js")
        choices = [
            ("instance", f"/api/instances/{instance}"),
            ("rules", f"/api/instances/{instance}/rules?model=distributed"),
            ("map", f"/api/instances/{instance}/map"),
            ("history", f"/api/scenarios?instance={instance}"),
            *(("scenario", f"/api/scenarios/{id}") for id in scenarios),
        ]
        while time.monotonic() < until:
            await asyncio.sleep(self._random.uniform(*PAUSE_S))
            await self.get(*self._random.choice(choices))
        await self._client.aclose()


def start(given: argparse.Namespace, data: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "dmopt", "serve", str(given.instance)]
    command += ["--port", "0", "--data", data]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    found = re.search(r"http://\S+/", server.stdout.readline())
    if found is None:
        raise SystemExit("the server did not start")
    return server, found[0]


def begin_solves(client: httpx.Client, instance: str, seconds: float) -> list[str]:
    """Two solves that last as long as the browsing."""
    token = {"X-CSRF-Token": client.get("/api/session").json()["csrf"]}
    wish = {"instance": instance, "gap": 0, "time_limit_s": seconds + 30}
    ids = []
    for name in ("first", "second"):
        answer = client.post(
            "/api/scenarios", headers=token, json=wish | {"name": name}
        )
        answer.raise_for_status()
        ids.append(str(answer.json()["id"]))
    while any(not client.get(f"/api/scenarios/{id}").json()["progress"] for id in ids):
        time.sleep(0.5)
    return ids


async def browse(
    given: argparse.Namespace, address: str, instance: str, ids: list[str]
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + given.seconds
    users = [Browser(address, times, seed) for seed in range(given.users)]
    await asyncio.gather(*(each.browse(instance, ids, until) for each in users))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).parents[1] / "instances" / "west-midlands"
    parser.add_argument("instance", type=Path, nargs="?", default=default)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        server, address = start(given, data)
        try:
            with httpx.Client(base_url=address, timeout=60) as client:
                instance = client.get("/api/instances").json()[0]["id"]
                ids = begin_solves(client, instance, given.seconds)
                times = asyncio.run(browse(given, address, instance, ids))
                states = [client.get(f"/api/scenarios/{i}").json() for i in ids]
        finally:
            server.terminate()
            server.wait(30)
    report(given, times, [str(each["state"]) for each in states])


def report(
    given: argparse.Namespace, times: dict[str, list[float]], states: list[str]
) -> None:
    """A line for each kind of request, and one for all."""
    everything = [ms for each in times.values() for ms in each]
    for kind, each in [*sorted(times.items()), ("all", everything)]:
        middle, most, worst = np.percentile(each, [50, 95, 100])
        under = np.mean(np.array(each) < AIM_MS)
        row: dict[str, Any] = {
            "instance": given.instance.name,
            "users": given.users,
            "kind": kind,
            "requests": len(each),
            "median_ms": round(middle, 1),
            "p95_ms": round(most, 1),
            "worst_ms": round(worst, 1),
            "under_aim": round(float(under), 4),
            "solves": " ".join(states),
        }
        record("serve", row)
        print(
            f"{kind:<10}{len(each):6d} requests  median {middle:6.1f} ms  "
            f"95 % {most:6.1f} ms  worst {worst:7.1f} ms  under 200 ms {under:.1%}"
        )


if __name__ == "__main__":
    main()
