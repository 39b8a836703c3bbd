"""A first bound without the relaxation of everything: from zones that lie together.

The relaxation of a coarse program with mean costs is small. It bounds nothing by
itself, but its prices of decisions, outputs and strong rows do, over all zones and
arcs, once every demand is priced at the cheapest way to serve it (`served_cheapest`).
With strong rows they prove more than the relaxation of everything without them, which
takes several times as long on 200,000 deliveries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.proof.duals import Bounding, Prices
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse, Multipliers, coarse_program
from dmopt.solving.coarse.merged_rows import coarse_rows
from dmopt.solving.coarse.places import group_by_place
from dmopt.solving.duals import Added, prices_of, served_cheapest, sets_over
from dmopt.solving.problem import Problem
from dmopt.solving.relaxation import Relaxation
from dmopt.solving.strong import Strong, StrongRows

BROKEN = 1e-3
"""How far strong rows must be broken before they are added."""
ROUNDS = 20
"""Most rounds of strong rows."""
FINER = 24
"""Times as many groups at most as by place alone, where they are split by reach."""


@dataclass(frozen=True)
class Priced:
    """prices: over all zones and arcs. relaxed: values of all columns."""

    prices: Prices
    relaxed: np.ndarray


def bounds_by_place(
    problem: Problem, bounding: Bounding, groups: int, seed: int, stop: Event
) -> Iterator[Priced | None]:
    """Prices after each round of strong rows; None, as the last, where the relaxation
    has no solution, which says nothing of the problem. Ends early where stopped."""
    coarse = mean_program(problem, groups, seed)
    program, rows = assemble(coarse.decisions, coarse.layer)
    columns = program.A.shape[1]
    strong = Strong(coarse.decisions, coarse.layer, bounding.carriers, columns)
    hot = Relaxation(program, sp.csr_matrix((0, columns)), seed, stop)
    added: list[StrongRows] = []
    none = np.empty(0)
    for _ in range(ROUNDS):
        solved = hot.solve(none, none)
        if solved is None:
            return
        if solved.x is None:
            yield None
            return
        priced = prices_of(solved.dual, rows, coarse.layer, Added(0, added))
        yield Priced(
            served_cheapest(spread(priced, coarse, problem), bounding),
            all_columns(solved.x, coarse, problem),
        )
        broken = strong.broken(solved.x, BROKEN)
        if broken is None:
            return
        hot.add(broken.A)
        added.append(broken)


def mean_program(
    problem: Problem, groups: int, seed: int, origins: np.ndarray | None = None
) -> Coarse:
    """The coarse program with mean costs of zones that lie together.

    origins (O + S,) bool: outputs and suppliers whose deliveries are in it, and groups
    are then of the same reach (`_by_reach`); None for all.
    """
    layer = problem.layer
    if origins is not None:
        layer = layer.keep(origins[layer.x_from], np.ones(len(layer.y_to), bool))
    nothing = np.zeros(len(layer.quantity)), np.zeros(len(layer.side.most))
    finer = 1 if origins is None else FINER
    together = _by_reach(layer, group_by_place(problem, groups, seed), finer)
    return coarse_program(
        problem.decisions, layer, together, Multipliers(*nothing), "plan"
    )


def _by_reach(layer: FlowLayer, group_of: np.ndarray, finer: int) -> np.ndarray:
    """Groups (D,) split by which origins reach their demands; where that makes more
    than `finer` times as many, demands that nothing reaches are apart at least, a group
    a market.

    In a group of different reach an origin may bring as much as is in its range; two
    that reach the same half of it would together bring all of it.
    """
    origins = int(layer.x_from.max(initial=0)) + 1
    number = np.random.default_rng(0).integers(1, 2**62, origins)
    reach = np.zeros(len(group_of), np.int64)  # sums that wrap: alike for like sets
    np.add.at(reach, layer.x_to, number[layer.x_from])
    lost = np.where(reach == 0, -1 - layer.market_of, group_of)
    split = np.unique(np.stack([lost, reach]), axis=1, return_inverse=True)[1].ravel()
    if split.max(initial=0) < finer * (group_of.max(initial=0) + 1):
        return np.asarray(split)
    return np.unique(lost, return_inverse=True)[1]


def spread(prices: Prices, coarse: Coarse, problem: Problem) -> Prices:
    """Prices of all rows but those of demands, which are 0, from those of the coarse
    rows that they are part of."""
    layer = problem.layer
    row_of, _ = coarse_rows(layer.side, coarse.group_of)
    member, arc = sets_over(prices, coarse)
    return replace(
        prices,
        demand=np.zeros(len(layer.quantity)),
        side=prices.side[row_of],
        member=member,
        arc=arc,
    )


def all_columns(x: np.ndarray, coarse: Coarse, problem: Problem) -> np.ndarray:
    """A coarse solution over all columns: each zone served as its group is."""
    n, xs, ys = (
        problem.decisions.size,
        len(coarse.layer.x_to),
        len(coarse.layer.y_to),
    )
    first = coarse.decisions.size
    share = x[first : first + xs][coarse.arc]
    transfers = x[first + xs : first + xs + ys]
    short = x[first + xs + ys :][coarse.group_of]
    return np.concatenate([x[:n], share, transfers, short])
