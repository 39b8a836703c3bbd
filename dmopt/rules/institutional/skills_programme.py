"""Skills programme: people are trained at shared programmes, at their own site, or not.

    (own)        sum_{i,l} built[i,l,t] <= 0      training = shared, none     steps
                 own programmes at s, for all s covered and in the region, t
    (shared)     sum_{i,l} uses[s,i,l,t] <= 0     training = own, none        programmes
                 shared programmes in reach of s, for all s covered and in the region, t
    (trainees)   sum_{s,i,l,q} draw[s,i,l,q,t] <= P                           units/yr
                 by all s covered and in the region from shared programmes, for all t

    i           infrastructure of this kind that offers a service that covered
                technologies, or their recipes, need
    training    training         shared, own, any, none
    P           most_trainees    units/yr of what they provide: people; blank: any
    kind        kind             kind of infrastructure that a programme is

Own programmes that stand already go on under any of them, under `none` too. That
modules need trained people is said by `technology_needs`, here only whence they come.
Sites outside the region are free.
Source: rule R7.2 of dimension D7 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.institutional.provision import provision
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure

WORDS = {
    "shared": "no site in the region builds its own programme",
    "own": "no site in the region uses a shared programme",
    "any": "sites use programmes of any sort",
    "none": "no site in the region builds its own programme or uses a shared one",
}


class SkillsProgramme(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "skills_programme"

    training: Literal["shared", "own", "any", "none"] = "any"
    """Where people are trained: at shared programmes, at the sites' own, at either, or
    nowhere anew."""
    most_trainees: Amount | None = looser(
        "up", to=1e6, default=None, unit="people a year"
    )
    """Most people that shared programmes train in a year; blank: any number."""
    kind: str = "skills"
    """Kind of infrastructure that a programme is."""

    def sentence(self) -> str:
        text = f"For {self.kind}, {WORDS[self.training]}"
        if self.most_trainees is not None:
            most = figure(self.most_trainees)
            text += f", and shared ones train at most {most} people a year"
        return f"{text}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if self.kind != "skills":
            yield "infrastructure", "kind", self.kind

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        there = provision(m, instance, self.kind, where.technologies)
        sites = where.sites[instance.sites.in_region.loc[where.sites]]
        no_own = self.training in ("shared", "none")
        no_shared = self.training in ("own", "none")
        builders = [s for s in sites if no_own and s in there.own]
        users = [s for s in sites if no_shared and s in there.shared]

        @b.Constraint([(s, t) for s in builders for t in where.periods])
        def own(b, s, t):
            return sum(m.built[i, l, t] for i, l in there.own[s]) <= 0

        @b.Constraint([(s, t) for s in users for t in where.periods])
        def shared(b, s, t):
            return sum(m.uses[s, i, l, t] for i, l in there.shared[s]) <= 0

        drawn: dict[str, list[Any]] = {t: [] for t in where.periods}
        for (s, i, l, _, t), draw in m.draw.items():
            if t in drawn and s in sites and (i, l) in there.shared.get(s, ()):
                drawn[t].append(draw)

        @b.Constraint(list(where.periods))
        def trainees(b, t):
            if self.most_trainees is None or not drawn[t]:
                return pyo.Constraint.Skip
            return sum(drawn[t]) <= self.most_trainees

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        own, shared = self._programmes(instance, where)
        inside = set(instance.sites.query("in_region").index) & set(where.sites)

        def here(table: pd.DataFrame, names: set[str]) -> pd.DataFrame:
            fits = table.site.isin(inside) & table.period.isin(where.periods)
            return table[fits & table.infrastructure.isin(names)]

        if self.training in ("shared", "none"):
            steps = plan.tables["infrastructure"].merge(
                instance.locations[["infrastructure", "location", "site"]]
            )
            built = here(steps, own).groupby(["site", "period"]).built.sum()
            yield from broken("own", built.index, built, "own programmes built")
        if self.training in ("own", "none"):
            uses = here(plan.tables["uses"].drop_duplicates(), shared)
            used = uses.groupby(["site", "period"]).size()
            yield from broken("shared", used.index, used, "shared programmes used")
        if self.most_trainees is not None:
            draws = here(plan.tables["draws"], shared)
            people = draws.groupby("period").quantity_per_yr.sum(skipna=False)
            excess = over(people, self.most_trainees)
            yield from broken("trainees", people.index, excess, "people/yr")

    def _programmes(
        self, instance: Instance, where: Where
    ) -> tuple[set[str], set[str]]:
        """Own and shared infrastructure of the kind, for covered technologies."""
        fixed = instance.technology_needs
        wanted = fixed[fixed.technology.isin(where.technologies)].query(
            "per_module > 0"
        )
        recipes = instance.recipes[instance.recipes.technology.isin(where.technologies)]
        running = instance.recipe_needs.query("per_unit > 0")
        running = running[running.recipe.isin(recipes.index)]
        offers = instance.infrastructure_services
        offers = offers[offers.service.isin([*wanted.service, *running.service])]
        table = instance.infrastructure
        chosen = table[
            (table.kind == self.kind) & table.index.isin(offers.infrastructure)
        ]
        own = chosen.reach == "site"
        return set(chosen.index[own]), set(chosen.index[~own])
