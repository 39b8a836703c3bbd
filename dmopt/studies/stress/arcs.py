"""Arcs that go with a supplier or a link, as columns of a problem."""

from collections.abc import Iterable

import numpy as np

from dmopt.solving.problem import Problem
from dmopt.studies.stress.losses import Loss, link_of

ONLY_ARCS = ("link", "supplier")
"""Kinds of loss that take arcs away and touch nothing else."""


class ArcsOf:
    """Finds the arcs of each loss. Of other kinds it finds none."""

    def __init__(self, problem: Problem) -> None:
        arcs, n = problem.arcs, problem.decisions.size
        self._link = list(
            zip(
                *link_of(problem.instance, arcs.origin, arcs.destination),
                strict=True,
            )
        )
        from_supplier = (arcs.origin_kind == "supplier").to_numpy()
        self._supplier = np.where(from_supplier, arcs.origin.to_numpy(object), "")
        to_zone = (arcs.destination_kind == "zone").to_numpy()
        self._column = np.empty(len(arcs), int)
        self._column[to_zone] = n + np.arange(to_zone.sum())
        self._column[~to_zone] = n + to_zone.sum() + np.arange((~to_zone).sum())

    def columns(self, losses: Iterable[Loss]) -> np.ndarray:
        """Columns of the problem that nothing flows on after these losses."""
        lost = np.zeros(len(self._link), bool)
        for each in losses:
            if each.kind == "supplier":
                lost |= self._supplier == each.of[0]
            if each.kind == "link":
                lost |= np.array([link == each.of for link in self._link], bool)
        return self._column[lost]
