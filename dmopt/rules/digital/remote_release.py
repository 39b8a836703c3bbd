"""Remote release: a team releases what so many sites make, and no more than it can.

    (team)   sum_s works[s,t] <= K sum_{i,l} jobs_per_step[i] steps[i,l,t]
                                                         for all t        sites

    works[s,t]   1 where a module stands whose technology is covered and needs a
                 service that shared infrastructure of the kind offers, for itself or
                 for what it makes                 b.means.works
    K            sites for each person of the team most_sites_per_team    sites
    i            shared infrastructure of the kind (reach other than `site`),
                 wherever it stands                kind
    s            covered sites in the region

The team is people, not steps: infrastructure with jobs_per_step = 0 has nobody to
release. Where no shared infrastructure of the kind is known, nothing is asked.
Source: rule R6.4 of dimension D6 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.digital import facts
from dmopt.rules.parameters import STRICT, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure
from dmopt.rules.working import add_working

Some = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A finite quantity above 0."""


class RemoteRelease(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "remote_release"

    most_sites_per_team: Some = looser("up", to=10_000, unit="sites per person")
    """Most working sites that one person of a team can release for."""
    kind: str = "quality"
    """Kind of shared infrastructure that the team belongs to, such as quality."""

    def sentence(self) -> str:
        return (
            f"One person of a {self.kind} team releases for at most "
            f"{figure(self.most_sites_per_team)} sites in the region."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if "kind" in self.model_fields_set and self.kind != "quality":
            yield "infrastructure", "kind", self.kind

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, table = b.model(), instance.infrastructure
        teams = [
            i
            for i in table.index
            if table.kind[i] == self.kind and table.reach[i] != "site"
        ]
        sites = [s for s in where.sites if instance.sites.in_region[s]]
        needing = _needing(instance, where, teams)
        works = add_working(b, sites, needing, where.periods, exact=True)
        jobs = table.jobs_per_step

        @b.Constraint(sorted({t for _, t in works}))
        def team(b, t):
            people = sum(jobs[i] * m.steps[i, l, t] for i, l in m.IL if i in teams)
            busy = sum(works[s, t2] for s, t2 in works if t2 == t)
            return busy - self.most_sites_per_team * people <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = instance.infrastructure
        teams = table[(table.kind == self.kind) & (table.reach != "site")]
        services = facts.offered_services(instance, teams.index)
        by_module = instance.technology_needs.query("per_module > 0")
        by_unit = instance.recipe_needs.query("per_unit > 0")
        runs = by_unit[by_unit.service.isin(services)].recipe
        names = [
            *by_module.technology[by_module.service.isin(services)],
            *runs.map(instance.recipes.technology),
        ]
        covered = where.technologies[where.technologies.isin(names)]
        works = facts.standing(instance, plan, covered, where.sites)
        works = works[works.period.isin(where.periods)]
        count = works.groupby("period").site.nunique()
        steps = plan.tables["infrastructure"].join(
            teams[["jobs_per_step"]], on="infrastructure", how="inner"
        )
        people = (steps.steps * steps.jobs_per_step).groupby(steps.period).sum()
        people = people.reindex(count.index, fill_value=0.0)
        excess = over(count, self.most_sites_per_team * people)
        yield from broken("team", count.index, excess, "sites beyond the team")


def _needing(instance: Instance, where: Where, teams: list[str]) -> list[str]:
    """Covered technologies that need what the teams offer."""
    from dmopt.formulation.scope import Scope  # late: checking needs no model

    scope = Scope(instance)
    offers = {
        q for i in teams for q, units in scope.offers.get(i, {}).items() if units != 0
    }

    def needs(k: str) -> bool:
        parts = [scope.per_module.get(k, {})]
        parts += [scope.per_unit.get(r, {}) for r in scope.recipes_of[k]]
        return any(part.get(q, 0) > 0 for part in parts for q in offers)

    return [k for k in where.technologies if needs(k)]
