"""A first plan near another one, after a change: neighbours take over.

All that the other plan decides is held, but at the sites of the change, at those
nearest to them and in what is shared: decisions of a few sites, made in a blink. Where
no site is named and the other plan does not fit (one site fewer), the one in use that
has least closes, and those in use near it take over.
"""

import numpy as np

from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.first_bound import mean_program
from dmopt.solving.coarse.holding import fixed
from dmopt.solving.coarse.kernel import origins_of
from dmopt.solving.coarse.neighbourhoods import nearest
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram

NEW, OLD = 4, 2
"""Sites not in use, and in use, nearest to each site of the change."""
BESIDE = 4
"""Sites in use nearest to one that closes."""


def take_over_program(
    evaluator: Evaluator,
    decided: np.ndarray,
    around: tuple[str, ...],
    groups: int,
    seed: int,
) -> LinearProgram:
    """The coarse program of what is decided (n,) and of sites that take over."""
    problem, owners = evaluator.problem, evaluator.owners
    busy, closed = evaluator.busy(decided), np.zeros(len(decided), bool)
    if around:
        changed, beside = [owners.sites.index(name) for name in around], (OLD, NEW)
    else:
        site = _with_least(evaluator, decided, busy)
        changed, beside = [site], (1 + BESIDE, 0)
        closed = _standing(problem) & (owners.of_column == site)
    free = np.zeros(len(busy), bool)
    for site in changed:
        free |= nearest(problem, busy, site, *beside)
        free[site] = True
    coarse = mean_program(problem, groups, seed, origins_of(evaluator, busy | free))
    program, _ = assemble(coarse.decisions, coarse.layer)
    loose = (owners.of_column < 0) | owners.columns_of(free)
    held = closed | (problem.decisions.whole & ~loose)
    return fixed(program, held, np.where(closed, 0.0, decided))


def _with_least(evaluator: Evaluator, decided: np.ndarray, busy: np.ndarray) -> int:
    """Number of the site in use with the fewest modules; what is committed stays."""
    committed = np.isin(evaluator.owners.sites, list(evaluator.problem.scope.committed))
    count = np.where(busy & ~committed, evaluator.modules(decided), np.inf)
    return int(count.argmin())


def _standing(problem: Problem) -> np.ndarray:
    """Columns (n,) bool that say whether a site is open and what stands there."""
    standing = np.zeros(problem.decisions.size, bool)
    for family in ("open", "modules"):
        standing[list(problem.decisions.column[family].values())] = True
    return standing
