"""A certificate: what proves a lower bound, as arrays that can be kept and checked.

    tree        splits of all plans (splits.py); without a split: the root alone
    leaf        of each leaf: a bound, and by what it holds
                "prices"   prices of rows: arithmetic, checked in full (duals.py)
                "solver"   HiGHS's own bound on a coarse program, or on all arcs: the
                           check rebuilds that program, proves that it is a
                           relaxation, and solves it again when asked to
    groups      of demands, and multipliers, of the coarse programs
    located     instead of leaves: multipliers of demands for nodes of the tree, with
                every site's options gone through (located.py)
    cells       instead of leaves: multipliers of demands, and at each leaf prices of
                rows, with what each site can do in a period gone through (by_cells.py)

The bound is the least over all leaves. `model` is a mark of the rows and columns that
the prices are of: a certificate is of one instance, under one set of rules.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import Demands, FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.proof import by_cells
from dmopt.proof.by_cells import ByCells, CellBounding
from dmopt.proof.duals import Bounding, Prices
from dmopt.proof.located import Located, Multipliers
from dmopt.proof.splits import Tree
from dmopt.proof.walk import faults

SAME = 1e-12
"""Relative difference that another machine's sums may show."""


@dataclass(frozen=True)
class Leaf:
    """What holds at one leaf.

    prices: what proves `arithmetic`, a bound of its own. solver: HiGHS's bound there,
    -inf if it was not asked.
    """

    node: int
    prices: Prices
    arithmetic: float
    solver: float = -math.inf

    @property
    def bound(self) -> float:
        return max(self.arithmetic, self.solver)


@dataclass(frozen=True)
class ByOptions:
    """A bound that multipliers of demands prove where sites choose among options."""

    multipliers: Multipliers
    bound: float


@dataclass(frozen=True)
class Certificate:
    """model: mark of the instance's rows and columns. coarse: arrays that rebuild the
    coarse programs of leaves with a solver's bound (multipliers, rule_multipliers,
    groups); empty where they are of all arcs. located, cells: instead of leaves."""

    model: str
    tree: Tree
    leaves: tuple[Leaf, ...]
    coarse: Mapping[str, np.ndarray] = field(default_factory=dict)
    located: ByOptions | None = None
    cells: ByCells | None = None

    @property
    def _gone_through(self) -> ByOptions | ByCells | None:
        """What proves the bound instead of leaves, if something does."""
        return self.located if self.cells is None else self.cells

    @property
    def parts(self) -> int:
        """Leaves of the tree: parts that leave no plan out."""
        return len(self.leaves if self._gone_through is None else self.tree.leaves)

    @property
    def bound(self) -> float:
        if self._gone_through is not None:
            return self._gone_through.bound
        return min((leaf.bound for leaf in self.leaves), default=-math.inf)

    @property
    def arithmetic(self) -> float:
        """The part of it that needs no trust in a solver."""
        if self._gone_through is not None:
            return self._gone_through.bound
        return min((leaf.arithmetic for leaf in self.leaves), default=-math.inf)

    @property
    def trusting(self) -> list[Leaf]:
        """Leaves whose bound counts only as a solver says it."""
        return [leaf for leaf in self.leaves if leaf.arithmetic < self.bound]

    def says(self) -> str:
        """How the bound is known, in words."""
        where = "every zone and every way to deliver"
        if not self.trusting:
            return f"Checked by arithmetic over {where}."
        count, parts = len(self.trusting), len(self.leaves)
        if count == parts:
            return f"The solver (HiGHS) says so, for {where}."
        return (
            f"The solver (HiGHS) says so for {count} of {parts} parts of the search; "
            f"the others are checked by arithmetic over {where}."
        )


def by_arithmetic(certificate: Certificate) -> Certificate:
    """Without what a solver has said: only what arithmetic shows."""
    leaves = tuple(replace(leaf, solver=-math.inf) for leaf in certificate.leaves)
    return replace(certificate, leaves=leaves, coarse={})


def whole(prices: Prices, bounding: Bounding, solver: float = -math.inf) -> Certificate:
    """A certificate of all plans at once, without a split."""
    tree = unsplit(bounding.decisions)
    leaf = Leaf(0, prices, bounding.bound(prices, tree.rows(0)), solver)
    return Certificate(mark(bounding.decisions, bounding.layer), tree, (leaf,))


def unsplit(decisions: Decisions) -> Tree:
    """The tree without a split, of no totals."""
    none = np.empty(0, np.int64)
    totals = sp.csr_matrix((0, decisions.size))
    return Tree(totals, none, none, none, none.astype(bool))


def by_options(
    checker: Located, tree: Tree, multipliers: Multipliers, bound: float
) -> Certificate:
    """A certificate by multipliers of demands; it says what it is given to say."""
    model = mark_of_options(checker.decisions, checker.demands, checker.cost)
    return Certificate(model, tree, (), {}, ByOptions(multipliers, bound))


def through_cells(checker: CellBounding, tree: Tree, given: ByCells) -> Certificate:
    """A certificate by options of cells, with the bound that they prove."""
    model = mark(checker.bounding.decisions, checker.bounding.layer)
    return Certificate(model, tree, (), cells=by_cells.stated(checker, tree, given))


def mark(decisions: Decisions, layer: FlowLayer) -> str:
    """A mark of which row and column stands where, so that prices meet their rows.

    Numbers are not part of it: the check computes with those of the instance it has.
    """
    side = layer.side
    return _digest(
        decisions, layer, layer.x_from, layer.x_to, layer.y_from, layer.y_to,
        side.x.indptr, side.x.indices, side.given.indices,
    )  # fmt: skip


def mark_of_options(decisions: Decisions, demands: Demands, cost: np.ndarray) -> str:
    """The same where deliveries are all there is to flows, (outputs, demands): which
    of them there are."""
    ways = (np.packbits(np.isfinite(row)) for row in cost)
    return _digest(decisions, demands, *ways)


def _digest(decisions: Decisions, demands: Demands, *more: np.ndarray) -> str:
    digest = hashlib.sha256()
    A = decisions.A
    for part in (A.indptr, A.indices, decisions.whole, demands.market_of, *more):
        digest.update(np.ascontiguousarray(part, np.int64).tobytes())
    return digest.hexdigest()


def check(certificate: Certificate, bounding: Bounding) -> Iterator[str]:
    """What of a certificate does not hold; nothing where all does. Of one by options
    `check_options` tells.

    Solver's bounds are taken as they are here (`dmopt.solving.again` solves them).
    """
    decisions = bounding.decisions
    model = mark(decisions, bounding.layer)
    if wrong := _not_of(certificate, model, decisions):
        yield from wrong
        return
    if certificate.cells is not None:
        yield from by_cells.faults(bounding, certificate.tree, certificate.cells)
        return
    nodes = sorted(leaf.node for leaf in certificate.leaves)
    if nodes != certificate.tree.leaves.tolist():
        yield "not every leaf of the tree has a bound"
        return
    if not bounding.carried():
        yield "a strong row does not follow from the rows of the model"
        return
    for leaf in certificate.leaves:
        rows = certificate.tree.rows(leaf.node)
        misfit = _misfit(leaf.prices, bounding)
        if misfit or len(leaf.prices.more) != len(rows.low):
            yield f"leaf {leaf.node}: {misfit or 'a price for each split expected'}"
            continue
        proven = bounding.bound(leaf.prices, rows)
        if not proven >= leaf.arithmetic - SAME * abs(leaf.arithmetic):
            yield (
                f"leaf {leaf.node}: its prices prove {proven:.12g}, "
                f"not {leaf.arithmetic:.12g}"
            )


def check_options(
    certificate: Certificate, decisions: Decisions, demands: Demands, cost: np.ndarray
) -> Iterator[str]:
    """The same of a certificate by options. cost: as in `Located`."""
    given = certificate.located
    assert given is not None
    model = mark_of_options(decisions, demands, cost)
    if wrong := _not_of(certificate, model, decisions):
        yield from wrong
        return
    linking = given.multipliers.linking
    if not np.isin(linking, np.arange(decisions.A.shape[0])).all():
        yield "a row that joins sites is none of the model's"
        return
    checker = Located(decisions, demands, cost, linking)
    yield from faults(checker, certificate.tree, given.multipliers, given.bound)


def _not_of(certificate: Certificate, model: str, decisions: Decisions) -> list[str]:
    """Why a certificate says nothing about these rows and columns at all."""
    if certificate.model != model:
        return ["it is of other data or other rules than these"]
    return list(certificate.tree.faults(decisions))


def _misfit(prices: Prices, bounding: Bounding) -> str:
    """Why prices cannot be read at all, or ""."""
    decisions, layer = bounding.decisions, bounding.layer
    gates, side = layer.gates, layer.side
    wanted = {
        "decisions": decisions.A.shape[0],
        "demand": len(layer.quantity),
        "sent": len(gates.output) + len(gates.supply_most),
        "brought": len(gates.input),
        "unmet": len(gates.market),
        "side": len(side.most),
        "kind": len(prices.strong),
        "member": len(prices.arc),
    }
    for name, count in wanted.items():
        given = getattr(prices, name)
        if given.shape != (count,) or not np.isfinite(given).all():
            return f"{name}: {count} finite prices expected"
    arc, member = prices.arc, prices.member
    count, outputs = len(prices.strong), len(gates.output)
    if not np.isfinite(prices.strong).all() or not (
        np.isin(prices.kind, np.arange(len(bounding.carriers))).all()
        and ((arc >= 0) & (arc < len(layer.x_to))).all()
        and ((member >= 0) & (member < count)).all()
    ):
        return "strong rows: prices, kinds and deliveries expected"
    origin = np.full(count, -1)
    origin[member] = layer.x_from[arc]
    pairs = np.unique(np.column_stack([member, arc]), axis=0)
    if not (
        len(pairs) == len(arc)
        and (origin >= 0).all()
        and (origin < outputs).all()
        and (origin[member] == layer.x_from[arc]).all()
    ):
        return "strong rows: sets of different deliveries of one output expected"
    return ""
