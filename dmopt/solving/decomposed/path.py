"""The decomposed path: location with options at each site, by multipliers of demands.

The problem is read off as location (structure.py), searched (search.py), and what the
search proves is put as a certificate that the instance alone can check (proof/located).
"""

import time
from collections.abc import Sequence
from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.proof.certificate import Certificate, by_options
from dmopt.proof.located import Multipliers
from dmopt.proof.splits import Tree
from dmopt.proof.walk import faults
from dmopt.solving.decomposed.branching import COVER
from dmopt.solving.decomposed.location import Served
from dmopt.solving.decomposed.search import Search
from dmopt.solving.decomposed.splitting import splits_of
from dmopt.solving.decomposed.structure import Structure
from dmopt.solving.decomposed.tree import Split
from dmopt.solving.highs import Limits
from dmopt.solving.outcome import Ended, Outcome
from dmopt.solving.problem import Listener, Solution
from dmopt.solving.progress import relative_gap
from dmopt.solving.start import Start

REACH = 3.0
"""Times the least cost of a zone: as far as multipliers reach, about."""
SAME = 1e-8
"""Relative: what two ways to compute a bound may differ by."""


def search_of(
    structure: Structure,
    limits: Limits,
    found: Listener,
    cancel: Event,
    start: Start,
) -> Outcome:
    """Solve a problem that has been read off as location."""
    deadline = time.monotonic() + limits.time_limit_s
    best: list[Served] = []
    known = {"cost": np.inf, "bound": -np.inf}

    def offer(plan: Served) -> None:
        best[:] = [plan]
        known["cost"] = plan.cost
        found(plan.cost, known["bound"], structure.solution(plan))

    def tell(bound: float) -> None:
        known["bound"] = bound
        found(known["cost"], bound, None)

    once_s, each_s = _check_seconds(structure)

    def over() -> bool:
        # What is found must be checked as well, all multipliers at worst.
        check = once_s + each_s * len(search.tree.kept)
        return cancel.is_set() or time.monotonic() + check > deadline

    search = Search(
        structure.location, splits_of(structure), limits.gap, offer, tell, over,
        limits.seed, cancel, limits.threads,
    )  # fmt: skip
    search.run(None if start.x is None else structure.options_in(start.x))
    x: Solution | None = None
    cost = np.inf
    if best:
        x = structure.solution(best[0])
        cost = structure.cost(x)
    if start.x is not None and start.cost < cost:
        x, cost = start.x, start.cost
    certificate = proven(structure, search)
    bound = -np.inf if certificate is None else certificate.bound
    reached = relative_gap(cost, bound) if x is not None and certificate else None
    status: Ended = (
        "solved" if reached is not None and reached <= limits.gap + SAME else "stopped"
    )
    proof = "" if certificate is None else certificate.says()
    return Outcome(status, x, cost, bound, proof, certificate)


def _check_seconds(structure: Structure) -> tuple[float, float]:
    """About how long a check takes at first, and then for each set of multipliers."""
    begin, located = time.monotonic(), structure.located
    lowest = structure.location.lowest
    u = np.where(np.isfinite(lowest), REACH * np.abs(lowest), 0.0)
    located.list_to(u)
    listed = time.monotonic()
    located.values(u, np.zeros(len(located.linking)))
    return listed - begin, time.monotonic() - listed


def proven(structure: Structure, search: Search) -> Certificate | None:
    """What the search found, as a certificate; None where it does not check."""
    if not np.isfinite(search.bound):
        return None
    made, checker = certificate_of(structure, search), structure.located
    assert made.located is not None
    for fault in faults(checker, made.tree, made.located.multipliers, made.bound):
        raise AssertionError(f"the search states what does not hold: {fault}")
    return made


def _above_cover(made: Sequence[Split]) -> dict[int, bool]:
    """Of each node behind a split on the number of sites: whether on its upper side."""
    above: dict[int, bool] = {}
    for node, each in enumerate(made, start=1):
        if each.split == COVER:
            above[node] = each.above
        elif each.parent in above:
            above[node] = above[each.parent]
    return above


def certificate_of(structure: Structure, search: Search) -> Certificate:
    """Multipliers of every node, and the tree of its splits."""
    decisions, checker = structure.problem.decisions, structure.located
    splits, made = search.splits, search.tree.made
    used = sorted({each.split for each in made})
    number = {s: n for n, s in enumerate(used)}
    columns = [
        structure.served if s == COVER else splits.column[s : s + 1] for s in used
    ]
    indptr = np.concatenate([[0], np.cumsum([len(each) for each in columns])])
    indices = np.concatenate([np.empty(0, np.int64), *columns])
    at = [search.location.least - 1 if s == COVER else splits.at[s] for s in used]
    total = np.array([number[each.split] for each in made], np.int64)
    tree = Tree(
        sp.csr_matrix(
            (np.ones(len(indices)), indices, indptr), (len(used), decisions.size)
        ),
        np.array([each.parent for each in made], np.int64),
        total,
        np.array(at, float)[total],
        np.array([each.above for each in made], bool),
    )
    kept = search.tree.kept
    rows = np.zeros((len(kept), len(checker.linking)))
    low = decisions.row_low[checker.linking]
    high = decisions.row_high[checker.linking]
    totals = np.zeros((len(kept), len(used)))
    above = _above_cover(made)
    for n, each in enumerate(kept):
        # The price of the count goes to the split or the row whose limit it is.
        if above.get(each.node) == (each.price > 0):
            totals[n, number[COVER]] = each.price
            continue
        limit = structure.location.least if each.price > 0 else structure.location.most
        side = low if each.price > 0 else high
        for place, size in structure.counts:
            if each.price and abs(side[place] / size - limit) < 1e-6:
                rows[n, place] = each.price / size
                break
    given = Multipliers(
        np.array([each.node for each in kept], np.int64),
        np.array([each.u for each in kept]),
        checker.linking,
        rows,
        totals,
    )
    return by_options(checker, tree, given, search.bound)
