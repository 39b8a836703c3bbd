"""What is known of one problem, said of another one of the same make.

Two problems are of the same make when the same gates, demands and whole decisions stand
in both: under other rules, prices, quantities or budgets. Rows are matched by their
keys, deliveries by their ends. Prices of rows prove a bound whatever they are (weak
duality, dmopt/proof/duals.py): those of one problem prove one of the other at once,
computed with its own numbers over all its zones and arcs.

    rows of decisions, side      the price of the same row, 0 where it is new
    demand                       the price per unit, times what is wanted now
    strong rows                  the same sets, of the deliveries that are left
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from dmopt.data.instance import Instance
from dmopt.flows.layer import FlowLayer
from dmopt.proof.by_cells import ByCells, CellBounding, misfit
from dmopt.proof.certificate import Certificate, Leaf, mark, through_cells
from dmopt.proof.duals import Bounding, Prices
from dmopt.proof.splits import Tree
from dmopt.rules.rule import Rule, asks_the_same
from dmopt.solving.problem import Problem

ABSENT = -1


@dataclass(frozen=True)
class Match:
    """Where rows and columns of `before` are in `after`, two of the same make."""

    before: Problem
    after: Problem

    @cached_property
    def row(self) -> np.ndarray:
        """Of each row of the decision layer after: its number before, or `ABSENT`."""
        now, then = self.after.decisions.row_keys, self.before.decisions.row_keys
        same = _same_start(now, then)
        rest = _found(_counted(now[same:]), _counted(then[same:]))
        rest[rest >= 0] += same
        return np.concatenate([np.arange(same), rest])

    @cached_property
    def side(self) -> np.ndarray:
        """The same for rows of rules over flows; where a family of rows has more or
        fewer than before, none of it is matched."""
        return _found(_side_keys(self.after), _side_keys(self.before))

    @cached_property
    def column(self) -> np.ndarray:
        """Of each column of the decision layer before: its number after, or `ABSENT`;
        those that a plan is read from."""
        before, after = self.before.decisions, self.after.decisions
        place = np.full(before.size, ABSENT)
        if before.column is after.column:
            named = [
                np.fromiter(c.values(), int, len(c)) for c in after.column.values()
            ]
            every = np.concatenate(named)
            place[every] = every
            return place
        for family, column in before.column.items():
            there = after.column[family]
            for key, n in column.items():
                place[n] = there.get(key, ABSENT)
        return place

    @cached_property
    def delivery(self) -> np.ndarray:
        """Of each delivery before: its number after, or `ABSENT`."""
        if self.before.arcs is self.after.arcs:
            return np.arange(len(self.before.layer.x_to))
        return same_deliveries(self.before.layer, self.after.layer)


def of_one_make(before: Problem, after: Problem) -> bool:
    """Whether the same gates, demands and decisions stand in both."""
    one, other = before.decisions.column, after.decisions.column
    if one is not other and any(list(one[f]) != list(other[f]) for f in one):
        return False
    if before.instance is after.instance:
        return True
    keys = ["zone", "commodity", "period"]
    wanted, now = (p.instance.demand_by_period[keys] for p in (before, after))
    sold, sells = (
        p.instance.supplies_by_period[["supplier", "commodity", "period"]]
        for p in (before, after)
    )
    came, comes = (p.instance.returned_by_period[keys] for p in (before, after))
    return bool(wanted.equals(now) and sold.equals(sells) and came.equals(comes))


class Ruled(Protocol):
    """An instance and the rules that hold in it: a problem, or what will be one."""

    @property
    def instance(self) -> Instance: ...

    @property
    def rules(self) -> Sequence[Rule]: ...


def is_narrower(before: Ruled, after: Ruled) -> bool:
    """Whether `after` is `before` with more rules: no plan costs less in it."""
    one, other = before.instance.tables, after.instance.tables
    if any(one[name] is not other[name] for name in one if name != "rules"):
        return False
    if before.instance.settings != after.instance.settings:
        return False
    shaping = [[r.id for r in p.rules if r.reshapes] for p in (before, after)]
    if shaping[0] != shaping[1]:
        return False  # such a rule may widen rows that stand before it
    rules = {rule.id: rule for rule in after.rules}
    return all(
        rule.id in rules and asks_the_same(rule, rules[rule.id])
        for rule in before.rules
    )


def carried(
    known: Certificate,
    match: Match,
    bounding: Bounding,
    read: CellBounding | None = None,
) -> Certificate | None:
    """What the prices of a certificate prove of the problem after; None where it has
    none that can be carried.

    bounding: of the problem after. read: cells that a certificate by cells is of; it is
    carried where nothing that they are read from has changed. What a solver has said
    stays where the problem only became narrower, and is dropped elsewhere.
    """
    if known.cells is not None:
        checker = None if read is None else read.of_another(bounding)
        if checker is None:
            return None
        return _by_cells(known.tree, known.cells, match, checker)
    if known.located is not None:
        return None
    after = match.after
    decisions, layer = after.decisions, after.layer
    totals = _moved(known.tree.totals, match.column, decisions.size)
    if totals is None:
        return None
    tree = replace(known.tree, totals=totals)
    narrower = is_narrower(match.before, after)
    leaves = tuple(
        _leaf(leaf, tree, match, bounding, narrower) for leaf in known.leaves
    )
    keeps = narrower and any(np.isfinite(leaf.solver) for leaf in leaves)
    coarse = dict(known.coarse) if keeps else {}
    if "rule_multipliers" in coarse:
        coarse["rule_multipliers"] = picked(coarse["rule_multipliers"], match.side)
    return Certificate(mark(decisions, layer), tree, leaves, coarse)


def _by_cells(
    tree: Tree, given: ByCells, match: Match, checker: CellBounding
) -> Certificate | None:
    """The same multipliers and prices, with the numbers of the problem after; None
    where they are of other cells. The rows of the decision layer are the same ones."""
    wanted = match.after.layer.quantity / match.before.layer.quantity
    own = replace(given, demand=given.demand * wanted)
    if misfit(checker, tree, own):
        return None
    return through_cells(checker, tree, own)


def _leaf(
    leaf: Leaf, tree: Tree, match: Match, bounding: Bounding, narrower: bool
) -> Leaf:
    prices = carried_prices(leaf.prices, match)
    bound = bounding.bound(prices, tree.rows(leaf.node))
    return Leaf(leaf.node, prices, bound, leaf.solver if narrower else -np.inf)


def carried_prices(prices: Prices, match: Match) -> Prices:
    """Prices of the rows after, from those of the rows before."""
    before, after = match.before.layer, match.after.layer
    strong, kind, member, arc = _carried_sets(prices, match.delivery)
    return replace(
        prices,
        decisions=picked(prices.decisions, match.row),
        demand=prices.demand / before.quantity * after.quantity,
        side=picked(prices.side, match.side),
        strong=strong,
        kind=kind,
        member=member,
        arc=arc,
    )


def picked(values: np.ndarray, place: np.ndarray, absent: float = 0.0) -> np.ndarray:
    """values[place], `absent` where `place` is `ABSENT`."""
    return np.where(place >= 0, np.append(values, absent)[place], absent)


def _carried_sets(
    prices: Prices, delivery: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Price, kind, member and arc of strong rows over the deliveries that are left."""
    arc = delivery[prices.arc]
    left = arc >= 0
    rows, member = np.unique(prices.member[left], return_inverse=True)
    return prices.strong[rows], prices.kind[rows], member, arc[left]


def moved_sets(sets: sp.csr_matrix, place: np.ndarray, columns: int) -> sp.csr_matrix:
    """Sets of deliveries (P, X) over other deliveries; what is absent is left out, so
    that a set may be left with none."""
    each = sets.tocoo()
    there = place[each.col]
    left = there >= 0
    shape = (sets.shape[0], columns)
    moved = sp.csr_matrix((each.data[left], (each.row[left], there[left])), shape)
    return moved


def same_deliveries(before: FlowLayer, after: FlowLayer) -> np.ndarray:
    """Number after of each delivery before, by its ends and mode, or `ABSENT`."""
    demands = len(after.quantity)
    modes = 1 + int(max(before.x_mode.max(initial=0), after.x_mode.max(initial=0)))

    def code(layer: FlowLayer) -> np.ndarray:
        ends = layer.x_from.astype(np.int64) * demands + layer.x_to
        return np.asarray(ends * modes + layer.x_mode)

    one, other = code(before), code(after)
    order = np.argsort(other, kind="stable")
    at = np.searchsorted(other[order], one)
    at = np.minimum(at, max(0, len(order) - 1))
    if not len(order):
        return np.full(len(one), ABSENT)
    found = order[at]
    return np.where(other[found] == one, found, ABSENT)


def _moved(
    totals: sp.csr_matrix, column: np.ndarray, size: int
) -> sp.csr_matrix | None:
    """Totals over the columns after; None where a column of theirs is gone."""
    place = column[totals.indices]
    if (place < 0).any():
        return None
    shape = (totals.shape[0], size)
    return sp.csr_matrix((totals.data, place, totals.indptr), shape)


def _found(keys: Sequence[Hashable], among: Sequence[Hashable]) -> np.ndarray:
    place = {key: n for n, key in enumerate(among)}
    return np.fromiter((place.get(key, ABSENT) for key in keys), int, len(keys))


def _same_start(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """How many keys are the same from the beginning."""
    shorter = min(len(one), len(other))
    differ = (n for n in range(shorter) if one[n] != other[n])
    return next(differ, shorter)


def _counted(keys: Iterable[Hashable]) -> list[Hashable]:
    """Each key with how often it stood before: helping rows of several rules share
    keys."""
    seen: defaultdict[Hashable, int] = defaultdict(int)
    counted: list[Hashable] = []
    for key in keys:
        counted.append((key, seen[key]))
        seen[key] += 1
    return counted


def _side_keys(problem: Problem) -> list[Hashable]:
    """(rule, which of its families, how many rows that has, number in it) of each."""
    family, asked_by = problem.layer.side.family, problem.asked_by
    ordinal, seen = [], defaultdict[str, int](int)
    for rule in asked_by:
        ordinal.append(seen[rule])
        seen[rule] += 1
    count = np.bincount(family, minlength=len(asked_by))
    at: defaultdict[int, int] = defaultdict(int)
    keys: list[Hashable] = []
    for n in family.tolist():
        keys.append((asked_by[n], ordinal[n], int(count[n]), at[n]))
        at[n] += 1
    return keys
