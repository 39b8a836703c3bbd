"""Work on the bound: branch and bound on totals, over coarse programs.

Each node is a relaxation of the coarse program (aggregate.py) with strong rows, and
limits on totals of whole decisions (totals.py). The node with the least bound is next:

    split    on the total whose two sides raise the bound most, as tried out or as
             earlier splits of the same total suggest (branching.py)
    hand on  to HiGHS, for ever longer turns, where no total raises it much: its cuts
             do better then, and its plans are evaluated on all zones

Each round begins with a turn of HiGHS at the root, as long as that lifts the bound far:
where rules leave relaxations far off (a model that may serve a product hardly at all),
its branch and bound on few groups is better than any split on totals.

The bound is the least over all leaves. What relaxations prove is computed again over
all zones and all arcs before it counts (tree.py); what HiGHS proves by its own branch
and bound is kept apart in the certificate.
"""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from dmopt.proof.by_cells import CellBounding
from dmopt.proof.certificate import whole
from dmopt.proof.duals import Bounding, Prices
from dmopt.solving.coarse.aggregate import Multipliers, coarse_program
from dmopt.solving.coarse.branching import ABOVE, BELOW, Gains, fractions, worth
from dmopt.solving.coarse.evaluate import Evaluator, whole_decisions
from dmopt.solving.coarse.first_bound import bounds_by_place
from dmopt.solving.coarse.groups import group_demands
from dmopt.solving.coarse.memory import Grown, Memory
from dmopt.solving.coarse.once import ALL_ARCS, Once
from dmopt.solving.coarse.option_work import OptionWork, says_all
from dmopt.solving.coarse.same_options import Used
from dmopt.solving.coarse.state import State
from dmopt.solving.coarse.stopping import Enough
from dmopt.solving.coarse.tree import Node, SplitTree
from dmopt.solving.duals import Added, prices_of
from dmopt.solving.highs import REFUTED, Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.totals import totals_of

GROUPS = (60, 300, 1_200)
"""Groups of demands, one round after the other: few solve fast, many lose little."""
BY_PLACE = 240
"""Groups of demands of the first bound where there are more."""
BEFORE_OPTIONS = 3
"""Rounds of strong rows in it, where options of cells can be gone through after it."""
ROOT_ROUNDS, NODE_ROUNDS = 20, 2
"""Rounds of strong rows."""
TRIES = 4
"""Totals never split before that are tried out at a node."""
WORTH = 0.005
"""Share of what is left to prove that a split must gain, in the geometric mean of its
sides."""
LIKELY_GAP = 0.02
"""Largest gap that is likely to be real, and not for want of a good plan."""
FIRST_TURN_S = 4.0
"""Seconds of HiGHS's first turn at a node; each further one is twice as long."""
FAR = 10.0
"""How far above the bound, in times of it, a part without a plan is proven to lie while
there is no plan at all."""
PUBLISH_S = 2.0
"""Least seconds between two statements of the bound."""


@dataclass
class BoundWork:
    """One step is a first bound, the root of a round, a split, or a turn of HiGHS.

    memory: of this problem, or carried from another one: then the relaxation is not
    solved again. like: a tree that an earlier solve has grown: the first round takes
    its groups, and grows like it. growing: whether that was broken off. begun: whether
    options of cells were thought of. options: work on multipliers with what each site
    can do gone through, while it goes on.
    """

    problem: Problem
    bounding: Bounding
    evaluator: Evaluator
    state: State
    memory: Memory | None = None
    round: int = 0
    tree: SplitTree | None = None
    gains: Gains = field(default_factory=lambda: Gains.of(np.empty(0)))
    published: float = 0.0
    solver_first: bool = True
    growing: bool = False
    begun: bool = False
    cells: Once | None = None
    options: OptionWork | None = None
    like: Grown | None = field(init=False)

    def __post_init__(self) -> None:
        self.like = None if self.memory is None else self.memory.grown

    def step(self) -> bool:
        """Learn more of the bound. False when there is nothing left to try."""
        if not self.begun:
            self.begun = True
            return self._begin_with_options()
        if self.options is not None:
            return self._go_through_options(self.options)
        if self.memory is None or self.memory.prices is None:
            few = len(self.problem.layer.x_to) <= ALL_ARCS and self._checker is None
            return self._relax() if few else self._relax_by_place()
        if self.tree is None:
            return self._begin(self.memory)
        node = self.tree.next()
        if node is None or node.done:
            return self._end_of_round()
        if node.bound >= min(self._target, self.tree.settled):
            self.tree.wait(node)  # nor can those behind it raise the bound
            return self._end_of_round()
        if node.turns or not self._split(node):
            self._hand_on(node)
        if self.tree.bound >= self._target:
            self.published = 0.0
        if time.monotonic() - self.published > PUBLISH_S:
            self._publish()
        return True

    @property
    def _target(self) -> float:
        """The bound that would prove the best plan good enough."""
        cost = self.state.cost
        return cost - self.state.limits.gap * abs(cost) if np.isfinite(cost) else cost

    @property
    def _left(self) -> float:
        """What is left to prove, money."""
        assert self.tree is not None
        return self._open_to(self.tree.bound)

    def _open_to(self, bound: float) -> float:
        """What may be gained above a bound, money: early plans are far too dear, and
        what is worth trying is not to be measured by them."""
        return min(max(self._target - bound, 0.0), LIKELY_GAP * abs(bound))

    def _relax_by_place(self) -> bool:
        """A first bound from zones that lie together (first_bound.py)."""
        problem, state = self.problem, self.state
        rounds = bounds_by_place(
            problem, self.bounding, BY_PLACE, state.limits.seed, state.stop
        )
        for done, priced in enumerate(rounds, 1):
            if priced is None:
                return self._relax()
            multipliers = _multipliers(priced.prices, problem)
            self.memory = Memory(multipliers, priced.relaxed)
            state.prove(whole(priced.prices, self.bounding))
            if done == BEFORE_OPTIONS and self._checker is not None:
                break
        if self.memory is not None and self._checker is not None:
            # not from multipliers of places: uneven as they are, steps take longer
            self.options = OptionWork.of(problem, self._checker, None, state)
        return self.memory is not None

    @property
    def _checker(self) -> CellBounding | None:
        return None if self.cells is None else self.cells()

    def _begin_with_options(self) -> bool:
        """Options first, where an earlier solve has left multipliers for them, or they
        see all rules."""
        served = None if self.memory is None else self.memory.served
        checker = self._checker
        if checker is not None and (served is not None or says_all(checker)):
            if self.memory is not None and self.memory.used is not None:
                self.state.used = self.memory.used.on(checker.cells)
            self.options = OptionWork.of(self.problem, checker, served, self.state)
        return True

    def _go_through_options(self, work: OptionWork) -> bool:
        """A turn of the multipliers. In the end groups are tried only where their
        bound is not far behind."""
        goes_on = work.step()
        self.memory = replace(
            self.memory or Memory(), served=work.demand, read=work.values.checker
        )
        if self.state.used is not None:
            used = Used.of(self.state.used, work.values.checker.cells)
            self.memory = replace(self.memory, used=used)
        if goes_on:
            return True
        self.options = None
        if self.memory.prices is None or not np.isfinite(work.before):
            return False
        return self._open_to(work.before) + work.before >= self.state.bound

    def _relax(self) -> bool:
        """The relaxation of everything on all zones and arcs, and what it proves."""
        problem, state = self.problem, self.state
        program, rows = problem.assembled
        limits = Limits(state.seconds_left, state.limits.gap, state.limits.seed, 1)
        relaxed = run_highs(program.relaxed(), limits, cancel=state.stop)
        if relaxed.status in REFUTED:
            state.refute(
                "HiGHS proved the relaxation on all zones and arcs infeasible."
            )
            return False
        if relaxed.status != "optimal" or relaxed.x is None or relaxed.dual is None:
            return False
        priced = prices_of(relaxed.dual, rows, problem.layer, Added())
        self.memory = Memory(_multipliers(priced, problem), relaxed.x)
        state.prove(whole(priced, self.bounding))
        return True

    def _begin(self, memory: Memory) -> bool:
        """The root of the next round. False where there is none."""
        demands = len(self.problem.layer.quantity)
        if self.round >= len(GROUPS) or (
            self.round and GROUPS[self.round - 1] >= demands
        ):
            return False
        problem, like, self.like = self.problem, self.like, None
        groups = like.coarse.group_of if like else self._groups(memory, demands)
        prices = memory.prices
        assert prices is not None
        coarse = coarse_program(
            problem.decisions, problem.layer, groups, prices, "bound"
        )
        totals = totals_of(problem.decisions)
        seed = self.state.limits.seed
        self.tree = SplitTree(
            self.bounding, coarse, prices, totals.A, seed, self.state.stop
        )
        if not len(self.gains.money):
            self.gains = Gains.of(totals.money)
        nearest = np.argmin(np.abs(np.array(GROUPS) - (groups.max() + 1)))
        self.round = 1 + (self.round if like is None else int(nearest))
        if self.tree.begin(ROOT_ROUNDS, like) is None:
            self.tree = None
            if like is None or self.state.stop.is_set():
                return False
            self.memory = None  # what was carried leads nowhere: begin anew
            return True
        self._publish()
        if like is not None and like.splits:
            self.growing = True
            self.growing = not self.tree.grow_like(like, self._target)
            self._publish()
            return not self.growing
        if self.solver_first:
            return self._begin_with_solver()
        return True

    def _groups(self, memory: Memory, demands: int) -> np.ndarray:
        """Groups of demands (D,) of the next round."""
        problem, count = self.problem, GROUPS[self.round]
        if count >= demands:
            return np.arange(demands)
        assert memory.prices is not None and memory.relaxed is not None
        used = self.state.origins_used(problem, memory.relaxed)
        seed = self.state.limits.seed
        return group_demands(problem.layer, memory.prices, used, count, seed)

    def _begin_with_solver(self) -> bool:
        """A turn of HiGHS at the root; where it lifts the bound little, the next round
        begins, and no other with it."""
        assert self.tree is not None
        root = self.tree.next()
        assert root is not None
        if root.bound >= self._target:
            return self._end_of_round()
        self._hand_on(root)
        far = root.solved.value + LIKELY_GAP * abs(root.solved.value)
        self.solver_first = root.solver > far
        return True if self.solver_first else self._end_of_round()

    def _end_of_round(self) -> bool:
        self._keep()
        self.tree = None
        return True

    def _keep(self) -> None:
        """State what this tree has proven, and keep it for another solve."""
        assert self.tree is not None and self.memory is not None
        self._publish()
        grown = self.tree.grown()
        better = self.memory.grown is None or grown.splits
        if better and not self.growing:
            self.memory = replace(self.memory, grown=grown)

    def _split(self, node: Node) -> bool:
        """Split a node; False where no total is worth it."""
        tree, x = self.tree, node.solved.x
        assert tree is not None and x is not None
        values = tree.A @ x
        fraction = fractions(values)
        best: tuple[float, int, float, tuple[Node, Node]] | None = None
        for total in self.gains.order(fraction, TRIES):
            at = float(np.floor(values[total]))
            sides = tree.sides(node, int(total), at)
            if sides is None:
                return self.state.stop.is_set()  # else HiGHS may see a way itself
            gain = [self._gain(side, node) for side in sides]
            self.gains.saw(total, BELOW, gain[0], fraction[total])
            self.gains.saw(total, ABOVE, gain[1], 1 - fraction[total])
            score = float(worth(np.array(gain[0]), np.array(gain[1])))
            if best is None or score > best[0]:
                best = score, int(total), at, sides
        if best is None:
            return False
        score, total, at, sides = best
        if np.sqrt(score) < WORTH * self._left:
            return False
        kept = [self._stronger(side, node) for side in sides]
        tree.split(node, total, at, (kept[0], kept[1]))
        return True

    def _stronger(self, side: Node, parent: Node) -> Node:
        """The side with strong rows, where its bound does not suffice without."""
        assert self.tree is not None
        if side.bound >= self._target:
            return side
        again = self.tree.solve(side.low, side.high, side, NODE_ROUNDS)
        if again is None:
            return side
        again.parent = parent
        return again

    def _gain(self, side: Node, node: Node) -> float:
        """What a side gains, at most all that is left to prove there."""
        return min(max(side.bound - node.bound, 0.0), self._open_to(node.bound))

    def _hand_on(self, node: Node) -> None:
        """A turn of HiGHS at a node."""
        tree, state = self.tree, self.state
        assert tree is not None
        seconds = min(FIRST_TURN_S * 2**node.turns, state.seconds_left)
        limits = Limits(seconds, state.limits.gap / 4, state.limits.seed, 1)
        enough = Enough(state.stop)

        def found(cost: float, bound: float, x: np.ndarray | None) -> None:
            if x is not None and cost < state.cost:
                self._try(x)
            if bound >= self._target or state.over:
                enough.set()

        answer = run_highs(tree.limited(node), limits, found=found, cancel=enough)
        node.turns += 1
        infeasible = answer.status.startswith("infeasible")
        node.solver = max(node.solver, np.inf if infeasible else answer.bound)
        node.done = infeasible or answer.status == "optimal"
        if not node.done:
            tree.wait(node)

    def end(self) -> None:
        """State what was learnt last."""
        if self.tree is not None and self.tree.nodes:
            self._keep()

    def _publish(self) -> None:
        """State what all leaves prove."""
        assert self.tree is not None
        self.published = time.monotonic()
        cost, bound = self.state.cost, self.state.bound
        wanted = cost if np.isfinite(cost) else bound + FAR * max(1.0, abs(bound))
        certificate = self.tree.certificate(wanted)
        self.state.prove(certificate)

    def _try(self, x: np.ndarray) -> None:
        decided = whole_decisions(self.problem.decisions, x)
        limits = Limits(
            min(30.0, self.state.seconds_left), 1e-4, self.state.limits.seed, 1
        )
        better = self.evaluator.solve(decided, limits, self.state.stop)
        if better is not None:
            self.state.offer(*better)


def _multipliers(prices: Prices, problem: Problem) -> Multipliers:
    demand = prices.demand / problem.layer.quantity
    return Multipliers(demand, np.maximum(prices.side, 0.0))
