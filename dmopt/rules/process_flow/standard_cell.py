"""Standard cell: few different technologies stand in the region.

    (standard)    sum_f stands[f,t] <= F                         for all t
    (if_stands)   modules[s,k,t] <= limit[s,k,t] stands[f,t]     for all s, k of f, t

    s        covered sites in the region, committed ones too
    k        technologies that make a covered product
    f        each such technology, or each family of them       by
    F        different ones at most                             most
    limit    most modules of k that may stand at s
    stands   1 where some of f stand at any s, 0/1

A technology without a family is one of its own. Sites with many technologies and
sites with few count alike: what differs is counted once for the region.
Source: rule R2.4 of dimension D2 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, looser
from dmopt.rules.where import Where


class StandardCell(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "standard_cell"

    most: Count = looser("up", to=1_000, unit="technologies or families")
    """Most different technologies, or families of them, that stand in the region."""
    by: Literal["technology", "family"] = "technology"
    """What is counted: technologies, or families of technologies."""

    def sentence(self) -> str:
        kinds = {"technology": "technologies", "family": "families of technologies"}
        return f"At most {self.most} different {kinds[self.by]} stand in the region."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        sites = set(where.sites) & set(instance.sites.index[instance.sites.in_region])
        family = instance.technologies.family
        kind = {
            k: f"family {family[k]}" if self.by == "family" and family[k] else str(k)
            for k in where.technologies
        }
        placed = [(s, k) for s, k in m.SK if s in sites and k in kind]
        kinds = sorted({kind[k] for _, k in placed})
        if not kinds:
            return
        periods = list(where.periods)
        b.means = pyo.Block()
        b.means.stands = pyo.Var(kinds, periods, domain=pyo.Binary)

        @b.means.Constraint([(s, k, t) for s, k in placed for t in periods])
        def if_stands(block, s, k, t):
            modules = m.modules[s, k, t]
            return modules <= modules.ub * block.stands[kind[k], t]

        @b.Constraint(periods)
        def standard(b, t):
            return sum(b.means.stands[f, t] for f in kinds) <= self.most

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        modules = plan.tables["modules"]
        modules = modules[
            (modules.modules > 0)
            & modules.site.isin(where.sites)
            & modules.site.map(instance.sites.in_region).eq(True)
            & modules.technology.isin(where.technologies)
        ]
        names = modules.technology
        if self.by == "family":
            family = names.map(instance.technologies.family)
            names = names.mask(family != "", "family " + family)
        count = names.groupby(modules.period).nunique()
        for t in where.periods:
            if (found := int(count.get(t, 0))) > self.most:
                kinds = {"technology": "technologies", "family": "families"}[self.by]
                yield Violation("standard", (t,), found - self.most, kinds)
