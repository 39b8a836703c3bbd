"""Where published instances lie, if they do: they are not part of the repository.

Set DMOPT_SHARED_DATA to a folder that has orlib_cap/ and orlib_pmed/ in it, each with
instances/ and optima.csv (benchmarks/README.md).
"""

import csv
import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get("DMOPT_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")
)

needs_published_files = pytest.mark.skipif(
    not (SHARED / "orlib_cap").is_dir() or not (SHARED / "orlib_pmed").is_dir(),
    reason="published instances are not here; set DMOPT_SHARED_DATA to their folder",
)


def file_of(family: str, name: str) -> Path:
    """Path of an instance of "orlib_cap" or "orlib_pmed"."""
    found = sorted((SHARED / family / "instances").glob(f"{name}.txt*"))
    return found[0]


def optimum(family: str, name: str) -> float:
    """Published optimum of an instance."""
    with (SHARED / family / "optima.csv").open(newline="") as file:
        rows = {row["instance"]: row for row in csv.DictReader(file)}
    return float(rows[name]["optimum_listed"])
