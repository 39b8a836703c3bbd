"""Shared facilities: producers share infrastructure, or each has its own.

    sharing = none
    (none)       sum_{i,l} uses[s,i,l,t] <= 0              for all s, t       uses
    sharing = required
    (required)   works[s,f,t] <= sum_{i,l of f} (uses[s,i,l,t] + own steps[i,l,t])
                                                           for all s, f, t    sites
    sharing = allowed or required
    (users)      sum_s uses[s,i,l,t] <= most_users steps[i,l,t]
                                                           for all i, l, t    users

    works[s,f,t]   1 where a module stands that needs a service which shared
                   infrastructure of kind f offers         b.means[f].means.works
    own            infrastructure of reach `site` at s, of kind f
    i              shared infrastructure (reach other than `site`) of these kinds;
                   f its kind                              kinds; blank: all
    most_users     users of one step                       most_users         sites
    s              covered sites in the region

Infrastructure whose services no covered technology needs is left alone. What a site
has already (base) is no facility of its own: where sharing is required, it shares
or builds. Users that are not covered do not count.
Source: rule R5.2 of dimension D5 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, model_validator

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken
from dmopt.rules.parameters import STRICT, Count, Names, looser
from dmopt.rules.where import Where
from dmopt.rules.working import add_working

BY = ["site", "kind", "period"]
STEP = ["infrastructure", "location", "period"]


class SharedFacilities(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "shared_facilities"

    sharing: Literal["allowed", "none", "required"]
    """Whether sites may share facilities, must not, or must unless they have their
    own."""
    kinds: Names = ()
    """Kinds of infrastructure that are meant, separated by commas; blank: all kinds."""
    most_users: Count | None = looser("up", to=10_000, default=None, unit="sites")
    """Most sites that use one step of a shared facility; blank: any number."""

    @model_validator(mode="after")
    def _users_share(self) -> "SharedFacilities":
        if self.sharing == "none" and self.most_users is not None:
            raise ValueError("most_users says nothing where sharing = none")
        return self

    def sentence(self) -> str:
        what = " or ".join(self.kinds)
        facilities = f"{what} facilities" if what else "facilities"
        text = {
            "allowed": f"Sites in the region may share {facilities}",
            "none": f"No site in the region shares {facilities}",
            "required": f"Each site in the region that needs {facilities} shares some "
            "or has its own",
        }[self.sharing]
        if self.most_users is None:
            return f"{text}."
        return f"{text}, at most {self.most_users} sites to a step."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for kind in self.kinds:
            yield "infrastructure", "kind", kind

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, inside = b.model(), instance.sites.in_region
        sites = {s for s in where.sites if s in m.S and inside[s]}
        needing = self._needing(instance, where)
        shared = [key for key in m.SIL if key[0] in sites and key[1] in needing]
        times = list(where.periods)
        if self.sharing == "none":
            _add_none(b, shared, times)
        if self.most_users is not None:
            _add_users(b, shared, times, self.most_users)
        if self.sharing == "required":
            technologies: dict[str, set[str]] = defaultdict(set)
            for i, names in needing.items():
                technologies[instance.infrastructure.kind[i]] |= names
            _add_required(b, instance, shared, _works(b, sites, technologies, times))

    def _needing(self, instance: Instance, where: Where) -> dict[str, set[str]]:
        """Shared infrastructure of its kinds -> covered technologies that need what it
        offers; without infrastructure that serves others only."""
        from dmopt.formulation.scope import Scope

        scope, table = Scope(instance), instance.infrastructure
        needs = {
            k: {
                q
                for by in (
                    scope.per_module.get(k, {}),
                    *(scope.per_unit.get(r, {}) for r in scope.recipes_of[k]),
                )
                for q, units in by.items()
                if units > 0
            }
            for k in where.technologies
        }
        found = {}
        for i in table.index[table.reach != "site"]:
            if self.kinds and table.kind[i] not in self.kinds:
                continue
            offers = {q for q, units in scope.offers.get(i, {}).items() if units != 0}
            names = {k for k, wanted in needs.items() if wanted & offers}
            if names or not offers:
                found[i] = names
        return found

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        needs = self._needs(instance, where)
        inside = instance.sites.index[instance.sites.in_region]
        covered = inside[inside.isin(where.sites)]
        uses = plan.tables["uses"].drop_duplicates()
        uses = uses[
            uses.site.isin(covered)
            & uses.infrastructure.isin(needs.infrastructure)
            & uses.period.isin(where.periods)
        ]
        if self.sharing == "none":
            count = uses.groupby(["site", "period"]).size()
            yield from broken("none", count.index, over(count, 0), "shared uses")
        if self.most_users is not None:
            count = uses.groupby(STEP).size()
            steps = plan.tables["infrastructure"].groupby(STEP).steps.sum()
            most = self.most_users * steps.reindex(count.index, fill_value=0)
            yield from broken("users", count.index, over(count, most), "users too many")
        if self.sharing == "required":
            modules = plan.tables["modules"].query("modules > 0")
            modules = modules[
                modules.site.isin(covered) & modules.period.isin(where.periods)
            ]
            works = modules.merge(needs, on="technology")[BY].drop_duplicates()
            has = pd.MultiIndex.from_frame(_facilities(instance, plan, uses))
            lacking = ~pd.MultiIndex.from_frame(works).isin(has)
            yield from broken("required", works, lacking, "sites without a facility")

    def _needs(self, instance: Instance, where: Where) -> pd.DataFrame:
        """infrastructure, kind, technology: shared infrastructure of its kinds with
        each covered technology that needs it; technology "" where it offers nothing."""
        table = instance.infrastructure
        table = table[table.reach != "site"]
        if self.kinds:
            table = table[table.kind.isin(self.kinds)]
        table = table[["infrastructure", "kind"]].reset_index(drop=True)
        offers = instance.infrastructure_services.query("per_step != 0")
        by_unit = instance.recipe_needs.query("per_unit > 0")
        by_unit = by_unit.assign(
            technology=by_unit.recipe.map(instance.recipes.technology)
        )
        by_module = instance.technology_needs.query("per_module > 0")
        needs = pd.concat(
            [part[["technology", "service"]] for part in (by_unit, by_module)]
        )
        needs = needs[needs.technology.isin(where.technologies)].drop_duplicates()
        offered = offers[["infrastructure", "service"]].merge(needs, on="service")
        served = table.merge(offered[["infrastructure", "technology"]])
        idle = table[~table.infrastructure.isin(offers.infrastructure)]
        return pd.concat([served, idle.assign(technology="")]).drop_duplicates()


def _add_none(b: Any, shared: list[Any], times: list[str]) -> None:
    m, of_site = b.model(), defaultdict(list)
    for key in shared:
        of_site[key[0]].append(key)

    @b.Constraint(list(of_site), times)
    def none(b, s, t):
        return sum(m.uses[key, t] for key in of_site[s]) <= 0


def _add_users(b: Any, shared: list[Any], times: list[str], most: int) -> None:
    m, of_step = b.model(), defaultdict(list)
    for key in shared:
        of_step[key[1:]].append(key)

    @b.Constraint(list(of_step), times)
    def users(b, i, l, t):
        used = sum(m.uses[key, t] for key in of_step[i, l])
        return used <= most * m.steps[i, l, t]


def _works(
    b: Any, sites: set[str], technologies: dict[str, set[str]], times: list[str]
) -> dict[tuple[str, str, str], Any]:
    """(s, f, t) -> whether technologies[f] work at s."""
    import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

    b.means = pyo.Block(list(technologies))
    return {
        (s, f, t): work
        for f, names in technologies.items()
        for (s, t), work in add_working(
            b.means[f], sorted(sites), names, times, exact=True
        ).items()
    }


def _add_required(
    b: Any, instance: Instance, shared: list[Any], works: dict[Any, Any]
) -> None:
    m, table, places = b.model(), instance.infrastructure, instance.locations
    used, own = defaultdict(list), defaultdict(list)
    for s, i, l in shared:
        used[s, table.kind[i]].append((s, i, l))
    for i, l, s in zip(
        places.infrastructure, places.location, places.site, strict=True
    ):
        if table.reach[i] == "site":
            own[s, table.kind[i]].append((i, l))

    @b.Constraint(list(works))
    def required(b, s, f, t):
        has = sum(m.uses[key, t] for key in used[s, f])
        has += sum(m.steps[key, t] for key in own[s, f])
        return works[s, f, t] - has <= 0


def _facilities(instance: Instance, plan: Plan, uses: pd.DataFrame) -> pd.DataFrame:
    """site, kind, period: who uses a facility of the kind, or has one of its own."""
    table = instance.infrastructure
    alone = table.index[table.reach == "site"]
    steps = plan.tables["infrastructure"].query("steps > 0")
    steps = steps[steps.infrastructure.isin(alone)]
    own = steps.merge(instance.locations, on=STEP[:2])
    both = pd.concat([part[["site", *STEP]] for part in (own, uses)])
    return both.assign(kind=both.infrastructure.map(table.kind))[BY]
