"""A certificate: what proves a lower bound, as arrays that can be kept and checked.

    tree        splits of all plans (splits.py); without a split: the root alone
    leaf        of each leaf: a bound, and by what it holds
                "prices"   prices of rows: arithmetic, checked in full (duals.py)
                "solver"   HiGHS's own bound on a coarse program, or on all arcs: the
                           check rebuilds that program, proves that it is a
                           relaxation, and solves it again when asked to
    groups      of demands, and multipliers, of the coarse programs

The bound is the least over all leaves. `model` is a mark of the rows and columns that
the prices are of: a certificate is of one instance, under one set of rules.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.proof.duals import Bounding, Prices
from dmopt.proof.splits import Tree

SAME = 1e-12
"""Relative difference that another machine's sums may show."""
PRICED = [f.name for f in fields(Prices)]


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
class Certificate:
    """model: mark of the instance's rows and columns. coarse: arrays that rebuild the
    coarse programs of leaves with a solver's bound (multipliers, rule_multipliers,
    groups); empty where they are of all arcs."""

    model: str
    tree: Tree
    leaves: tuple[Leaf, ...]
    coarse: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def bound(self) -> float:
        return min((leaf.bound for leaf in self.leaves), default=-math.inf)

    @property
    def arithmetic(self) -> float:
        """The part of it that needs no trust in a solver."""
        return min((leaf.arithmetic for leaf in self.leaves), default=-math.inf)

    @property
    def trusting(self) -> list[Leaf]:
        """Leaves whose bound counts only as a solver says it."""
        return [leaf for leaf in self.leaves if leaf.arithmetic < self.bound]

    def says(self) -> str:
        """How the bound was proven, in words."""
        parts = f"{len(self.leaves)} parts that leave no plan out"
        where = "all zones and all arcs"
        if len(self.leaves) == 1:
            parts = "all plans together"
        if not self.trusting:
            return f"Prices of rows over {where}, for {parts}: arithmetic."
        if self.coarse:
            groups = int(self.coarse["groups"].max()) + 1
            model = f"a coarse program of {groups} groups of demands, a relaxation of"
        else:
            model = "one model of"
        count = len(self.trusting)
        return (
            f"HiGHS's own bound on {model} {where}, in {count} of "
            f"{len(self.leaves)} parts; prices of rows (arithmetic) elsewhere."
        )


def whole(prices: Prices, bounding: Bounding, solver: float = -math.inf) -> Certificate:
    """A certificate of all plans at once, without a split."""
    decisions, none = bounding.decisions, np.empty(0, np.int64)
    tree = Tree(sp.csr_matrix((0, decisions.size)), none, none, none, none.astype(bool))
    leaf = Leaf(0, prices, bounding.bound(prices, tree.rows(0)), solver)
    return Certificate(mark(decisions, bounding.layer), tree, (leaf,))


def mark(decisions: Decisions, layer: FlowLayer) -> str:
    """A mark of which row and column stands where, so that prices meet their rows.

    Numbers are not part of it: the check computes with those of the instance it has.
    """
    digest = hashlib.sha256()
    A, side = decisions.A, layer.side
    for part in (
        A.indptr, A.indices, decisions.whole, layer.market_of, layer.x_from, layer.x_to,
        layer.y_from, layer.y_to, side.x.indptr, side.x.indices, side.given.indices,
    ):  # fmt: skip
        digest.update(np.ascontiguousarray(part, np.int64).tobytes())
    return digest.hexdigest()


def check(certificate: Certificate, bounding: Bounding) -> Iterator[str]:
    """What of a certificate does not hold; nothing where all does.

    Solver's bounds are taken as they are here (`dmopt.solving.again` solves them).
    """
    decisions, layer = bounding.decisions, bounding.layer
    if certificate.model != mark(decisions, layer):
        yield "it is of other data or other rules than these"
        return
    if faults := list(certificate.tree.faults(decisions)):
        yield from faults
        return
    nodes = sorted(leaf.node for leaf in certificate.leaves)
    if nodes != certificate.tree.leaves.tolist():
        yield "not every leaf of the tree has a bound"
        return
    if not bounding.carried():
        yield "a strong row does not follow from the rows of the model"
        return
    for leaf in certificate.leaves:
        if wrong := _misfit(leaf.prices, bounding):
            yield f"leaf {leaf.node}: {wrong}"
            continue
        proven = bounding.bound(leaf.prices, certificate.tree.rows(leaf.node))
        if not proven >= leaf.arithmetic - SAME * abs(leaf.arithmetic):
            yield (
                f"leaf {leaf.node}: its prices prove {proven:.12g}, "
                f"not {leaf.arithmetic:.12g}"
            )


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


def to_arrays(certificate: Certificate) -> dict[str, np.ndarray]:
    """As plain arrays, for a file."""
    tree = certificate.tree
    arrays = {
        "model": np.array(certificate.model),
        "totals_indptr": tree.totals.indptr,
        "totals_indices": tree.totals.indices,
        "totals_columns": np.array(tree.totals.shape[1]),
        "parent": tree.parent,
        "total": tree.total,
        "at": tree.at,
        "above": tree.above,
        "node": np.array([leaf.node for leaf in certificate.leaves], np.int64),
        "arithmetic": np.array([leaf.arithmetic for leaf in certificate.leaves], float),
        "solver": np.array([leaf.solver for leaf in certificate.leaves], float),
        **{f"coarse_{name}": each for name, each in certificate.coarse.items()},
    }
    for name in PRICED:
        parts = [getattr(leaf.prices, name) for leaf in certificate.leaves]
        arrays[f"prices_{name}"] = np.concatenate([np.empty(0), *parts])
        arrays[f"prices_{name}_of"] = np.array([len(part) for part in parts], np.int64)
    return arrays


def from_arrays(arrays: Mapping[str, np.ndarray]) -> Certificate:
    """The certificate that `to_arrays` made. Raises ValueError where it is none."""
    try:
        return _read(arrays)
    except (KeyError, IndexError, TypeError) as problem:
        raise ValueError(f"not a certificate ({problem})") from None


def _read(arrays: Mapping[str, np.ndarray]) -> Certificate:
    indptr, indices = arrays["totals_indptr"], arrays["totals_indices"]
    totals = sp.csr_matrix(
        (np.ones(len(indices)), indices, indptr),
        shape=(len(indptr) - 1, int(arrays["totals_columns"])),
    )
    tree = Tree(
        totals, arrays["parent"], arrays["total"], arrays["at"], arrays["above"]
    )
    parts = {
        name: np.split(
            arrays[f"prices_{name}"], np.cumsum(arrays[f"prices_{name}_of"])[:-1]
        )
        for name in PRICED
    }
    leaves = []
    for n, node in enumerate(arrays["node"]):
        prices = Prices(**{name: each[n] for name, each in parts.items()})
        whole = {
            name: getattr(prices, name).astype(np.int64)
            for name in ("kind", "member", "arc")
        }
        prices = replace(prices, **whole)
        bounds = float(arrays["arithmetic"][n]), float(arrays["solver"][n])
        leaves.append(Leaf(int(node), prices, *bounds))
    coarse = {
        name.removeprefix("coarse_"): each
        for name, each in arrays.items()
        if name.startswith("coarse_")
    }
    return Certificate(str(arrays["model"]), tree, tuple(leaves), coarse)
