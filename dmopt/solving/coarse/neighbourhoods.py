"""What a neighbourhood of a plan frees; all else stays as the plan decides it.

    near      sites near each other, some in use and some not
    family    all technologies that share no commodity with the others
    likely    what the relaxation uses, and what it would use next by reduced cost

Each that leads to no better plan is wider the next time.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dmopt.data.distances import straight_km
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.state import USED
from dmopt.solving.problem import Problem
from dmopt.solving.start import MODULES

LEAST_SHARE = 0.05
"""Of the decisions, those next by reduced cost that a wider search takes in first."""


@dataclass
class Neighbourhoods:
    """Columns (n,) bool of the decision layer that are free. sites_free: how many near
    sites. likely_share: of the decisions, those next by reduced cost."""

    problem: Problem
    evaluator: Evaluator
    random: np.random.Generator
    sites_free: int = 10
    likely_share: float = 0.0

    def widen(self, kind: str) -> None:
        """The next of this kind frees more."""
        if kind == "near":
            self.sites_free = min(len(self.evaluator.owners.sites), self.sites_free + 1)
        elif kind == "likely":
            self.likely_share = min(1.0, max(LEAST_SHARE, 1.5 * self.likely_share))

    def near(self, decided: np.ndarray) -> np.ndarray:
        """Columns of sites near a random one, half of them in use."""
        sites = len(self.evaluator.owners.sites)
        centre, blur = self.random.integers(sites), self.random.uniform(0.7, 1.3, sites)
        return self.near_site(int(centre), decided, blur)

    def near_site(
        self, site: int, decided: np.ndarray, blur: float | np.ndarray
    ) -> np.ndarray:
        """Columns of the sites nearest to one, by distances times `blur`."""
        half = max(1, self.sites_free // 2)
        busy = self.evaluator.busy(decided)
        return self.evaluator.owners.columns_of(
            nearest(self.problem, busy, site, half, half, blur)
        )

    def family(self) -> np.ndarray:
        """Columns of everything but the modules of other families of technologies."""
        families = self._family_of_column
        if families.max() < 0:
            return families < 0
        chosen = self.random.integers(families.max() + 1)
        return (families < 0) | (families == chosen)

    def likely(
        self, decided: np.ndarray, relaxed: np.ndarray, reduced: np.ndarray
    ) -> np.ndarray:
        """Columns the relaxation or the plan uses, and the next by reduced cost."""
        used = (relaxed > USED) | (decided > 0.5)
        if not self.likely_share:
            return used
        priced = reduced[self.problem.decisions.whole]
        return used | (reduced <= np.quantile(priced, self.likely_share))

    @cached_property
    def _family_of_column(self) -> np.ndarray:
        """Family of the technology whose modules a column counts, else -1."""
        scope, column = self.problem.scope, self.problem.decisions.column
        technologies = list(scope.recipes_of)
        commodities = {
            c: n for n, c in enumerate(self.problem.instance.commodities.index)
        }
        wanted = {c for c, _ in column["unmet"]}
        pairs = [
            (k, commodities[c])
            for k, name in enumerate(technologies)
            for r in scope.recipes_of[name]
            for c in scope.items[r]
            if c in wanted
        ]
        size = len(technologies) + len(commodities)
        rows = [k for k, _ in pairs]
        columns = [len(technologies) + c for _, c in pairs]
        graph = coo_matrix((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
        _, label = connected_components(graph, directed=False)
        family = np.unique(label[: len(technologies)], return_inverse=True)[1]
        of_column = np.full(self.problem.decisions.size, -1)
        number = {name: n for n, name in enumerate(technologies)}
        for kind in MODULES:
            for key, n in column[kind].items():
                of_column[n] = family[number[key[1]]]
        return of_column


def nearest(
    problem: Problem,
    busy: np.ndarray,
    site: int,
    in_use: int,
    not_in_use: int,
    blur: float | np.ndarray = 1.0,
) -> np.ndarray:
    """So many sites nearest to one, (sites,) bool, by distances times `blur`; `busy`
    (sites,) bool are in use."""
    places = problem.instance.places.loc[problem.owners.sites]
    here = places.iloc[np.repeat(site, len(places))]
    km = straight_km(problem.instance, places, here) * blur
    chosen = np.zeros(len(km), bool)
    for group, count in ((busy, in_use), (~busy, not_in_use)):
        members = np.flatnonzero(group)
        chosen[members[np.argsort(km[members], kind="stable")][:count]] = True
    return chosen
