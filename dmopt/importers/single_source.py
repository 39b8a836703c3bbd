"""Single-source capacitated facility location, in its common format.

    m n
    capacity fixed_cost                       for each of m sites
    demand                                    for each of n customers
    cost_1 .. cost_n                          for each of m sites
    optimum                                   may be left out

cost_j is the cost of serving all of customer j from the site; each customer is served
by one site. Numbers may be broken into lines anywhere; only where the matrix stands
as n lines of m numbers is it read as one line for each customer.
Format: Guastaroba and Speranza (2014), EJOR 238, 438-450, for the sets of Holmberg,
Ronnqvist and Yuan (1999) and OR-Library.
"""

from pathlib import Path

import numpy as np

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.importers.location import location_instance
from dmopt.importers.numbers import Numbers, read_numbers


def read_single_source(path: str | Path) -> Instance:
    """A single-source file as an instance; its cost is the published one.

    Raises InstanceError for a file that does not follow the format.
    """
    path = Path(path)
    numbers = read_numbers(path)
    m = numbers.take_whole("the number of sites")
    n = numbers.take_whole("the number of customers")
    sites = numbers.take(2 * m, "capacities and fixed costs")
    capacity, fixed_cost = sites.reshape(m, 2).T
    first = numbers.at
    demand = numbers.take(n, "demands")
    if empty := np.flatnonzero(demand == 0).tolist():
        faults = [numbers.fault(first + j, "a demand above 0") for j in empty]
        raise InstanceError(faults)
    cost = _matrix(numbers, m, n)
    text = f"Single-source location, {m} sites, {n} customers."
    if numbers.left:
        text += f" Optimum given in the file: {numbers.take(1, 'the optimum')[0]:.12g}."
    numbers.finish()
    settings = {"name": path.name.split(".")[0], "description": text}
    rule = {"id": "one-source", "rule": "single_sourcing", "parameters": ""}
    return location_instance(settings, fixed_cost, capacity, demand, cost, [rule])


def _matrix(numbers: Numbers, m: int, n: int) -> np.ndarray:
    """Costs (m, n), whichever way the file writes them."""
    first = numbers.at
    cost = numbers.take(m * n, "costs")
    lines, length = np.unique(numbers.line[first : numbers.at], return_counts=True)
    if m != n and len(lines) == n and (length == m).all():
        return cost.reshape(n, m).T
    return cost.reshape(m, n)
