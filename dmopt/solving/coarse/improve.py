"""Work on the plan: a first one by dropping (drop.py), then neighbourhoods of the best.

All on a coarse program with mean costs, of zones that lie together (places.py): plans
are looked for from the first second on, before anything is known of the bound.

What dropping has left is solved by HiGHS from the last round backwards: what is left
at the end is solved in an instant, and each stage begins with the plan of the one
before. Where another plan is known (a session, one more rule), four ways come first,
until a plan is good: neighbours of the sites of the change take over (take_over.py);
to keep what it decides, but at these sites, and add what it lacks; all near them, the
rest fixed; what it decides and the relaxation uses, to drop from.

A neighbourhood (neighbourhoods.py: three kinds take turns) frees some whole decisions
and keeps the rest of the best plan; shared infrastructure is free in all of them. It is
solved on the coarse program, which is fast; what it finds is then evaluated on all
zones and arcs (looking.py), and only that counts. Where options of cells are gone
through (large problems, option_work.py), a first plan is made by dropping from what
they use (kernel.py), to the end; then HiGHS plans with that, first with few groups,
then with more; and neighbourhoods are of that program.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from dmopt.proof.cells import Cells
from dmopt.proof.duals import Bounding
from dmopt.solving.assemble import assemble
from dmopt.solving.coarse.aggregate import Coarse
from dmopt.solving.coarse.drop import PARTLY, TO_A_PLAN, drop
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.first_bound import mean_program
from dmopt.solving.coarse.kernel import (
    covering,
    kernel_program,
    most_used,
    seen,
    taken,
)
from dmopt.solving.coarse.looking import FAR_OFF, Looking
from dmopt.solving.coarse.neighbourhoods import Neighbourhoods
from dmopt.solving.coarse.once import Once
from dmopt.solving.coarse.state import USED, State
from dmopt.solving.coarse.take_over import take_over_program
from dmopt.solving.coarse.with_options import with_options
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram
from dmopt.solving.start import NOTHING, Start

GROUPS = 130
KERNEL, WIDENING = 1.5, 1.3
"""Times as many sites as the program of options has open in a period, at first; how
many times more from one time to the next once groups are fine."""
GROUPS_OF_MARKET = (8, 12, 20)
"""Groups of demands of each market in the programs of sites and options that are used:
the first finds a plan soon, the last one tells good plans apart."""
MOST_KERNELS = 6
"""So many of these programs without a plan are the end of them."""
TIRED = 9
"""Neighbourhoods in a row without a better plan, after which sites are chosen anew."""
WAIT_S, MOST_WAIT = 0.05, 0.5
"""Seconds between two looks whether the program of options has said something; share of
the time limit after which plans are looked for without it."""
MORE_GROUPS = 4
FIRST_SHARE = 0.1
"""Share of the time limit that HiGHS may take for each stage of a first plan."""
TAKE_OVER_SHARE, TAKE_OVER_S = 0.02, 0.8
"""The same for neighbours that take over, and the least seconds of that."""
LEAST_S = 1.5
"""Least seconds of any other search: in less HiGHS hardly begins."""
WIDER = 1.02
"""How many times as many decisions as the stage before the next one leaves."""
MUCH_WIDER = 1.25
"""The same where all has been dropped, a little at a time."""
SEARCH_SHARE = 0.05
"""Share of the time limit that one neighbourhood may take."""


@dataclass
class PlanWork:
    """The first steps are stages of a first plan, each later one a neighbourhood.

    near: what another plan decides; then the first stages are around it. only_near:
    nothing but neighbourhoods of the plan at hand. cells: what each site can do in a
    period, where that can be gone through. relaxed, reduced (n,): values and reduced
    costs of the decision layer in a relaxation, once there. stages: programs still to
    solve, the last one next. failures: neighbourhoods since the last one with a better
    plan. kernels: how often sites were chosen by options; kernel: how many are chosen
    next.
    """

    problem: Problem
    bounding: Bounding
    evaluator: Evaluator
    state: State
    relaxed: np.ndarray | None = None
    reduced: np.ndarray | None = None
    near: Start = NOTHING
    only_near: bool = False
    cells: Once | None = None
    groups: int = GROUPS
    turn: int = 0
    stages: list[LinearProgram] = field(default_factory=list)
    failures: int = 0
    kernels: int = 0
    kernel: float = KERNEL
    _around_known: list[Callable[[], None]] = field(init=False)
    _ways: list[Callable[[], None]] = field(init=False)
    _around: Neighbourhoods = field(init=False)
    _looking: Looking = field(init=False)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.state.limits.seed)
        self._around = Neighbourhoods(self.problem, self.evaluator, random)
        self._looking = Looking(self.evaluator, self.state)
        known = self.near.decided is not None
        around = [self._add, self._near_change, self._likely_around] if known else []
        self._around_known = around
        self._ways = [] if self.only_near else [self._first_way]
        changed = self.near.around or self.state.x is None
        if known and changed and not self.only_near:
            self._ways.insert(0, self._take_over)

    def step(self) -> bool:
        """One search. True while it is worth going on."""
        if not self.problem.decisions.whole.any():
            return False
        if self.stages:
            self._stage()
        elif self._few_kernels:
            self._from_options()
        elif self._ways and not self.state.is_good:
            self._ways.pop(0)()
        elif self.state.x is not None:
            if self._cells is not None and self.failures >= TIRED:
                self._from_options()
            else:
                self._neighbourhood(self.state.x)
        elif self.groups < len(self.problem.layer.quantity):
            # Without any plan yet, finer groups come nearer to what is possible.
            self.groups *= MORE_GROUPS
            self.__dict__.pop("coarse", None)
            self.__dict__.pop("program", None)
            self._from_anywhere()
        else:
            return False
        self.turn += 1
        return True

    @property
    def _few_kernels(self) -> bool:
        """Whether plans come from options, and finer groups are still to come."""
        count = len(GROUPS_OF_MARKET) if self.state.x is not None else MOST_KERNELS
        return 0 < self.kernels < count and self.state.used is not None

    @cached_property
    def coarse(self) -> Coarse:
        """Zones that lie together, with mean costs."""
        return mean_program(self.problem, self.groups, self.state.limits.seed)

    @cached_property
    def program(self) -> LinearProgram:
        """Of these zones, with options of cells where there are any."""
        program, cells = (
            assemble(self.coarse.decisions, self.coarse.layer)[0],
            self._cells,
        )
        return program if cells is None else with_options(program, cells)

    @cached_property
    def _cells(self) -> Cells | None:
        checker = None if self.cells is None else self.cells()
        return None if checker is None else checker.cells

    @property
    def _known(self) -> np.ndarray:
        """What another plan decides, (n,)."""
        assert self.near.decided is not None
        return np.nan_to_num(self.near.decided)

    def _take_over(self) -> None:
        """Neighbours of the sites of the change take over, all else is kept."""
        program = take_over_program(
            self.evaluator,
            self._known,
            self.near.around,
            self.groups,
            self.state.limits.seed,
        )
        self._solve(program, None, TAKE_OVER_SHARE, TAKE_OVER_S)

    def _add(self) -> None:
        """Keep what another plan decides, but at the sites of the change, and add what
        it lacks."""
        self._drop(self._kept())

    def _kept(self) -> LinearProgram:
        """The program with no less than another plan decides, but at these sites."""
        owners, program = self.evaluator.owners, self.program
        changed = [owners.sites.index(site) for site in self.near.around]
        kept = self.problem.decisions.whole & ~np.isin(owners.of_column, changed)
        low, n = program.low.copy(), len(kept)
        low[:n][kept] = np.clip(self._known, low[:n], program.high[:n])[kept]
        return replace(program, low=low)

    def _near_change(self) -> None:
        """All that lies near the sites of the change."""
        owners, decided = self.evaluator.owners, self._known
        if not self.near.around:
            return
        free = owners.of_column < 0
        for site in self.near.around:
            free |= self._around.near_site(owners.sites.index(site), decided, 1.0)
        if self._cells is None:
            self.stages = [self._part(free, decided)]
        else:
            self._begin_near(self._cells, free, decided)
            self.stages = [self._part(free, decided), self._kept()]

    def _begin_near(self, cells: Cells, free: np.ndarray, decided: np.ndarray) -> None:
        """The program of what a plan decides and all that is free, (n,) bool."""
        owners = self.evaluator.owners
        sites = self.evaluator.busy(decided)
        sites[owners.of_column[free & (owners.of_column >= 0)]] = True
        options = taken(cells, decided) | seen(cells, np.zeros(len(cells.of)))
        options |= self._options_at(cells, free)
        markets = self.problem.layer.gates.market
        met = np.zeros(len(markets), bool)
        if self.state.x is not None:
            met = self.state.x[markets] <= USED
        self.coarse, self.program = kernel_program(
            self.evaluator,
            cells,
            sites,
            options,
            met,
            GROUPS_OF_MARKET[0],
            self.state.limits.seed,
        )

    def _likely_around(self) -> None:
        """What another plan decides, what the relaxation uses, and what is shared."""
        decided, program = self._known, self.program
        free = (self.evaluator.owners.of_column < 0) | (decided > 0.5)
        if self.relaxed is not None:
            free |= self.relaxed > USED
        if self.state.x is not None:
            free |= self.state.x[: len(free)] > USED
        shut = np.zeros(program.A.shape[1], bool)
        shut[: len(free)] = self.problem.decisions.whole & ~free
        high = np.where(shut, np.maximum(program.low, 0.0), program.high)
        self._drop(replace(program, high=high))

    def _first_way(self) -> None:
        """Around another plan and then from anywhere, or from what options use, where
        there are options: with what the other plan decides."""
        if self._cells is None:
            self._ways = [*self._around_known, self._from_anywhere]
        else:
            near = self.near.decided is not None and self.near.around
            self._ways = [*([self._near_change] if near else []), self._from_options]
        self._ways.pop(0)()

    def _from_options(self) -> None:
        """The options that their program uses, at the sites that it uses most, and
        those of the best plan; each time with finer groups or more sites."""
        used, cells = self.state.used, self._cells
        waited = self.state.limits.time_limit_s - self.state.seconds_left
        if cells is None or (
            used is None and waited > MOST_WAIT * self.state.limits.time_limit_s
        ):
            self._ways.append(self._from_anywhere)
            return
        if used is None:
            time.sleep(WAIT_S)  # the bound's work will tell
            self._ways.append(self._from_options)
            return
        sites = covering(self.evaluator, most_used(self.evaluator, used, self.kernel))
        options = seen(cells, used)
        best = self._best
        if best is not None:
            sites |= self.evaluator.busy(best)
            options |= taken(cells, best)
        for site in self.near.around:  # a change may force it open
            own = self.evaluator.owners.sites.index(site)
            sites[own] = True
            options |= self._options_at(cells, self.evaluator.owners.of_column == own)
        groups = GROUPS_OF_MARKET[min(self.kernels, len(GROUPS_OF_MARKET) - 1)]
        if self.kernels >= len(GROUPS_OF_MARKET):
            self.kernel *= WIDENING
        met = used[self.problem.layer.gates.market] <= USED
        self.coarse, self.program = kernel_program(
            self.evaluator, cells, sites, options, met, groups, self.state.limits.seed
        )
        self.failures, self.kernels = 0, self.kernels + 1
        if best is None:
            self._drop(self.program)
        else:
            self._solve(self.program, self._begun(best, self.program), 2 * FIRST_SHARE)

    @staticmethod
    def _options_at(cells: Cells, columns: np.ndarray) -> np.ndarray:
        """Options, (Q,) bool, with modules that some of these columns (n,) count."""
        return np.asarray(cells.standing @ columns[cells.counted] > 0)

    @property
    def _best(self) -> np.ndarray | None:
        """What the best plan decides, (n,), or another one that is known while that is
        far off."""
        if self.near.decided is not None and self.state.gap > FAR_OFF:
            return self._known
        if self.state.x is None:
            return None
        return whole_decisions(self.problem.decisions, self.state.x)

    def _from_anywhere(self) -> None:
        self._drop(self.program)

    def _drop(self, program: LinearProgram) -> None:
        """Stages of what is left after dropping; of all, where everything is there to
        drop from and that leads nowhere."""
        seed, stop = self.state.limits.seed, self.state.stop
        everything = program is self.program
        manner = PARTLY if self._cells is None else TO_A_PLAN
        dropped = drop(program, self.coarse, self.bounding, seed, stop, manner)
        if dropped is None:
            self.stages = [program] if everything else []
            return
        if everything or self.relaxed is None:
            self.relaxed, self.reduced = dropped.relaxed, dropped.reduced
        program = self._strengthened(program, dropped.strong)
        if everything:
            self.program = program
        wider = WIDER if manner is PARTLY else MUCH_WIDER
        highs = list(_widening(dropped.highs, program.whole, wider))
        self.stages = [replace(program, high=high) for high in reversed(highs)]
        if dropped.ends is not None:
            low, high = dropped.ends
            self.stages.append(replace(program, low=low, high=high))

    def _strengthened(
        self, program: LinearProgram, strong: sp.csr_matrix
    ) -> LinearProgram:
        """With strong rows, where options have brought its relaxation near enough for
        them to be worth their time in HiGHS."""
        if self._cells is None:
            return program
        count = strong.shape[0]
        return program.with_rows(strong, np.full(count, -np.inf), np.zeros(count))

    def _stage(self) -> None:
        """A plan of what a round of dropping has left. Once a plan is good, wider ones
        are left out after one where HiGHS neither ends nor finds a better one."""
        program = self.stages.pop()
        start = None if self.state.x is None else self._begun(self.state.x, program)
        share = FIRST_SHARE if self._cells is None else 2 * FIRST_SHARE
        better, ended = self._solve(program, start, share)
        if not ended and not better and self.state.is_good:
            self.stages.clear()

    def _begun(self, x: np.ndarray, program: LinearProgram) -> np.ndarray:
        """What a solution decides, as a start of a coarse program."""
        n, whole = self.problem.decisions.size, self.problem.decisions.whole
        start = np.full(program.A.shape[1], np.nan)
        start[:n][whole] = whole_decisions(self.problem.decisions, x)[whole]
        return start

    def _solve(
        self,
        program: LinearProgram,
        start: np.ndarray | None,
        share: float,
        least_s: float = LEAST_S,
    ) -> tuple[bool, bool]:
        limits = self.state.limits
        seconds = max(least_s, share * limits.time_limit_s)
        return self._looking.solve(program, start, seconds, limits.seed + self.turn)

    def _neighbourhood(self, best: np.ndarray) -> None:
        around, decided = self._around, whole_decisions(self.problem.decisions, best)
        kind = ("likely", "near", "family")[self.turn % 3]
        if kind == "likely" and self.relaxed is not None and self.reduced is not None:
            free = around.likely(decided, self.relaxed, self.reduced)
        elif kind == "family":
            free = around.family()
        else:
            kind, free = "near", around.near(decided)
        part = self._part(free | (self.evaluator.owners.of_column < 0), decided)
        better, _ = self._solve(part, self._begun(best, part), SEARCH_SHARE)
        self.failures = 0 if better else self.failures + 1
        if not better:
            around.widen(kind)

    def _part(self, free: np.ndarray, decided: np.ndarray) -> LinearProgram:
        """The coarse program with whole decisions fixed but for `free` ones (n,)."""
        fix = np.zeros(self.program.A.shape[1], bool)
        fix[: len(free)] = self.problem.decisions.whole & ~free
        return self.program.fixed(fix, decided[fix[: len(free)]])


def _widening(
    highs: Sequence[np.ndarray], whole: np.ndarray, wider: float
) -> Iterator[np.ndarray]:
    """Upper limits from the last round backwards, each leaving `wider` times as many
    decisions as the one before at least; the first round in any case."""
    most = 0.0
    for high in reversed(highs):
        left = np.count_nonzero(high[: len(whole)][whole] > 0)
        if left >= most or high is highs[0]:
            most = wider * left
            yield high
