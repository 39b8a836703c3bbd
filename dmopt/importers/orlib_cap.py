"""OR-Library capacitated warehouse location: cap41 .. cap134, capa, capb, capc.

    m n
    capacity fixed_cost                       for each of m warehouses
    demand cost_1 .. cost_m                   for each of n customers

cost_i is the cost of serving all of the customer's demand from warehouse i; demand
may be split. In capa, capb, capc the word `capacity` stands for a number that the
user gives. Source: Beasley (1988), EJOR 33, 314-325.
"""

from pathlib import Path

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import Fault, InstanceError
from dmopt.importers.location import location_instance
from dmopt.importers.numbers import Numbers, read_numbers

SOURCE = "OR-Library, Beasley (1988), EJOR 33, 314-325"
OPEN_CAPACITY = -1.0
"""Stands for the word `capacity` until it is replaced: no capacity is negative."""


def read_orlib_cap(
    path: str | Path, capacity: float | None = None, uncapacitated: bool = False
) -> Instance:
    """A warehouse location file as an instance; its cost is the published one.

    capacity: number for the word `capacity`, units. uncapacitated: no capacities.
    Raises InstanceError for a file that does not follow the format.
    """
    path = Path(path)
    numbers = read_numbers(path, words={"capacity": OPEN_CAPACITY})
    m = numbers.take_whole("the number of warehouses")
    n = numbers.take_whole("the number of customers")
    first = numbers.at
    sites = numbers.take(2 * m, "capacities and fixed costs", OPEN_CAPACITY)
    limit, fixed_cost = sites.reshape(m, 2).T
    limit = _limits(numbers, first, limit, capacity, uncapacitated)
    rows = numbers.take(n * (m + 1), "demands and costs").reshape(n, m + 1)
    numbers.finish()
    demand, cost = rows[:, 0], rows[:, 1:].T
    if empty := np.flatnonzero(demand == 0).tolist():
        where = [first + 2 * m + j * (m + 1) for j in empty]
        raise InstanceError([numbers.fault(k, "a demand above 0") for k in where])
    settings = {
        "name": _name(path, capacity, uncapacitated),
        "description": f"Warehouse location, {m} warehouses, {n} customers.",
        "source": SOURCE,
    }
    return location_instance(settings, fixed_cost, limit, demand, cost, rules=[])


def _limits(
    numbers: Numbers,
    first: int,
    limit: np.ndarray,
    capacity: float | None,
    uncapacitated: bool,
) -> np.ndarray:
    """Capacities with the word replaced, (m,); inf where there is none."""
    left_open = limit == OPEN_CAPACITY
    if uncapacitated:
        return np.full(len(limit), np.inf)
    if capacity is None and left_open.any():
        line = int(numbers.line[first + 2 * int(np.argmax(left_open))])
        raise InstanceError(
            [
                Fault(
                    numbers.place,
                    line,
                    read="'capacity'",
                    expected="a number to stand for it",
                    hint="give one, as --capacity 8000, or --capacity uncapacitated",
                )
            ]
        )
    if capacity is not None and not left_open.any():
        fault = Fault(
            numbers.place,
            read=f"capacity {capacity:g}",
            expected="none: this file has its own capacities",
        )
        raise InstanceError([fault])
    return np.where(left_open, np.nan if capacity is None else capacity, limit)


def _name(path: Path, capacity: float | None, uncapacitated: bool) -> str:
    stem = path.name.split(".")[0]
    if uncapacitated:
        return f"{stem}-uncapacitated"
    return stem if capacity is None else f"{stem}-{capacity:g}"
