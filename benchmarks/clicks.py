"""How soon after a click the what-if page has figures, a plan, and the end.

    python benchmarks/clicks.py [--limit 10] [instances/west-midlands]

Starts a server of its own and plans the instance as it is; then site after site is
shut, each from the plan before, and a price and a rule are changed. Seconds from the
request to

    bound_s    a lower bound of the changed instance
    plan_s     figures and map of a verified plan of it, fetched
    end_s      the scenario has ended, all kept
    figures_s  figures and map of the last plan, fetched

and what they say: gap then, gap at the end.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from record import record
from serve import start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).parents[1] / "instances" / "west-midlands"
    parser.add_argument("instance", type=Path, nargs="?", default=default)
    parser.add_argument("--limit", type=float, default=10.0)
    parser.add_argument("--first", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.01)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        server, address = start(given, data)
        try:
            with httpx.Client(base_url=address, timeout=120) as client:
                page = Page(client, given.gap)
                for name, row in measured(page, given):
                    row = {"instance": given.instance.name, "click": name, **row}
                    print("  ".join(f"{k} {v}" for k, v in row.items()), flush=True)
                    record("clicks", row)
        finally:
            server.terminate()
            server.wait(30)


def measured(page: "Page", given: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    base, row = page.click({}, given.first)
    yield "as given", row
    sites = list(base["sites_open"])[:3]
    shut: dict[str, str] = {}
    for site in sites:
        shut = {**shut, site: "shut"}
        _, row = page.click({"sites": shut}, given.limit)
        yield f"{len(shut)} shut", row
    _, row = page.click({"sites": dict.fromkeys(sites[:1], "shut")}, given.limit)
    yield "1 shut again", row
    for name, wish in {
        "transport": {"knobs": {"transport_price": 1.2}},
        "demand": {"knobs": {"demand": 1.1}},
        "demand and a site": {"knobs": {"demand": 1.1}, "sites": {sites[0]: "shut"}},
    }.items():
        _, row = page.click(wish, given.limit)
        yield name, row


class Page:
    """What a browser does from the click to the picture."""

    def __init__(self, client: httpx.Client, gap: float) -> None:
        self._client, self._gap = client, gap
        self._token = client.get("/api/session").json()["csrf"]
        self._instance = client.get("/api/instances").json()[0]["id"]
        self._before: str | None = None

    def click(self, wish: Any, limit: float) -> tuple[Any, dict[str, Any]]:
        """The scenario that a wish ends as, and a row of times."""
        begin = time.perf_counter()
        given = {"instance": self._instance, "name": "a click", "wish": wish}
        given |= {"gap": self._gap, "time_limit_s": limit}
        if self._before:
            given["start_from"] = self._before
        answer = self._client.post(
            "/api/scenarios", json=given, headers={"X-CSRF-Token": self._token}
        )
        answer.raise_for_status()
        id = str(answer.json()["id"])
        row: dict[str, Any] = {"bound_s": None, "plan_s": None, "gap_then": None}
        for name, event in self._events(id):
            seconds = round(time.perf_counter() - begin, 2)
            if event.get("bound") is not None and row["bound_s"] is None:
                row["bound_s"] = seconds
            if name == "plan" and row["plan_s"] is None:
                shown = self._look(id)
                row["plan_s"] = round(time.perf_counter() - begin, 2)
                row["gap_then"] = shown["gap"] and round(shown["gap"], 4)
        row["end_s"] = round(time.perf_counter() - begin, 2)
        found = self._look(id)
        row["figures_s"] = round(time.perf_counter() - begin, 2)
        row |= {"gap": found["gap"] and round(found["gap"], 4), "state": found["state"]}
        self._before = id if found["verified"] else self._before
        return found, row

    def _look(self, id: str) -> Any:
        found = self._client.get(f"/api/scenarios/{id}").json()
        if found["verified"]:
            self._client.get(f"/api/scenarios/{id}/map").raise_for_status()
        return found

    def _events(self, id: str) -> Iterator[tuple[str, Any]]:
        with self._client.stream("GET", f"/api/scenarios/{id}/events") as answer:
            name = ""
            for line in answer.iter_lines():
                kind, _, text = line.partition(": ")
                if kind == "event":
                    name = text
                elif kind == "data":
                    yield name, json.loads(text)


if __name__ == "__main__":
    main()
