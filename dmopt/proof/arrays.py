"""Certificates as plain arrays, for a file, and back."""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import scipy.sparse as sp

from dmopt.proof.by_cells import ByCells
from dmopt.proof.certificate import ByOptions, Certificate, Leaf
from dmopt.proof.duals import Prices
from dmopt.proof.located import Multipliers
from dmopt.proof.splits import Tree

PLACES = ("kind", "member", "arc")
"""Of prices, what is a number of something and no price."""
CELLS = [f.name for f in fields(ByCells) if f.name != "bound"]
AT_LEAVES = ("decisions", "nu", "omega", "more")
"""Of prices by cells, what there is of each leaf."""
PRICED = [f.name for f in fields(Prices)]


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
    if certificate.cells is not None:
        arrays["cells_bound"] = np.array(certificate.cells.bound)
        for name in CELLS:
            arrays[f"cells_{name}"] = getattr(certificate.cells, name).ravel()
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
    cells = None
    if "cells_bound" in arrays:
        of = {
            name: plain(f"cells_{name}", np.int64 if name == "node" else float)
            for name in CELLS
        }
        count = len(of["node"])
        for name in AT_LEAVES:
            of[name] = of[name].reshape(count, -1 if len(of[name]) else 0)
        cells = ByCells(**of, bound=float(arrays["cells_bound"]))
    model = str(arrays["model"])
    return Certificate(model, tree, tuple(leaves), coarse, located, cells)
