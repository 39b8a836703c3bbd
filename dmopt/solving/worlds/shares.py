"""What each world pays for decisions that are made once: worlds taken apart again.

The worlds' problems may be solved each on its own, if every world w is told prices
lambda_w of the whole columns y that add up to nothing,

    sum_w p_w lambda_w = 0
    sum_w p_w  min (cost_w(y_w, z_w) + lambda_w y_w)  <=  min sum_w p_w cost_w(y, z_w)

since on the left every world may choose a y of its own, and a common y pays 0 for the
lambdas (dual decomposition, Caroe and Schultz 1999). Prices of the rows of all worlds
together (joint.py) say what lambda should be: with

    d_w     what whole columns cost in world w less what its own rows pay for them
    D       sum_w d_w, their reduced cost before the rows that all worlds have in common

lambda_w = D - d_w / p_w  leaves each column the same reduced cost in every world, and
the sum of the relaxations is worth what these prices prove of all together.
"""

import numpy as np
import scipy.sparse as sp

from dmopt.proof.duals import Bounding, Prices
from dmopt.solving.worlds.joint import Joint


def shares(joint: Joint, bounding: Bounding, prices: Prices) -> np.ndarray:
    """lambda of each world, money per unit of each of its own columns (W, n); 0 but for
    whole ones. For the expected cost of all worlds."""
    weight = joint.measure.weight
    worlds = joint.worlds
    outputs = _begin([len(world.layer.gates.output) for world in worlds])
    sides = _begin([len(world.layer.side.most) for world in worlds])
    units, origin = bounding.units(prices), bounding.origin(prices)
    first = 0
    own = np.zeros((len(worlds), worlds[0].decisions.size))
    for number, (world, rows) in enumerate(zip(worlds, joint.rows, strict=True)):
        price = prices.decisions[first : first + len(rows)]
        first += len(rows)
        price = np.where(joint.common[rows], 0.0, price)
        paid = world.decisions.A[rows].T @ price
        paid += (
            world.layer.side.given.T @ prices.side[sides[number] : sides[number + 1]]
        )
        mine = (origin >= outputs[number]) & (origin < outputs[number + 1])
        for kind, needed in enumerate(world.carriers):
            some = np.flatnonzero(mine & (prices.kind == kind))
            brings = sp.csr_matrix(needed[origin[some] - outputs[number]])
            each = np.repeat(units[some], np.diff(brings.indptr))
            brings.data = np.minimum(brings.data / each, 1.0)
            paid += brings.T @ prices.strong[some]
        own[number] = weight[number] * world.decisions.cost - paid
    found = own.sum(axis=0) - own / weight[:, None]
    found[:, ~worlds[0].decisions.whole] = 0.0
    return found


def _begin(counts: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(int)
