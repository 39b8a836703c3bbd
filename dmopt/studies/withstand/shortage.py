"""How much is not served with what is decided, and what more decisions would mend.

    short(z) = least of  sum_d worth[d] short[d] / all worth
               over what can be run with the whole decisions z

It is the value of a linear program in which z stands only in ranges of columns:

    x[j] = z[j]          open sites, modules bought, sold and moved, steps, built
    0 <= x[j] <= z[j]    modules: any may be switched off
    0 <= x[j] <= 1       connections: any may be made that the rows of the model allow

so it is convex in z, and the reduced costs r of a solution at v bound it everywhere:

    short(z) >= short(v) + sum_j r[j] (z[j] - v[j])          (r[j] <= 0 for modules)

These are the cuts of Benders (1962). What is short after the loss of a site or of
infrastructure is short(z less what is lost), so that one cut says something of every
such loss (cut.py). Without a supplier or a link it is the same program with nothing on
their arcs, and its cuts speak of that loss alone. It is never more than what the stress
test (studies/stress) finds not served: there connections and modules that are switched
off are whole, and only sites that lose services may change them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.solving.builder import make_problem
from dmopt.solving.highs import Limits, load, run, stop_on
from dmopt.solving.program import LinearProgram, scaled
from dmopt.solving.start import decided
from dmopt.studies.stress.arcs import ArcsOf
from dmopt.studies.stress.losses import Loss
from dmopt.studies.stress.program import OF_SITE
from dmopt.studies.stress.standing import on_a_bad_day, unserved
from dmopt.studies.stress.worth import worth

HELD = ("open", "bought", "sold", "moved_in", "moved_out", "steps", "built")
LESS = "modules"
"""Families that are held at z, and of which less may run."""
OF_DECISIONS = ("site", "infrastructure")
"""Kinds of loss that take decisions away."""
NOTHING = 1e-9
"""Reduced cost, in shares of all worth, that counts as none."""

Key = tuple[str, tuple[str, ...]]
"""Family of a whole decision, and its index."""


@dataclass(frozen=True)
class Cut:
    """short(z) >= at_least + sum of slope[j] z[j], for every z. short: at the z where
    it was made."""

    short: float
    at_least: float
    slope: Mapping[Key, float]


class Shortage:
    """short(z) of an instance, for one z after another. Not for several threads."""

    def __init__(self, instance: Instance, seed: int, cancel: Event) -> None:
        self.instance = instance
        self.problem = make_problem(instance, ())
        column = self.problem.decisions.column
        self._held = _numbers(column, HELD)
        self._less = _numbers(column, (LESS,))
        self._key: dict[int, Key] = {
            n: (family, key)
            for family in (*HELD, LESS)
            for key, n in column[family].items()
        }
        program = self._program()
        self._low, self._high = program.low, program.high
        self._arcs = ArcsOf(self.problem)
        hot, scaling = scaled(program)
        self._column, self._money = scaling.column, scaling.money
        self._failures: list[BaseException] = []
        self._h = load(hot, Limits(1e9, seed=seed, threads=1), "simplex", {})
        stop_on(self._h, cancel, self._failures)

    def decided(self, plan: Plan) -> np.ndarray:
        """What a plan of the instance decides, by columns of the decision layer."""
        values = decided(self.problem, plan)
        if values is None:
            raise ValueError("a plan that decides what the instance does not allow")
        return np.round(np.nan_to_num(values))

    def less(self, values: np.ndarray, loss: Loss) -> np.ndarray:
        """The decisions `values` (n,) less what is lost of them."""
        if loss.kind not in OF_DECISIONS:
            return values
        column = self.problem.decisions.column
        left = values.copy()
        families, most = (
            (OF_SITE, 1) if loss.kind == "site" else (("steps", "built"), 2)
        )
        for family in families:
            for key, n in column[family].items():
                if key[:most] == loss.of:
                    left[n] = 0.0
        return left

    def cut(self, values: np.ndarray, losses: Sequence[Loss] = ()) -> Cut | None:
        """What is short of the decisions `values` (n,) with nothing on the arcs of lost
        suppliers and links, and what follows for all others; None where it was stopped.
        """
        size, held, less = self.problem.decisions.size, self._held, self._less
        low, high = self._low[:size].copy(), self._high[:size].copy()
        low[held] = high[held] = values[held]
        high[less] = values[less]
        scale = self._column[:size]
        self._bounds(np.arange(size), low, high)
        arcs = self._arcs.columns(losses)
        nothing = np.zeros(len(arcs))
        self._bounds(arcs, nothing, nothing)
        status = run(self._h, self._failures)
        short = self._h.getInfo().objective_function_value * self._money
        reduced = np.array(self._h.getSolution().col_dual[:size])
        self._bounds(arcs, self._low[arcs], self._high[arcs])  # forgets the solution
        if status == "stopped":
            return None
        if status != "optimal":
            raise ArithmeticError(f"what is short is {status}")
        reduced = reduced / scale * self._money
        reduced[less] = np.minimum(reduced[less], 0.0)
        counts = np.concatenate([held, less])
        counts = counts[np.abs(reduced[counts]) > NOTHING]
        slope = {self._key[n]: float(reduced[n]) for n in counts.tolist()}
        return Cut(short, short - float(reduced[counts] @ values[counts]), slope)

    def _bounds(self, columns: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        """Bounds (k,) of some columns (k,)."""
        scale = self._column[columns]
        self._h.changeColsBounds(
            len(columns), columns.astype(np.int32), low / scale, high / scale
        )

    def _program(self) -> LinearProgram:
        """The program with nothing decided: only what holds on a bad day, and only what
        is not served costs, as its share of all worth."""
        problem, wanted = self.problem, worth(self.instance)
        program = on_a_bad_day(problem.program, problem)
        size, whole = problem.decisions.size, problem.decisions.whole
        program.low[:size][whole] = 0.0
        program.cost[:] = 0.0
        program.cost[unserved(program, wanted)] = wanted / wanted.sum()
        return program


def _numbers(
    column: Mapping[str, Mapping[tuple[str, ...], int]], families: Iterable[str]
) -> np.ndarray:
    return np.array([n for name in families for n in column[name].values()], int)
