"""A what-if session: one change after another, each answered from what is known.

    1  bound   prices of earlier solves, with the numbers of now           at once
    2  plan    what an earlier plan decides, its flows solved anew         soon
    3  better  a search around the change, then everywhere           while one looks

What is kept: the builder with the model in parts, the last few problems with their
plans, certificates and trees. Every plan is verified as always.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.proof.certificate import Certificate, by_arithmetic
from dmopt.rules.rule import Rule, asks_the_same
from dmopt.runs.fingerprint import instance_hash
from dmopt.solving.again import model_of
from dmopt.solving.builder import Builder
from dmopt.solving.carry import Match, carried, is_narrower, of_one_make
from dmopt.solving.carry_basis import carried_basis
from dmopt.solving.coarse.memory import Memory
from dmopt.solving.duals import bounding_of
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from dmopt.solving.progress import OnProgress, Progress
from dmopt.solving.result import Result
from dmopt.solving.run import asked, solve_problem, verified
from dmopt.solving.start import NOTHING, Start, fitted
from dmopt.studies.answers import Answers, plan_key
from dmopt.studies.enough import Enough
from dmopt.studies.interim import Interim, OnPlan
from dmopt.studies.rejected import without_plan
from dmopt.studies.whatif import Wish, Wished, wished

KEPT = 6
"""Problems that a session remembers: the last asked."""
AT_ONCE, AT_HAND = "bound at once", "plan at hand"
PRICED = "what an earlier plan decides, its flows solved anew"


@dataclass(frozen=True)
class Known:
    """A problem that was solved, and what is known of it."""

    problem: Problem
    plan: Plan | None
    cost: float | None
    certificate: Certificate | None
    memory: Memory | None


class Session:
    """Answers wishes about one instance. Not for several threads at once.

    answers: those kept from before (answers.py), given where they are asked for again;
    new ones are kept there. Nothing is built for what is there: it is learned when
    something is to be solved.
    """

    def __init__(self, instance: Instance, answers: Answers | None = None) -> None:
        self.instance = instance
        self._builders: list[Builder] = []
        self._known: list[Known] = []
        self._answers = answers
        self._given: deque[tuple[Wished, Result]] = deque(maxlen=KEPT)

    def ask(
        self,
        wish: Wish | Wished,
        *,
        gap: float = 0.01,
        time_limit_s: float = 60.0,
        seed: int = 0,
        threads: int = 2,
        on_progress: OnProgress | None = None,
        on_plan: OnPlan | None = None,
        cancel: Event | None = None,
        near: Plan | None = None,
        bound: float = -np.inf,
    ) -> Result:
        """The instance as wished, solved from what earlier wishes have taught.

        wish: what is to be otherwise, or the instance and its rules as they are to be.
        Progress tells the bound at once, then the plan at hand, then each better one.
        near: a plan to begin from, in place of that of the wish most like this one.
        bound: proven elsewhere of what is wished; a plan near enough to it is the end.
        on_plan: gets plans on the way, verified, with what is proven at that moment;
        in another thread, about one a second (interim.py).
        Raises InstanceError for a wish that does not fit, and as `solve` does.
        """
        begin = time.monotonic()
        changed = wish if isinstance(wish, Wished) else wished(self.instance, wish)
        options = asked(gap, time_limit_s, seed, threads)

        def solve() -> Result:
            return self._solve(
                changed, options, begin, on_progress, on_plan, cancel, near, bound
            )

        if self._answers is None or isinstance(wish, Wished):
            return solve()
        question = {"wish": wish.model_dump(mode="json"), **options}
        if np.isfinite(bound):
            question["bound"] = bound
        stop = cancel
        if isinstance(cancel, Enough):  # what it ends by is asked, and no cut
            question, stop = question | cancel.asked, cancel.stop
        found = self._answers.known(question, changed.instance)
        if found is not None:
            self._given.append((changed, found))
            return found
        return self._answers.answered(question, changed.instance, solve, stop)

    def _solve(
        self,
        changed: Wished,
        options: Mapping[str, Any],
        begin: float,
        on_progress: OnProgress | None,
        on_plan: OnPlan | None,
        cancel: Event | None,
        near: Plan | None,
        bound: float,
    ) -> Result:
        """As `ask`, whatever was answered before."""
        self._learn_what_was_given()
        gap, seed = options["gap"], options["seed"]
        time_limit_s = options["time_limit_s"]
        tell = _Teller(begin, on_progress)
        holds = max(bound, self._say_what_holds(changed, tell))
        problem = self._problem(changed)
        like, start, memory = self._carry(problem, tell)
        start = replace(start, bound=max(start.bound, holds))
        at_hand = near
        if at_hand is None and like is not None:
            at_hand = like.plan
        if like is not None and at_hand is not None:
            limits = Limits(time_limit_s, gap, seed, 1)
            around = touched(like.problem, problem)
            known = replace(start, around=around)
            start = fitted(problem, at_hand, known, limits, cancel)
            if start.x is not None:
                tell(AT_HAND, start.cost, start.bound)
        with ExitStack() as stack:
            on_found = None
            if on_plan is not None:
                interim = Interim(problem, options, begin, on_plan)
                on_found = stack.enter_context(interim).found
            result = solve_problem(
                problem,
                start,
                options,
                begin=begin,
                memory=memory,
                on_progress=tell.heard,
                on_found=on_found,
                cancel=cancel,
            )
        self._keep(problem, result)
        return result

    def priced(
        self,
        wish: Wish,
        plan: Plan,
        *,
        time_limit_s: float = 60.0,
        seed: int = 0,
        cancel: Event | None = None,
    ) -> tuple[Plan, float] | None:
        """What a plan costs under a wish: what it decides is kept, its flows are solved
        anew. The plan with them, verified, and its cost; None where it does not fit or
        time ran out.

        Raises InstanceError for a wish that does not fit, PlanRejected as `solve` does.
        """
        changed = wished(self.instance, wish)

        def price() -> Result:
            problem = self._problem(changed)
            limits = Limits(time_limit_s, seed=seed)
            found = fitted(problem, plan, NOTHING, limits, cancel)
            none = replace(without_plan(), path="priced", why_path=PRICED)
            if found.x is None:
                return none
            there, cost = verified(problem, found.x, found.cost)
            return replace(none, status="feasible", plan=there, cost=cost)

        if self._answers is None:
            result = price()
        else:
            decided = {"priced": plan_key(plan), "time_limit_s": time_limit_s}
            question = {"wish": wish.model_dump(mode="json"), "seed": seed, **decided}
            result = self._answers.answered(question, changed.instance, price, cancel)
        if result.plan is None or result.cost is None:
            return None
        return result.plan, result.cost

    def learn(self, wish: Wish, result: Result) -> None:
        """Take in what is known of a wish from elsewhere: the result of a run.

        Its certificate counts where it is of the same rows; of the same numbers too,
        what a solver has said counts beside the arithmetic. Raises InstanceError for
        a wish that does not fit.
        """
        self._learn(self.problem(wish), result)

    def _learn_what_was_given(self) -> None:
        for changed, result in self._given:
            self._learn(self._problem(changed), result)
        self._given.clear()

    def _learn(self, problem: Problem, result: Result) -> None:
        proof = result.certificate
        if proof is not None and proof.model != model_of(problem, proof):
            proof = None
        elif proof is not None and not _of_the_same_data(result, problem):
            # its prices hold for any numbers, what they prove is other than it states
            own = Match(problem, problem)
            proof = carried(by_arithmetic(proof), own, bounding_of(problem))
        self._keep(problem, replace(result, certificate=proof))

    def problem(self, wish: Wish) -> Problem:
        """What is solved for a wish. Raises InstanceError for one that does not fit."""
        return self._problem(wished(self.instance, wish))

    def _say_what_holds(self, changed: Wished, tell: "_Teller") -> float:
        """The best bound of earlier problems that this one narrows: it holds before
        this one is built. -inf where there is none."""
        bounds = [
            known.certificate.bound
            for known in self._known
            if known.certificate is not None and is_narrower(known.problem, changed)
        ]
        if bounds:
            tell(AT_ONCE, np.inf, max(bounds))
        return max(bounds, default=-np.inf)

    def _problem(self, changed: Wished) -> Problem:
        return self._builder(changed.instance).of(changed.instance, changed.rules)

    def _builder(self, instance: Instance) -> Builder:
        """The builder of the same tables, whatever the rules; or a new one."""
        for builder in self._builders:
            if builder.fits(instance):
                return builder
        builder = Builder(instance)
        self._builders = [builder, *self._builders][:KEPT]
        return builder

    def _carry(
        self, problem: Problem, tell: "_Teller"
    ) -> tuple[Known | None, Start, Memory | None]:
        """The problem known that is most like this one, and what it says of this one.

        Every other one of the same make may prove a better bound, if this one only
        narrows it.
        """
        kin = [known for known in self._known if of_one_make(known.problem, problem)]
        if not kin:
            return None, Start(), None
        like = min(kin, key=lambda known: difference(known.problem, problem))
        match = Match(like.problem, problem)
        problem.last_flows.basis = carried_basis(match)
        bounding = bounding_of(problem)
        best: Certificate | None = None
        for known in kin:
            if known.certificate is None:
                continue
            if known is not like and not is_narrower(known.problem, problem):
                continue
            own = match if known is like else Match(known.problem, problem)
            read = None if known.memory is None else known.memory.read
            proven = carried(known.certificate, own, bounding, read)
            if proven is not None and (best is None or proven.bound > best.bound):
                best = proven
        start = Start()
        if best is not None:
            start = Start(bound=best.bound, certificate=best)
            if best.bound > tell.bound:
                tell(AT_ONCE, np.inf, best.bound)
        memory = None if like.memory is None else like.memory.carried(match)
        return like, start, memory

    def _keep(self, problem: Problem, result: Result) -> None:
        known = Known(
            problem, result.plan, result.cost, result.certificate, result.memory
        )
        if result.plan is None and result.certificate is None:
            return
        others = [
            other for other in self._known if any(difference(other.problem, problem))
        ]
        self._known = [known, *others][:KEPT]


def _of_the_same_data(result: Result, problem: Problem) -> bool:
    if result.plan is None:
        return False
    return instance_hash(result.plan.instance) == instance_hash(problem.instance)


class _Teller:
    """Tells progress; each side is the best so far, whatever a solve begins with."""

    def __init__(self, begin: float, listener: OnProgress | None) -> None:
        self._begin, self._listener = begin, listener
        self._cost, self.bound = np.inf, -np.inf

    def __call__(self, step: str, cost: float, bound: float) -> None:
        self._cost, self.bound = min(self._cost, cost), max(self.bound, bound)
        if self._listener is not None:
            self._listener(
                Progress(
                    time.monotonic() - self._begin,
                    step,
                    float(self._cost) if np.isfinite(self._cost) else None,
                    float(self.bound) if np.isfinite(self.bound) else None,
                )
            )

    def heard(self, told: Progress) -> None:
        self(
            told.step,
            np.inf if told.cost is None else told.cost,
            -np.inf if told.bound is None else told.bound,
        )


def difference(before: Problem, after: Problem) -> tuple[int, int, int]:
    """How many tables, then how many rules, then how many rows over flows more or fewer
    are not the same."""
    one, other = before.instance.tables, after.instance.tables
    tables = sum(name != "rules" and one[name] is not other[name] for name in one)
    new = sum(1 for _ in _not_in(after.rules, before.rules))
    gone = sum(1 for _ in _not_in(before.rules, after.rules))
    rows = len(before.layer.side.most) - len(after.layer.side.most)
    return tables, new + gone, abs(rows)


def touched(before: Problem, after: Problem) -> tuple[str, ...]:
    """Sites named by rules that do not stand the same in both problems."""
    named = {
        site
        for one, other in ((before, after), (after, before))
        for rule in _not_in(one.rules, other.rules)
        for table, column, site in rule.kind.refers()
        if (table, column) == ("sites", "site")
    }
    return tuple(s for s in after.scope.sites.index if s in named)


def _not_in(rules: Sequence[Rule], others: Sequence[Rule]) -> Iterator[Rule]:
    known = {rule.id: rule for rule in others}
    for rule in rules:
        if rule.id not in known or not asks_the_same(rule, known[rule.id]):
            yield rule
