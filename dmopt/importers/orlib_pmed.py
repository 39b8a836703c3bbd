"""OR-Library uncapacitated p-median: pmed1 .. pmed40.

    n edges p
    i j length                                for each edge, vertices from 1

Every vertex is a customer (weight 1) and a possible site; p sites open; a customer
costs its shortest way to an open site. Where an edge is listed twice the last one
counts: with the shorter one the published optima do not come out.
Source: Beasley (1985), EJOR 21, 270-273.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError
from dmopt.importers.location import location_instance
from dmopt.importers.numbers import Numbers, read_numbers

SOURCE = "OR-Library, Beasley (1985), EJOR 21, 270-273"


def read_orlib_pmed(path: str | Path) -> Instance:
    """A p-median file as an instance; its cost is the published one.

    Raises InstanceError for a file that does not follow the format.
    """
    path = Path(path)
    numbers = read_numbers(path)
    n = numbers.take_whole("the number of vertices")
    edges = numbers.take_whole("the number of edges", least=0)
    p = numbers.take_whole("the number of sites to open")
    if p > n:
        raise InstanceError([numbers.fault(numbers.at - 1, f"at most {n} sites")])
    way = shortest_ways(n, _edges(numbers, n, edges))
    numbers.finish()
    settings = {
        "name": path.name.split(".")[0],
        "description": f"p-median, {n} vertices, {p} sites open.",
        "source": SOURCE,
    }
    rule = {"id": "sites", "rule": "site_count", "parameters": f"least={p}; most={p}"}
    none, any_number, one = np.zeros(n), np.full(n, np.inf), np.ones(n)
    return location_instance(settings, none, any_number, one, way, [rule])


def shortest_ways(n: int, edges: pd.DataFrame) -> np.ndarray:
    """Length of the shortest way between all vertices, (n, n); inf where none.

    edges: columns i, j (vertices from 0, either order) and length; the last counts.
    """
    low, high = np.minimum(edges.i, edges.j), np.maximum(edges.i, edges.j)
    last = edges.assign(i=low, j=high).drop_duplicates(["i", "j"], keep="last")
    graph = csr_matrix((last.length, (last.i, last.j)), shape=(n, n))
    return dijkstra(graph, directed=False)


def _edges(numbers: Numbers, n: int, count: int) -> pd.DataFrame:
    first = numbers.at
    i, j, length = numbers.take(3 * count, "edges").reshape(count, 3).T
    ends = np.concatenate([i, j])
    wrong = np.flatnonzero((ends < 1) | (ends > n) | (ends != np.round(ends)))
    if len(wrong):
        # the second half of `ends` holds the second number of each edge
        where = first + 3 * (wrong % count) + wrong // count
        expected = f"a vertex, a whole number from 1 to {n}"
        raise InstanceError([numbers.fault(k, expected) for k in where])
    return pd.DataFrame(
        {"i": i.astype(int) - 1, "j": j.astype(int) - 1, "length": length}
    )
