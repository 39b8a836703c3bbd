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

The bound is the least over all leaves. `model` is a mark of the rows and columns that
the prices are of: a certificate is of one instance, under one set of rules.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.proof.duals import Bounding, Prices
from dmopt.proof.located import Located, Multipliers
from dmopt.proof.splits import Tree

SAME = 1e-12
"""Relative difference that another machine's sums may show."""
PLACES = ("kind", "member", "arc")
"""Of prices, what is a number of something and no price."""
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
class ByOptions:
    """A bound that multipliers of demands prove where sites choose among options."""

    multipliers: Multipliers
    bound: float


@dataclass(frozen=True)
class Certificate:
    """model: mark of the instance's rows and columns. coarse: arrays that rebuild the
    coarse programs of leaves with a solver's bound (multipliers, rule_multipliers,
    groups); empty where they are of all arcs. located: instead of leaves."""

    model: str
    tree: Tree
    leaves: tuple[Leaf, ...]
    coarse: Mapping[str, np.ndarray] = field(default_factory=dict)
    located: ByOptions | None = None

    @property
    def parts(self) -> int:
        """Leaves of the tree: parts that leave no plan out."""
        return len(self.leaves if self.located is None else self.tree.leaves)

    @property
    def bound(self) -> float:
        if self.located is not None:
            return self.located.bound
        return min((leaf.bound for leaf in self.leaves), default=-math.inf)

    @property
    def arithmetic(self) -> float:
        """The part of it that needs no trust in a solver."""
        if self.located is not None:
            return self.located.bound
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


def whole(prices: Prices, bounding: Bounding, solver: float = -math.inf) -> Certificate:
    """A certificate of all plans at once, without a split."""
    decisions, none = bounding.decisions, np.empty(0, np.int64)
    tree = Tree(sp.csr_matrix((0, decisions.size)), none, none, none, none.astype(bool))
    leaf = Leaf(0, prices, bounding.bound(prices, tree.rows(0)), solver)
    return Certificate(mark(decisions, bounding.layer), tree, (leaf,))


def by_options(
    checker: Located, tree: Tree, multipliers: Multipliers, bound: float
) -> Certificate:
    """A certificate by multipliers of demands; it says what it is given to say."""
    model = mark(checker.decisions, checker.layer)
    return Certificate(model, tree, (), {}, ByOptions(multipliers, bound))


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
    if certificate.located is not None:
        yield from _located_faults(certificate, certificate.located, bounding)
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
        wrong = _misfit(leaf.prices, bounding)
        if wrong or len(leaf.prices.more) != len(rows.low):
            yield f"leaf {leaf.node}: {wrong or 'a price for each split expected'}"
            continue
        proven = bounding.bound(leaf.prices, rows)
        if not proven >= leaf.arithmetic - SAME * abs(leaf.arithmetic):
            yield (
                f"leaf {leaf.node}: its prices prove {proven:.12g}, "
                f"not {leaf.arithmetic:.12g}"
            )


def _located_faults(
    certificate: Certificate, given: ByOptions, bounding: Bounding
) -> Iterator[str]:
    linking = given.multipliers.linking
    if not np.isin(linking, np.arange(bounding.decisions.A.shape[0])).all():
        yield "a row that joins sites is none of the model's"
        return
    checker = Located(bounding.decisions, bounding.layer, linking)
    yield from checker.faults(certificate.tree, given.multipliers, given.bound)


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
    if certificate.located is not None:
        given = certificate.located.multipliers
        arrays |= {
            "options_bound": np.array(certificate.located.bound),
            "options_node": given.node,
            "options_linking": given.linking,
            "options_demand": given.demand.ravel(),
            "options_rows": given.rows.ravel(),
            "options_totals": given.totals.ravel(),
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
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as problem:
        raise ValueError(f"not a certificate ({problem})") from None


def _read(arrays: Mapping[str, np.ndarray]) -> Certificate:
    """Every array is made plain (one row of numbers) before anything is done with it:
    a file may come from anywhere."""

    def plain(name: str, kind: type) -> np.ndarray:
        array = arrays[name]
        if array.ndim != 1 or array.dtype.kind not in "biuf":
            raise ValueError(f"{name}: one row of numbers expected")
        if kind is bool and array.dtype != bool:
            raise ValueError(f"{name}: true or false expected")
        if kind is not bool and not np.isfinite(array.astype(float)).all():
            raise ValueError(f"{name}: finite numbers expected")
        return array.astype(kind)

    indptr, indices = (
        plain("totals_indptr", np.int64),
        plain("totals_indices", np.int64),
    )
    columns = int(arrays["totals_columns"])
    totals = sp.csr_matrix(
        (np.ones(len(indices)), indices, indptr), (len(indptr) - 1, columns)
    )
    totals.check_format(full_check=True)
    tree = Tree(
        totals,
        plain("parent", np.int64),
        plain("total", np.int64),
        plain("at", float),
        plain("above", bool),
    )
    parts = {}
    for name in PRICED:
        each = plain(f"prices_{name}", np.int64 if name in PLACES else float)
        ends = np.cumsum(plain(f"prices_{name}_of", np.int64))[:-1]
        parts[name] = np.split(each, ends)
    arithmetic, solver = arrays["arithmetic"], arrays["solver"]
    leaves = [
        Leaf(
            int(node),
            Prices(**{name: each[n] for name, each in parts.items()}),
            float(arithmetic[n]),
            float(solver[n]),
        )
        for n, node in enumerate(plain("node", np.int64))
    ]
    coarse = {
        name.removeprefix("coarse_"): plain(
            name, np.int64 if name == "coarse_groups" else float
        )
        for name in arrays
        if name.startswith("coarse_")
    }
    located = None
    if "options_bound" in arrays:
        node, linking = (
            plain("options_node", np.int64),
            plain("options_linking", np.int64),
        )
        demand, rows = plain("options_demand", float), plain("options_rows", float)
        priced, count = plain("options_totals", float), len(node)
        given = Multipliers(
            node,
            demand.reshape(count, -1 if count else 0),
            linking,
            rows.reshape(count, len(linking)),
            priced.reshape(count, totals.shape[0]),
        )
        located = ByOptions(given, float(arrays["options_bound"]))
    return Certificate(str(arrays["model"]), tree, tuple(leaves), coarse, located)
