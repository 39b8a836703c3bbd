"""A cut as a rule of the model: enough must be left after one loss."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.rule import Rule
from dmopt.rules.where import Where, make_where
from dmopt.studies.withstand.shortage import Cut, Key

ROOM = 1e-6
"""Share of all worth by which a cut may be missed: what solvers leave open."""


@dataclass(frozen=True)
class LeftAfterLoss:
    """sum of slope z <= most, over whole decisions z (shortage.py).

    loss: in words. slope: (decision, share of all worth).
    """

    name: ClassVar[str] = "left_after_loss"

    loss: str
    slope: tuple[tuple[Key, float], ...]
    most: float

    def sentence(self) -> str:
        return f"Enough is left after the loss of {self.loss}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        """The sites whose modules would mend it: where to look for a plan."""
        sites = {key[0] for (family, key), _ in self.slope if family == "modules"}
        for site in sorted(sites):
            yield "sites", "site", site

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, last = b.model(), where.periods[-1]

        @b.Constraint([last])
        def enough(b, t):
            return (
                pyo.quicksum(
                    slope * getattr(m, family)[key]
                    for (family, key), slope in self.slope
                )
                <= self.most
            )

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        """Nothing: whether the plan holds is for the stress test to say, which knows
        nothing of cuts."""
        return iter(())


def rule_of(cut: Cut, serve: float, number: int, instance: Instance) -> Rule:
    """The rule that at least the share `serve` is served after the cut's loss."""
    loss = "nothing" if cut.loss is None else cut.loss.says(instance)
    # figures as large as shares of worth are small beside those of other rows
    scale = max((abs(slope) for slope in cut.slope.values()), default=1.0)
    slope = tuple((key, value / scale) for key, value in cut.slope.items())
    most = (1.0 - serve + ROOM - cut.at_least) / scale
    kind = LeftAfterLoss(loss, slope, float(np.float64(most)))
    return Rule(f"loss {number}", kind, make_where(instance))
