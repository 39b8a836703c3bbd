"""Totals of whole decisions: what branch and bound splits first.

    modules of each technology, steps of each infrastructure, open sites; by period

How many lines stand at all costs millions; at which of fifty alike sites one stands
costs little. A solver that branches on single columns moves a fraction from one site to
the next and its bound hardly rises: splits on totals decide the dear questions first.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from dmopt.formulation.compiled import Decisions

COUNTED = {"modules": 1, "steps": 0, "open": None}
"""Families of whole columns, and where in their key what is counted stands."""
BOUGHT = {"modules": "bought", "steps": "built"}
"""Families with the price of one more."""


@dataclass(frozen=True)
class Totals:
    """A (T, n) csr: each total as a row of ones over the decision layer's columns.
    money (T,): mean cost of one more, weighted money."""

    A: sp.csr_matrix
    money: np.ndarray


def totals_of(decisions: Decisions) -> Totals:
    """All totals of a decision layer."""
    cost, column = np.abs(decisions.cost), decisions.column
    members: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    money: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for family, place in COUNTED.items():
        prices = column.get(BOUGHT.get(family, ""), {})
        for key, n in column[family].items():
            if decisions.whole[n]:
                total = family, "" if place is None else key[place], key[-1]
                members[total].append(n)
                money[total] += cost[n] + (cost[prices[key]] if key in prices else 0.0)
    counts = [len(columns) for columns in members.values()]
    indices = np.concatenate([np.empty(0, int), *members.values()]).astype(int)
    indptr = np.concatenate([[0], np.cumsum(counts, dtype=int)])
    shape = (len(members), decisions.size)
    A = sp.csr_matrix((np.ones(len(indices)), indices, indptr), shape)
    return Totals(A, np.array([*money.values()], float) / np.maximum(counts, 1))
