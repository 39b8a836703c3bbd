"""A coarse program of the sites and options that the program of options uses, with
finer groups than all of them would allow: a kernel (Angelelli, Mansini and Speranza
2010)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from dmopt.proof.cells import Cells
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.first_bound import mean_program
from dmopt.solving.coarse.holding import shut
from dmopt.solving.coarse.state import USED
from dmopt.solving.coarse.with_options import with_options
from dmopt.solving.program import LinearProgram

SEEN = 0.03
"""Least share with which an option is used by the mixture of solutions."""
LEAST_REACHED = 1e-3
"""Share of all demand, in money, from which on a site is worth it for its reach."""


def kernel_program(
    evaluator: Evaluator,
    cells: Cells,
    sites: np.ndarray,
    options: np.ndarray,
    met: np.ndarray,
    groups: int,
    seed: int,
) -> tuple[Coarse, LinearProgram]:
    """The program with all but these `sites` (bool) and `options` (Q,) bool shut, and
    the groups it is of: so many of each market. met (M,) bool: markets of which all
    that is wanted must be served: HiGHS then looks for room, and not what it may leave.
    """
    problem, owners = evaluator.problem, evaluator.owners
    gates, whole = problem.layer.gates, problem.decisions.whole
    origins = origins_of(evaluator, sites)
    coarse = mean_program(problem, groups * len(gates.market), seed, origins)
    program = with_options(assemble(coarse.decisions, coarse.layer)[0], cells)
    program = shut(program, whole & owners.columns_of(~sites))
    high = program.high.copy()
    high[len(high) - len(options) :] = options
    high[gates.market[met]] = np.maximum(program.low[gates.market[met]], 0.0)
    return coarse, replace(program, high=high)


def kernel_of_used(
    evaluator: Evaluator,
    cells: Cells,
    used: np.ndarray,
    times: float,
    best: np.ndarray | None,
    around: Sequence[str],
    narrow: bool,
    groups: int,
    seed: int,
) -> tuple[Coarse, LinearProgram]:
    """The program of the options used by `used` (n + Q,), at `times` as many sites as
    it has in a period; of what the best plan decides (n,), and all at the sites around:
    a change may force them open. narrow: whether markets that are served whole by
    `used` must be; else not, and all options of these sites are there."""
    sites = covering(evaluator, most_used(evaluator, used, times))
    options = seen(cells, used) | (not narrow)
    if best is not None:
        sites |= evaluator.busy(best)
        options |= taken(cells, best)
    for name in around:
        own = evaluator.owners.sites.index(name)
        sites[own] = True
        options |= options_at(cells, evaluator.owners.of_column == own)
    met = narrow & (used[evaluator.problem.layer.gates.market] <= USED)
    return kernel_program(evaluator, cells, sites, options, met, groups, seed)


def kernel_near(
    evaluator: Evaluator,
    cells: Cells,
    decided: np.ndarray,
    free: np.ndarray,
    met: np.ndarray,
    groups: int,
    seed: int,
) -> tuple[Coarse, LinearProgram]:
    """The program of what a plan decides (n,) and all that is free, (n,) bool."""
    owners, sites = evaluator.owners, evaluator.busy(decided)
    sites[owners.of_column[free & (owners.of_column >= 0)]] = True
    options = taken(cells, decided) | seen(cells, np.zeros(len(cells.of)))
    options |= options_at(cells, free)
    return kernel_program(evaluator, cells, sites, options, met, groups, seed)


def seen(cells: Cells, used: np.ndarray) -> np.ndarray:
    """Options, (Q,) bool, that are used by `used` (n + Q,), and those to do nothing."""
    nothing = cells.standing.getnnz(axis=1) == 0
    return np.asarray(nothing | (used[len(used) - len(nothing) :] > SEEN))


def taken(cells: Cells, decided: np.ndarray) -> np.ndarray:
    """Options, (Q,) bool, that decisions (n,) take: as many stand of all they count."""
    standing, stands = cells.standing, decided[cells.counted]
    own = sp.csr_matrix(
        (np.ones(standing.nnz), (cells.of[standing.nonzero()[0]], standing.indices)),
        (cells.count, len(stands)),
    ).astype(bool)
    squares = (own @ stands**2)[cells.of] - 2 * (standing @ stands)
    squares += np.asarray(standing.multiply(standing).sum(axis=1)).ravel()
    return np.asarray(np.abs(squares) < 0.5)


def options_at(cells: Cells, columns: np.ndarray) -> np.ndarray:
    """Options, (Q,) bool, with modules that some of these columns (n,) bool count."""
    return np.asarray(cells.standing @ columns[cells.counted] > 0)


def most_used(evaluator: Evaluator, used: np.ndarray, times: float) -> np.ndarray:
    """Sites, (sites,) bool: `times` as many as are used in one period, by `used`
    (n + Q,), what solutions of the program of options use on average."""
    owners = evaluator.owners
    number = {site: n for n, site in enumerate(owners.sites)}
    each: dict[str, float] = {}
    most = np.zeros(len(owners.sites))
    for (site, period), n in evaluator.problem.decisions.column["open"].items():
        each[period] = each.get(period, 0.0) + used[n]
        most[number[site]] = max(most[number[site]], used[n])
    count = int(np.ceil(times * max(each.values(), default=0.0)))
    chosen = np.zeros(len(most), bool)
    chosen[np.argsort(-most, kind="stable")[: max(count, 1)]] = True
    return chosen


def covering(evaluator: Evaluator, sites: np.ndarray) -> np.ndarray:
    """These sites (bool) and more, until they reach nearly all that any reaches: each
    time the one that reaches most of what none of them does, in money for what is
    unmet."""
    layer, decisions = evaluator.problem.layer, evaluator.problem.decisions
    price = decisions.cost[layer.gates.market][layer.market_of] * layer.quantity
    of_origin = np.full(len(layer.gates.output) + len(layer.gates.supply_most), -1)
    of_origin[: len(layer.gates.output)] = evaluator.owners.of_output
    sites = sites.copy()
    left = np.ones(len(price), bool)
    left[layer.x_to[origins_of(evaluator, sites)[layer.x_from]]] = False
    arc = np.flatnonzero(left[layer.x_to])
    while len(arc):
        to, of = layer.x_to[arc], of_origin[layer.x_from[arc]]
        gain = np.bincount(of, price[to], len(sites))
        site = int(gain.argmax())
        if gain[site] <= LEAST_REACHED * price.sum():
            break
        sites[site] = True
        left[to[of == site]] = False
        arc = arc[left[to]]
    return sites


def origins_of(evaluator: Evaluator, sites: np.ndarray) -> np.ndarray:
    """Outputs of these sites, and all suppliers: (O + S,) bool."""
    suppliers = len(evaluator.problem.layer.gates.supply_most)
    own = sites[evaluator.owners.of_output]
    return np.concatenate([own, np.ones(suppliers, bool)])
