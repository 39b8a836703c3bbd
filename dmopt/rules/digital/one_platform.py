"""One platform: every site works on a common platform, or there is none.

    platform = required
    (on_it)   works[s,t] <= sum_{i,l} uses[s,i,l,t]        for all s, t       sites
    platform = required or optional
    (one)     sum_{i,l} steps[i,l,t] <= 1                  for all t          steps
    platform = none
    (none)    steps[i,l,t] <= existing_steps[i,l]          for all i, l, t    steps

    i            the platform         infrastructure; blank: infrastructure of kind
                                      data with reach region
    works[s,t]   1 where a module stands whose technology is covered and needs a
                 service that infrastructure of a platform's kind offers
                                      b.means.works
    s            covered sites in the region

A platform is shared: one of reach `site` has no users. It stands for the whole region:
(one) and (none) are the same whatever districts or products are covered, and what
stands already counts as one. Where the instance knows no platform, nothing is asked.
Source: rule R6.2 of dimension D6 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.digital import facts
from dmopt.rules.parameters import STRICT
from dmopt.rules.where import Where
from dmopt.rules.working import add_working

STEP = ["infrastructure", "location", "period"]


class OnePlatform(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "one_platform"

    platform: Literal["required", "none", "optional"]
    """Whether every site must work on the common platform, may, or none is built."""
    infrastructure: str = ""
    """Id of the infrastructure that is the platform; blank: the one of kind data for
    the whole region."""

    def sentence(self) -> str:
        name = self.infrastructure or "platform"
        return {
            "required": f"Each digital site in the region is on the one {name}.",
            "none": f"No {name} is built.",
            "optional": f"There is at most one {name}.",
        }[self.platform]

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if self.infrastructure:
            yield "infrastructure", "infrastructure", self.infrastructure

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, times = b.model(), list(where.periods)
        table = instance.infrastructure
        names = [self.infrastructure] if self.infrastructure else []
        names = names or [
            i for i in table.index if (table.kind[i], table.reach[i]) == COMMON
        ]
        places = [(i, l) for i, l in m.IL if i in names]
        if self.platform == "none":
            stands = instance.locations.set_index(STEP[:2]).existing_steps

            @b.Constraint(places, times)
            def none(b, i, l, t):
                return m.steps[i, l, t] <= int(stands[i, l])

        elif places:

            @b.Constraint(times)
            def one(b, t):
                return sum(m.steps[key, t] for key in places) <= 1

        if self.platform == "required":
            _add_users(b, instance, where, names)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = instance.infrastructure
        platform = table.query("kind == 'data' and reach == 'region'").index
        if self.infrastructure:
            platform = pd.Index([self.infrastructure])
        steps = plan.tables["infrastructure"]
        steps = steps[
            steps.infrastructure.isin(platform) & steps.period.isin(where.periods)
        ]
        if self.platform == "none":
            count = steps.groupby(STEP).steps.sum()
            stood = instance.locations.groupby(STEP[:2]).existing_steps.sum()
            here = pd.MultiIndex.from_frame(count.reset_index()[STEP[:2]])
            excess = over(count, stood.reindex(here, fill_value=0).to_numpy())
            yield from broken("none", count.index, excess, "steps of a platform")
            return
        count = steps.groupby("period").steps.sum()
        yield from broken("one", count.index, over(count, 1), "steps too many")
        if self.platform == "required" and len(platform):
            kinds = table.index[table.kind.isin(table.kind[platform])]
            needs = instance.technology_needs.query("per_module > 0")
            needs = needs[needs.service.isin(facts.offered_services(instance, kinds))]
            digital = where.technologies[where.technologies.isin(needs.technology)]
            works = facts.standing(instance, plan, digital, where.sites)
            works = works[["site", "period"]].drop_duplicates()
            works = works[works.period.isin(where.periods)]
            uses = plan.tables["uses"]
            uses = uses[uses.infrastructure.isin(platform)]
            on_it = pd.MultiIndex.from_frame(uses[["site", "period"]])
            lacking = ~pd.MultiIndex.from_frame(works).isin(on_it)
            yield from broken("on_it", works, lacking, "sites not on the platform")


COMMON = ("data", "region")
"""Kind and reach of a platform that is not named."""


def _add_users(b: Any, instance: Instance, where: Where, names: list[str]) -> None:
    """(on_it), with the variables that say who works."""
    from dmopt.formulation.scope import Scope  # late: checking needs no model
    from dmopt.rules.digital.rows import needing, offered

    m, scope = b.model(), Scope(instance)
    kinds = [instance.infrastructure.kind[i] for i in names]
    digital = needing(scope, where.technologies, offered(scope, kinds))
    sites = [s for s in where.sites if instance.sites.in_region[s]]
    works = add_working(b, sites, digital, where.periods, exact=True)
    users = defaultdict(list)
    for s, i, l in m.SIL:
        if i in names:
            users[s].append((s, i, l))

    @b.Constraint(list(works))
    def on_it(b, s, t):
        return works[s, t] - sum(m.uses[key, t] for key in users[s]) <= 0
