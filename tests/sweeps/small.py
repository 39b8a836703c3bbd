"""Sweeps of the line (tests/line.py), small enough to be run in a moment.

With transport at t times today's price and all met at least cost:

    w alone   70 + 40 t        both   140        so both from t = 1.75 on
"""

import os
import time
from pathlib import Path

import pytest

from dmopt.sweeps.member import Member

COSTS = {0.5: 90.0, 1.0: 110.0, 1.5: 130.0, 2.0: 140.0}
"""Least cost by price of transport, times today's."""
CLASH = ["many: site_count least=2; where=all", "few: site_count most=1; where=all"]
"""Rules that leave no plan."""


def priced(*prices: float) -> list[Member]:
    """A member for each price of transport, named p0, p1 ..."""
    return [
        Member.model_validate(
            {"name": f"p{n}", "wish": {"knobs": {"transport_price": price}}, "gap": 0}
        )
        for n, price in enumerate(prices)
    ]


def clashing(name: str = "clash") -> Member:
    return Member.model_validate({"name": name, "wish": {"rules": {"add": CLASH}}})


def stamps(folder: Path) -> dict[str, int]:
    """Member -> when its run was written, of all that are complete."""
    found = [
        *folder.glob("members/*/plan.json"),
        *folder.glob("members/*/failure.json"),
    ]
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


def wait_until(holds, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.01)


def workers_of(folder: Path, parent: int | None = None) -> list[int]:
    """Processes that work for the sweep in a folder; only children of `parent`."""
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("the system does not list processes under /proc")
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            status = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        is_worker = b"dmopt.sweeps.work" in words and os.fsencode(folder) in words
        if is_worker and status[0] != "Z" and parent in (None, int(status[1])):
            found.append(int(entry.name))
    return found
