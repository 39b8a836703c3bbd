"""The program as a user runs it, and a small instance to run it on."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from typer.testing import CliRunner, Result

from dmopt.cli.app import app
from dmopt.data.instance import Instance
from dmopt.importers.location import location_instance

ROOT = Path(__file__).parents[2]


def dmopt(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


def start(*arguments: object, folder: Path) -> subprocess.Popen[str]:
    """Start the program in a process of its own, in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "dmopt", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def two_bakeries(
    name: str = "two bakeries", rules=(), capacity: float = 10
) -> Instance:
    """Two sites, three zones of 5, 3 and 2 units.

    One site costs 40 a year and serves for 10 + 6 + 30, the other 50 and 25 + 9 + 4.
    With room for all at each: the first alone 86, the second alone 88, both 110.
    """
    return location_instance(
        {"name": name},
        fixed_cost=np.array([40.0, 50.0]),
        capacity=np.array([capacity, capacity]),
        demand=np.array([5.0, 3.0, 2.0]),
        cost=np.array([[10.0, 6.0, 30.0], [25.0, 9.0, 4.0]]),
        rules=list(rules),
    )


def hard_town(m: int, n: int, least: float, most: float) -> Instance:
    """Single sourcing under tight capacity, of `least` to `most` of all demand at each
    site: plans come fast, a proof does not."""
    rng = np.random.default_rng(4)
    demand = rng.integers(5, 50, n).astype(float)
    site, zone = rng.uniform(0, 100, (m, 2)), rng.uniform(0, 100, (n, 2))
    km = np.hypot(*(site[:, None] - zone[None]).transpose(2, 0, 1))
    return location_instance(
        {"name": "long"},
        fixed_cost=rng.uniform(3000, 9000, m),
        capacity=rng.uniform(least, most, m) * demand.sum(),
        demand=demand,
        cost=km * demand,
        rules=[{"id": "one", "rule": "single_sourcing", "parameters": ""}],
    )
