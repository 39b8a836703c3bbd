"""Strong rows: a site that is shut delivers nothing, said delivery by delivery.

    (strong)   x[a] <= most[a] open[from, t]      most[a]: 1, or its reach of a group

They follow from capacity for whole numbers and tighten the relaxation where capacity
is loose. There is one for each delivery, so only those are added that the relaxation
breaks.
"""

from threading import Event

import numpy as np
import scipy.sparse as sp

from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.solving.cuts import Separate, cut_rounds
from dmopt.solving.highs import Limits
from dmopt.solving.program import LinearProgram

BROKEN = 1e-4
"""How far a share must be above `open` before its strong row is added."""


def with_strong_rows(
    program: LinearProgram,
    decisions: Decisions,
    layer: FlowLayer,
    limits: Limits,
    cancel: Event,
) -> tuple[LinearProgram, float]:
    """The program with the strong rows that its relaxation breaks, and the relaxation's
    value then (-inf if it was not solved in time)."""
    return cut_rounds(program, _separator(decisions, layer, program), limits, cancel)


def _separator(
    decisions: Decisions, layer: FlowLayer, program: LinearProgram
) -> Separate:
    """Finds the strong rows that a solution of the relaxation breaks."""
    size, open_column = program.A.shape[1], decisions.column["open"]
    of_output = np.array(
        [open_column[s, t] for s, _, t in decisions.column["output"]], int
    )
    a = np.flatnonzero(layer.x_from < len(of_output))
    share, site = decisions.size + a, of_output[layer.x_from[a]]
    most = np.minimum(layer.x_most[a], 1.0)

    def separate(x: np.ndarray) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray] | None:
        broken = np.flatnonzero(x[share] > most * x[site] + BROKEN)
        if not len(broken):
            return None
        row = np.arange(len(broken))
        matrix = sp.csr_matrix(
            (
                np.concatenate([np.ones(len(broken)), -most[broken]]),
                (np.tile(row, 2), np.concatenate([share[broken], site[broken]])),
            ),
            shape=(len(broken), size),
        )
        return matrix, np.full(len(broken), -np.inf), np.zeros(len(broken))

    return separate
