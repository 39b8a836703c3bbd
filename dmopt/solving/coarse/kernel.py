"""A coarse program of the sites that the program of options uses most, with finer
groups than all sites would allow: a kernel (Angelelli, Mansini and Speranza 2010)."""

from dataclasses import replace

import numpy as np

from dmopt.proof.cells import Cells
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.coarse.first_bound import mean_program
from dmopt.solving.coarse.with_options import with_options
from dmopt.solving.program import LinearProgram

GROUPS_OF_MARKET = 20
"""Groups of demands of each market."""
LEAST_REACHED = 1e-3
"""Share of all demand, in money, from which on a site is worth it for its reach."""


def kernel_program(
    evaluator: Evaluator, cells: Cells, sites: np.ndarray, seed: int
) -> tuple[Coarse, LinearProgram]:
    """The program with all but these `sites` (bool) shut, and the groups it is of."""
    problem, owners = evaluator.problem, evaluator.owners
    gates, whole = problem.layer.gates, problem.decisions.whole
    origins = _origins(evaluator, sites)
    groups = GROUPS_OF_MARKET * len(gates.market)
    coarse = mean_program(problem, groups, seed, origins)
    program = with_options(assemble(coarse.decisions, coarse.layer)[0], cells)
    n, high = len(whole), program.high.copy()
    shut = whole & (owners.of_column >= 0) & ~sites[owners.of_column]
    high[:n][shut] = np.maximum(program.low[:n][shut], 0.0)
    return coarse, replace(program, high=high)


def most_used(evaluator: Evaluator, used: np.ndarray, times: float) -> np.ndarray:
    """Sites, (sites,) bool: `times` as many as are used in one period, by `used` (n,),
    what solutions of the program of options use on average."""
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
    left[layer.x_to[_origins(evaluator, sites)[layer.x_from]]] = False
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


def _origins(evaluator: Evaluator, sites: np.ndarray) -> np.ndarray:
    """Outputs of these sites, and all suppliers: (O + S,) bool."""
    suppliers = len(evaluator.problem.layer.gates.supply_most)
    own = sites[evaluator.owners.of_output]
    return np.concatenate([own, np.ones(suppliers, bool)])
