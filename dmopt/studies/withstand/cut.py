"""A cut as a rule of the model: enough must be left, whatever one thing is lost.

With  short(z) >= a + sum_j r[j] z[j]  for every z (shortage.py), and less what is lost
for z, at least the share `serve` is left after each loss l of the things J(l) only if

    a + sum_j r[j] z[j] + lost <= 1 - serve
    sum_{j in J(l)} - r[j] z[j] <= lost                 for each loss l;   lost >= 0

One cut so speaks of every loss: a plan that only puts at another site what would be
missed at this one breaks it too. A cut made without a supplier or a link has no J(l).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.rule import Rule
from dmopt.rules.where import Where, make_where
from dmopt.studies.stress.losses import Loss, is_asked
from dmopt.studies.stress.program import OF_SITE
from dmopt.studies.withstand.shortage import Cut, Key

ROOM = 1e-6
"""Share of all worth by which a cut may be missed: what solvers leave open."""


@dataclass(frozen=True)
class LeftAfterLoss:
    """The rows above, divided by the greatest |r|.

    slope: r of each decision. at_least: a. most: 1 - serve. lose: what may be lost of
    decisions, as in studies/stress/losses.py.
    """

    name: ClassVar[str] = "left_after_loss"

    slope: tuple[tuple[Key, float], ...]
    at_least: float
    most: float
    lose: tuple[str, ...]

    def sentence(self) -> str:
        return "Enough is left after the loss of any one thing."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        """The sites whose modules would mend it: where to look for a plan."""
        sites = {key[0] for (family, key), _ in self.slope if family == "modules"}
        for site in sorted(sites):
            yield "sites", "site", site

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, last = b.model(), where.periods[-1]

        def worth(part: Sequence[tuple[Key, float]]) -> Any:
            return pyo.quicksum(
                slope * getattr(m, family)[key] for (family, key), slope in part
            )

        lost = self._lost()
        b.lost = pyo.Var([last], domain=pyo.NonNegativeReals)

        @b.Constraint([last])
        def enough(b: Any, t: str) -> Any:
            return self.at_least + worth(self.slope) + b.lost[t] <= self.most

        @b.Constraint(list(lost), [last])
        def missed(b: Any, *index: str) -> Any:
            return -worth(lost[index[:-1]]) <= b.lost[last]

    def _lost(self) -> dict[tuple[str, ...], list[tuple[Key, float]]]:
        """(kind, ids) of each loss -> decisions that are lost with it, and their r."""
        lost: defaultdict[tuple[str, ...], list[tuple[Key, float]]] = defaultdict(list)
        for (family, key), slope in self.slope:
            site = family in OF_SITE
            loss = Loss("site", key[:1]) if site else Loss("infrastructure", key[:2])
            if is_asked(loss, self.lose):
                lost[(loss.kind, *loss.of, "")[:3]].append(((family, key), slope))
        return dict(lost)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        """Nothing: whether the plan holds is for the stress test to say, which knows
        nothing of cuts."""
        return iter(())


def rule_of(
    cut: Cut, serve: float, lose: tuple[str, ...], number: int, instance: Instance
) -> Rule:
    """The rule that at least the share `serve` is left after any one loss."""
    # as shares of all worth the figures are small beside those of other rows
    scale = max((abs(slope) for slope in cut.slope.values()), default=1.0)
    kind = LeftAfterLoss(
        tuple((key, value / scale) for key, value in cut.slope.items()),
        cut.at_least / scale,
        (1.0 - serve + ROOM) / scale,
        lose,
    )
    return Rule(f"left after loss {number}", kind, make_where(instance))
