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
then with more; and neighbourhoods are of that program. Where that leads nowhere all
options of these sites are there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
from dmopt.solving.coarse.holding import begun, fixed, no_less, shut
from dmopt.solving.coarse.kernel import kernel_near, kernel_of_used
from dmopt.solving.coarse.looking import FAR_OFF, Looking
from dmopt.solving.coarse.neighbourhoods import Neighbourhoods
from dmopt.solving.coarse.once import Once
from dmopt.solving.coarse.stages import stages_of
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
    plan. kernels: how often sites were chosen by options; kernel: times as many as are
    used, next time; narrow: whether only options that are used are there, and what they
    serve whole must be.
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
    narrow: bool = True
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
            if self.state.used is not None and self.failures >= TIRED:
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
        owners = self.evaluator.owners
        changed = [owners.sites.index(site) for site in self.near.around]
        kept = self.problem.decisions.whole & ~np.isin(owners.of_column, changed)
        return no_less(self.program, kept, self._known)

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
            met = np.zeros(len(self.problem.layer.gates.market), bool)
            if self.state.x is not None:
                met = self.state.x[self.problem.layer.gates.market] <= USED
            self.coarse, self.program = kernel_near(
                self.evaluator,
                self._cells,
                decided,
                free,
                met,
                GROUPS_OF_MARKET[0],
                self.state.limits.seed,
            )
            self.stages = [self._part(free, decided), self._kept()]

    def _likely_around(self) -> None:
        """What another plan decides, what the relaxation uses, and what is shared."""
        decided = self._known
        free = (self.evaluator.owners.of_column < 0) | (decided > 0.5)
        if self.relaxed is not None:
            free |= self.relaxed > USED
        if self.state.x is not None:
            free |= self.state.x[: len(free)] > USED
        self._drop(shut(self.program, self.problem.decisions.whole & ~free))

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
        those of the best plan; all options of these sites once those have led nowhere;
        each time with finer groups or more sites."""
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
        best = self._best
        groups = GROUPS_OF_MARKET[min(self.kernels, len(GROUPS_OF_MARKET) - 1)]
        self.coarse, self.program = kernel_of_used(
            self.evaluator,
            cells,
            used,
            self.kernel,
            best,
            self.near.around,
            self.narrow,
            groups,
            self.state.limits.seed,
        )
        if self.kernels >= len(GROUPS_OF_MARKET):
            self.kernel *= WIDENING
        self.failures, self.kernels = 0, self.kernels + 1
        if best is None or not self.narrow:
            self._drop(self.program)
        else:
            better, ended = self._solve(self.program, best, 2 * FIRST_SHARE)
            self.narrow = better or not ended

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
        drop from, that leads nowhere, and no other program of options comes next."""
        seed, stop = self.state.limits.seed, self.state.stop
        everything = program is self.program
        manner = PARTLY if self._cells is None else TO_A_PLAN
        dropped = drop(program, self.coarse, self.bounding, seed, stop, manner)
        if dropped is None:
            # where options are used that do not reach all, others are tried first
            self.stages = [program] if everything and not self._few_kernels else []
            self.narrow &= not self.kernels
            return
        if everything or self.relaxed is None:
            self.relaxed, self.reduced = dropped.relaxed, dropped.reduced
        program = self._strengthened(program, dropped.strong)
        if everything:
            self.program = program
        self.stages = stages_of(program, dropped, manner)

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
        """A plan of what a round of dropping has left. Wider ones are left out where
        there is a plan and finer groups come next, and once a plan is good, after one
        where HiGHS neither ends nor finds a better one."""
        program = self.stages.pop()
        share = FIRST_SHARE if self._cells is None else 2 * FIRST_SHARE
        better, ended = self._solve(program, self.state.x, share)
        if ended and self.state.x is None and not self.stages:
            self.narrow = False  # no whole numbers of what is used are a plan
        tired = not ended and not better and self.state.is_good
        if tired or (self._few_kernels and self.state.x is not None):
            self.stages.clear()

    def _solve(
        self,
        program: LinearProgram,
        known: np.ndarray | None,
        share: float,
        least_s: float = LEAST_S,
    ) -> tuple[bool, bool]:
        """As `Looking.solve`, from what a plan decides (n, or more) if one is known."""
        decisions, limits = self.problem.decisions, self.state.limits
        start = None if known is None else begun(program, decisions, known)
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
        better, _ = self._solve(part, best, SEARCH_SHARE)
        self.failures = 0 if better else self.failures + 1
        if not better:
            around.widen(kind)

    def _part(self, free: np.ndarray, decided: np.ndarray) -> LinearProgram:
        """The coarse program with whole decisions fixed but for `free` ones (n,)."""
        return fixed(self.program, self.problem.decisions.whole & ~free, decided)
