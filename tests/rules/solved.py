"""Instances solved to the end, on the path a test asks for."""

from functools import lru_cache

from dmopt.data.instance import Instance
from dmopt.solving.result import Result
from dmopt.solving.run import solve
from tests.rules.admits import Same


def solved(instance: Instance, path: str = "exact") -> Result:
    return _solved(Same(instance), path)


@lru_cache(maxsize=50)
def _solved(same: Same, path: str) -> Result:
    return solve(same.instance, path=path, gap=0)


def cost(instance: Instance, path: str = "exact") -> float | None:
    """Cost of the best plan; None: there is none."""
    return solved(instance, path).cost
