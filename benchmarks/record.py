"""One CSV row per run, with what is needed to run it again."""

import csv
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("highspy", "linopy", "numpy", "pyomo", "scipy")


def record(benchmark: str, row: Mapping[str, Any]) -> Path:
    """Append a row to results/BENCHMARK.csv, with time, machine and versions. A file
    that has other columns is kept under another name."""
    path = RESULTS / f"{benchmark}.csv"
    path.parent.mkdir(exist_ok=True)
    whole = {"utc": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **row, **setting()}
    if path.exists() and _columns(path) != list(whole):
        path.rename(
            path.with_stem(f"{benchmark}-before-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        )
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(whole))
        if new:
            writer.writeheader()
        writer.writerow(whole)
    return path


def _columns(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return next(csv.reader(file), [])


def setting() -> dict[str, str]:
    """Python, processor and versions of the packages that matter."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found
