"""No plan: which rules and figures collide, and what would let a plan through.

A conflict is a set of suspects that leaves no plan while any of them dropped leaves
one (an irreducible set), found by divide and conquer over the elastic program
(QuickXplain: Junker 2004, AAAI), then checked member by member.

A way out drops or loosens suspects until there is a plan. Sets to loosen come from a
tree (Reiter 1987): each conflict must lose a member; what is then still in conflict
must lose another. Then each member is loosened no more than needed (ways.py).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from dmopt.data.instance import Instance
from dmopt.explaining.elastic import Elastic, make_elastic
from dmopt.explaining.suspects import suspects
from dmopt.explaining.suspects.suspect import Suspect
from dmopt.explaining.ways import Tries, WayOut, way_out
from dmopt.rules.catalogue import make_rules

MOST_CONFLICTS = 20
"""Nodes of the tree of conflicts that are opened."""
SHARE_OF_CONFLICTS, SHARE_OF_SETS = 0.5, 0.7
"""Of the time given: when the first conflict is to be known, and what to loosen."""


@dataclass(frozen=True)
class Conflict:
    """Suspects that leave no plan together.

    smallest: whether, with any one of them dropped and all others held, there is a
    plan: proven by solving each (False: some could not be decided in time).
    """

    members: Sequence[Suspect]
    smallest: bool


@dataclass(frozen=True)
class Explanation:
    """Why there is no plan.

    infeasible: True proven, False there is a plan, None not known in the time given.
    conflicts: each with its members; ways: each lets a plan through.
    solves, seconds: what it took. With every suspect dropped there is always a plan:
    to do nothing and to leave demand unmet.
    """

    infeasible: bool | None
    conflicts: Sequence[Conflict] = ()
    ways: Sequence[WayOut] = ()
    solves: int = 0
    seconds: float = 0.0

    def sentences(self) -> list[str]:
        """What it says, in words."""
        if self.infeasible is None:
            return ["Whether there is a plan is not known: the time ran out."]
        if not self.infeasible:
            return ["There is a plan: nothing collides."]
        found = []
        for conflict in self.conflicts:
            few = "" if conflict.smallest else " (fewer might do; the time ran out)"
            found.append(f"These cannot all hold{few}:")
            found += [f"  {each.label}: {each.says}" for each in conflict.members]
        found += [f"Way out: {way.says()}" for way in self.ways]
        return found


def explain(
    instance: Instance,
    *,
    ways: int = 3,
    cost: bool = False,
    gap: float = 0.01,
    time_limit_s: float = 60.0,
    cancel: Event | None = None,
) -> Explanation:
    """Why an instance has no plan, and at least `ways` ways out where there are.

    cost: also solve the instance after each way out, within gap. time_limit_s: of all
    together. Raises InstanceError for rules that cannot be read.
    """
    begin = time.monotonic()
    deadline = begin + time_limit_s
    rules = make_rules(instance)
    every = suspects(instance, rules)
    until = begin + SHARE_OF_CONFLICTS * time_limit_s
    elastic = make_elastic(instance, rules, every, until, time_limit_s / 4, cancel)

    def done(explanation: Explanation) -> Explanation:
        seconds = time.monotonic() - begin
        return Explanation(
            **{**explanation.__dict__, "solves": elastic.solves, "seconds": seconds}
        )

    held = elastic.feasible(every)
    if held is not False:
        return done(Explanation(None if held is None else False))
    first = smallest_conflict(elastic, every)
    conflicts = [Conflict(first, _is_smallest(elastic, first))]
    found: list[WayOut] = []
    elastic.until = begin + SHARE_OF_SETS * time_limit_s
    sets = _sets_to_loosen(elastic, every, first, conflicts, ways)
    tries = Tries(deadline, cancel)
    for dropped in sets:
        for way in way_out(instance, dropped, several=len(sets) < ways, tries=tries):
            if way.key not in {known.key for known in found}:
                found.append(way)
    found = [way.solved(gap, deadline, cancel) for way in found] if cost else found
    return done(Explanation(True, conflicts, _by_cost(found)))


def _by_cost(ways: Sequence[WayOut]) -> list[WayOut]:
    unknown = float("inf")
    return sorted(ways, key=lambda way: unknown if way.cost is None else way.cost)


def smallest_conflict(
    elastic: Elastic,
    suspects: Sequence[Suspect],
    dropped: frozenset[Suspect] = frozenset(),
) -> list[Suspect]:
    """Members of one conflict among the suspects that are not dropped, which together
    leave no plan. Those that come first are kept where there is a choice."""
    candidates = [each for each in suspects if each not in dropped]
    found = _quick(elastic, [], [], candidates)
    return [each for each in candidates if each in found]


def _quick(
    elastic: Elastic,
    held: Sequence[Suspect],
    new: Sequence[Suspect],
    candidates: Sequence[Suspect],
) -> list[Suspect]:
    """QuickXplain: what of `candidates` is needed, with `held`, to leave no plan."""
    if new and elastic.feasible(held) is False:
        return []
    if len(candidates) == 1:
        return list(candidates)
    half = len(candidates) // 2
    first, second = candidates[:half], candidates[half:]
    of_second = _quick(elastic, [*held, *first], first, second)
    of_first = _quick(elastic, [*held, *of_second], of_second, first)
    return of_first + of_second


def _is_smallest(elastic: Elastic, members: Sequence[Suspect]) -> bool:
    """The set leaves no plan, and without any one member there is one."""
    whole = elastic.feasible(members) is False
    return whole and all(
        elastic.feasible([other for other in members if other is not each]) is True
        for each in members
    )


def _sets_to_loosen(
    elastic: Elastic,
    every: Sequence[Suspect],
    first: Sequence[Suspect],
    conflicts: list[Conflict],
    wanted: int,
) -> list[frozenset[Suspect]]:
    """Smallest sets that, dropped, leave a plan; conflicts met on the way are added."""
    sets: list[frozenset[Suspect]] = []
    queue = [frozenset([each]) for each in first]
    opened, seen = 1, set(queue)
    while queue and not elastic.over:
        dropped = queue.pop(0)
        if any(done <= dropped for done in sets):
            continue
        answer = elastic.feasible([s for s in every if s not in dropped])
        if answer is True:
            sets.append(dropped)
            if len(sets) >= wanted:
                break
        if answer is not False or opened >= MOST_CONFLICTS:
            continue
        opened += 1
        members = smallest_conflict(elastic, every, dropped)
        new = all(set(members) != set(known.members) for known in conflicts)
        if new and elastic.feasible(members) is False:
            conflicts.append(Conflict(members, _is_smallest(elastic, members)))
        for each in members:
            more = dropped | {each}
            if more not in seen:
                seen.add(more)
                queue.append(more)
    return sets
