"""What a plan can still do: one program kept hot, in which a loss is a few bounds.

    most served first, by worth, then cheapest:

    minimise   running cost + M sum_d worth[d] short[d]
    subject to the plan's own rows of (balance), (made_here), (service), (share),
               (draw), (cover), (connected), (users most), flows; and
    (capacity) sum_r use[r] activity <= avail cap ready[s,k,t] modules[s,k,t]

    M          DEAR (cost of the plan + cost of bringing all demand by its dearest way)
               / all worth: as long as running costs are below that sum, what is served
               falls short of the most by less than 1 / DEAR of all worth
    ready      share of the plan's modules that are set up in the period

Whole decisions are the plan's: open sites, modules, steps, connections. A loss sets
those it hits to 0. A site that loses a connection, or its own infrastructure, may be
connected to anything that stands and reaches it, and may switch modules off where
services do not suffice for all: both in whole numbers. Nothing is bought or built.
So a loss can give back too: infrastructure frees its users for something else, a site
leaves its place as a user, and the services its modules hold, to others.

Lifted: rules, and the least use of modules. Both say what is a good plan, not what is
possible on a bad day. Every demand may fall short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

import highspy
import numpy as np

from dmopt.plan.plan import Plan
from dmopt.solving.highs import Limits, load, run, stop_on
from dmopt.solving.program import LinearProgram, scaled
from dmopt.solving.start import MODULES
from dmopt.studies.stress.arcs import ONLY_ARCS, ArcsOf
from dmopt.studies.stress.losses import Loss, locations_lost
from dmopt.studies.stress.standing import price_of_worth, program_of, standing
from dmopt.studies.stress.worth import worth

WHOLE_GAP, WHOLE_S = 1e-6, 30.0
"""Relative gap, and most seconds, of a program with whole numbers."""
OF_SITE = ("open", *MODULES, "activity")
FAMILIES = (*OF_SITE, "steps", "built", "uses")


@dataclass(frozen=True)
class Left:
    """What is done after a loss. x (n,): all columns of the problem. served: share of
    the worth. most: share that nothing can exceed; more where time ran out."""

    x: np.ndarray
    served: float
    most: float


class Stressed:
    """A plan under losses. Not for several threads at once.

    Raises InstanceError where the plan decides what the instance does not allow.
    """

    def __init__(self, plan: Plan, seed: int, cancel: Event) -> None:
        self.ledger = plan.ledger
        self.problem, self._values = standing(plan)
        self._worth = worth(plan.instance)
        self._keys = {
            name: list(self.problem.decisions.column[name]) for name in FAMILIES
        }
        self._price = price_of_worth(plan, self.problem, self._worth)
        program = program_of(self.problem, self._values, self._worth, self._price)
        self._low, self._high = program.low.copy(), program.high.copy()
        self._gives = _only_gives(program)[: self.problem.decisions.size]
        hot, scaling = scaled(program)
        self._column, self._money = scaling.column, scaling.money
        self._failures: list[BaseException] = []
        self._h = load(hot, Limits(1e9, WHOLE_GAP, seed, 1), "simplex", {})
        stop_on(self._h, cancel, self._failures)
        self._basis: highspy.HighsBasis | None = None
        self._arcs = ArcsOf(self.problem)

    def after(self, losses: Sequence[Loss]) -> Left | None:
        """The most that is left after losses; None where it was stopped."""
        low, high = self._low.copy(), self._high.copy()
        whole = self._hit(losses, low, high)
        high[self._arcs.columns(losses)] = 0.0
        changed = np.flatnonzero((low != self._low) | (high != self._high))
        self._bounds(changed, low, high)
        try:
            return self._solve(losses, whole)
        finally:
            self._bounds(changed, self._low, self._high)

    def takes_only(self, other: Loss, one: Loss) -> bool:
        """Whether losing `other` besides `one` gives nothing back, so that both leave
        no more than `one`: no bound is wider, and what is less can only be missed."""
        if other.kind in ONLY_ARCS:
            return True
        size = self.problem.decisions.size
        (low, high), (low_of_both, high_of_both) = (
            (self._low[:size].copy(), self._high[:size].copy()) for _ in range(2)
        )
        self._hit([one], low, high)
        self._hit([one, other], low_of_both, high_of_both)
        lower = low_of_both < low
        return bool((high_of_both <= high).all() and self._gives[lower].all())

    def _solve(self, losses: Sequence[Loss], whole: np.ndarray) -> Left | None:
        if self._basis is not None:
            self._h.setBasis(self._basis)
        if (status := run(self._h, self._failures)) != "optimal":
            if status != "stopped":
                raise ArithmeticError(f"what is left after {losses} is {status}")
            return None
        if not losses:
            self._basis = self._h.getBasis()
        x = self._x()
        served = self._served(x)
        part = np.abs(x[whole] - np.round(x[whole])) > 1e-6
        if part.any():
            return self._solve_whole(whole, served)
        return Left(x, served, served)

    def _solve_whole(self, whole: np.ndarray, most: float) -> Left | None:
        """The same with these columns whole; most: served where they are not."""
        h, count = self._h, len(whole)
        columns, kinds = whole.astype(np.int32), highspy.HighsVarType
        h.changeColsIntegrality(count, columns, np.full(count, kinds.kInteger))
        h.setOptionValue("solver", "choose")
        h.setOptionValue("time_limit", h.getRunTime() + WHOLE_S)
        status = run(h, self._failures)
        info = h.getInfo()
        x = self._x() if info.primal_solution_status == 2 else None
        open_cost = (info.objective_function_value - info.mip_dual_bound) * self._money
        h.changeColsIntegrality(count, columns, np.full(count, kinds.kContinuous))
        h.setOptionValue("time_limit", 1e9)
        h.setOptionValue("solver", "simplex")
        if x is None:
            return self._all_off(whole, most)
        served = self._served(x)
        if status == "optimal":
            return Left(x, served, served)
        unproven = open_cost / (self._price * float(self._worth.sum()))
        return Left(x, served, min(most, served + unproven))

    def _all_off(self, whole: np.ndarray, most: float) -> Left | None:
        """With these columns at 0, where no time was left for better."""
        self._bounds(whole, np.zeros(len(self._low)), np.zeros(len(self._high)))
        if run(self._h, self._failures) != "optimal":
            return None
        return Left(x := self._x(), self._served(x), most)

    def _x(self) -> np.ndarray:
        return np.array(self._h.getSolution().col_value) * self._column

    def _served(self, x: np.ndarray) -> float:
        """Share of all worth that is served."""
        short = x[len(x) - len(self._worth) :]
        return 1.0 - float(self._worth @ short) / float(self._worth.sum())

    def _bounds(self, columns: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        scale = self._column[columns]
        self._h.changeColsBounds(
            len(columns),
            columns.astype(np.int32),
            low[columns] / scale,
            high[columns] / scale,
        )

    # what a loss does to bounds

    def _hit(
        self, losses: Sequence[Loss], low: np.ndarray, high: np.ndarray
    ) -> np.ndarray:
        """Set the bounds of decisions that are lost, and free what may answer to it;
        gives the columns that must be whole."""
        gone = locations_lost(self.ledger, losses)
        sites = {each.of[0] for each in losses if each.kind == "site"}

        def of_site(key: tuple[str, ...]) -> bool:
            return key[0] in sites

        lost = [
            *(n for name in OF_SITE for n in self._columns(name, of_site)),
            *self._columns("steps", lambda key: key[:2] in gone),
            *self._columns("built", lambda key: key[:2] in gone),
            *self._columns("uses", lambda key: key[0] in sites or key[1:3] in gone),
        ]
        without = self._without_services(gone) - sites
        free = [
            *self._columns("modules", lambda key: key[0] in without),
            *self._columns(
                "uses", lambda key: key[0] in without and key[1:3] not in gone
            ),
        ]
        low[free] = 0.0
        high[self._columns("uses", lambda key: key[0] in without)] = 1.0
        low[lost] = high[lost] = 0.0
        return np.array([n for n in free if high[n] > 0], int)

    def _without_services(self, gone: set[tuple[str, str]]) -> set[str]:
        """Sites that used infrastructure that is gone, or had it as their own."""
        column = self.problem.decisions.column["uses"]
        users = {
            key[0]
            for key in self._keys["uses"]
            if key[1:3] in gone and self._values[column[key]] > 0
        }
        locations = self.ledger.locations
        own = locations[(locations.reach == "site") & locations.index.isin(list(gone))]
        return users | set(own.site)

    def _columns(
        self, family: str, hit: Callable[[tuple[str, ...]], bool]
    ) -> list[int]:
        column = self.problem.decisions.column[family]
        return [column[key] for key in self._keys[family] if hit(key)]


def _only_gives(program: LinearProgram) -> np.ndarray:
    """Columns (n,) of which more never breaks a row: as capacity, not as a need."""
    hinders = (program.A > 0).T @ np.isfinite(program.row_high).astype(float)
    hinders += (program.A < 0).T @ np.isfinite(program.row_low).astype(float)
    return np.asarray(hinders == 0)
