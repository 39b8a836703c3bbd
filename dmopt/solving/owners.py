"""Whose decisions are whose: the site that a column or an output belongs to."""

from dataclasses import dataclass

import numpy as np

from dmopt.formulation.compiled import Decisions
from dmopt.formulation.scope import Scope


@dataclass(frozen=True)
class Owners:
    """Which site each column of the decision layer belongs to, and each output.

    of_column (n,): number of the site, or -1 for shared infrastructure and totals.
    of_output (O,): number of the site of each output gate.
    """

    sites: list[str]
    of_column: np.ndarray
    of_output: np.ndarray

    def columns_of(self, sites: np.ndarray) -> np.ndarray:
        """Columns (n,) bool of these sites (bool)."""
        own = self.of_column >= 0
        return np.asarray(own & sites[np.where(own, self.of_column, 0)])


def owners(decisions: Decisions, scope: Scope) -> Owners:
    """Who owns what, from the keys of the decision layer's columns."""
    number = {s: n for n, s in enumerate(scope.sites.index)}
    locations = scope.locations.set_index(["infrastructure", "location"])
    own = locations.site.where(locations.reach == "site", "").to_dict()
    of_column = np.full(decisions.size, -1)
    for family, column in decisions.column.items():
        for key, n in column.items():
            if family in ("steps", "built"):
                of_column[n] = number.get(own[key[0], key[1]], -1)
            elif family != "unmet":
                of_column[n] = number[key[0]]
    of_output = np.array([number[key[0]] for key in decisions.column["output"]], int)
    return Owners(list(number), of_column, of_output)
