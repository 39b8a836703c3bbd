"""Control site: working sites answer to a control site, and it to few enough of them.

    (governed)  works[s,t] <= sum_{i,l} governs[s,i,l,t]           form = shared
                works[s,t] <= sum_{i, l at s} steps[i,l,t]         form = own
                works[s,t] <= both sums                            form = any     sites
    (span)      sum_s governs[s,i,l,t] <= G steps[i,l,t]           shared, any    sites
    (alone)     sum_{i,l} governs[s,i,l,t] <= 0                    own            uses
    (while)     governs <= uses;  governs >= uses + works - 1      on b.means

    s           covered sites in the region
    i, l        infrastructure of the kind: shared (reach other than site) where it
                reaches s in (span) and the sums over governs, own (reach = site)
                where l is at s
    works[s,t]  1 where a module stands that needs a service which infrastructure of
                the kind offers, and makes covered products    dmopt/rules/working.py
    governs     1 where s works and uses l, on b.means
    G           sites that one step governs    most_sites   sites; blank: any number
    kind        infrastructure.kind that control is    kind
    form        "shared", "own" (none shared is used then) or "any"    form

A working site needs control whatever it has of those services itself (site_services);
one that no infrastructure of the kind and form reaches breaks the rule. Where the
instance has no location for infrastructure of the kind, or no technology needs what
it offers, the rule asks nothing. Sites that use a control site and work for other
products only are not counted.
Source: rule R3.1 of dimension D3 (reconstructed); form of the rows: ours.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, looser
from dmopt.rules.where import Where
from dmopt.rules.working import add_working

Key = tuple[str, ...]
QUALITY = "quality"


class ControlSite(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "control_site"

    most_sites: Count | None = looser("up", to=1_000, default=None, unit="sites")
    """Most working sites that one step of a shared control site looks after; blank: any
    number."""
    form: Literal["shared", "own", "any"] = "shared"
    """Whether sites use a shared control site, have their own, or may do either."""
    kind: str = QUALITY
    """Kind of infrastructure that control is, as the column kind of the table
    infrastructure says it."""

    def sentence(self) -> str:
        control = f"{self.kind} infrastructure"
        which = {
            "shared": f"uses shared {control}",
            "own": f"has its own {control} and uses no shared one",
            "any": f"uses shared {control} or has its own",
        }[self.form]
        span = f", at most {self.most_sites} sites to one step of a shared one"
        few = span if self.form != "own" and self.most_sites is not None else ""
        return f"Each working site that needs it {which}{few}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        if self.kind != QUALITY:
            yield "infrastructure", "kind", self.kind

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m = b.model()
        kinds = instance.infrastructure.query("kind == @self.kind")
        located = set(instance.locations.infrastructure) & set(kinds.index)
        needing = _needing(instance, set(kinds.index)) & set(where.technologies)
        if not located or not needing:
            return
        inside = instance.sites.loc[where.sites].query("in_region").index
        works = add_working(b, inside, needing, where.periods, exact=True)
        sites = {s for s, _ in works}
        shared = [key for key in m.SIL if key[0] in sites and key[1] in located]
        own: dict[str, list[Any]] = defaultdict(list)
        places = instance.locations
        for i, l, s in zip(
            places.infrastructure, places.location, places.site, strict=True
        ):
            if i in located and kinds.reach[i] == "site":
                own[s].append((i, l))
        governs = _add_governs(b, works, shared, where)
        self._rows(b, works, governs, own)

    def _rows(self, b: Any, works: Any, governs: Any, own: dict[str, Any]) -> None:
        m = b.model()
        shared: dict[str, list[Key]] = defaultdict(list)
        governed_by: dict[Key, list[str]] = defaultdict(list)
        for s, i, l, t in governs:
            governed_by[i, l, t].append(s)
            if (i, l) not in shared[s]:
                shared[s].append((i, l))

        @b.Constraint(list(works))
        def governed(b, s, t):
            control = 0
            if self.form != "own":
                control += sum(governs[s, i, l, t] for i, l in shared[s])
            if self.form != "shared":
                control += sum(m.steps[i, l, t] for i, l in own[s])
            return works[s, t] - control <= 0

        limited = self.form != "own" and self.most_sites is not None

        @b.Constraint([key for key in governed_by if limited])
        def span(b, i, l, t):
            sites = sum(governs[s, i, l, t] for s in governed_by[i, l, t])
            return sites - self.most_sites * m.steps[i, l, t] <= 0

        @b.Constraint([(s, t) for s, t in works if self.form == "own" and shared[s]])
        def alone(b, s, t):
            return sum(governs[s, i, l, t] for i, l in shared[s]) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = instance.infrastructure[instance.infrastructure.kind == self.kind]
        places = instance.locations[instance.locations.infrastructure.isin(table.index)]
        if places.empty:
            return
        steps = plan.tables["infrastructure"].merge(
            places[["infrastructure", "location", "site"]],
            on=["infrastructure", "location"],
        )
        steps["reach"] = steps.infrastructure.map(table.reach)
        own = steps[steps.reach == "site"].groupby(["site", "period"]).steps.sum()
        there = steps.groupby(["infrastructure", "location", "period"]).steps.sum()
        working = self._working(instance, plan, where)
        uses = plan.tables["uses"].drop_duplicates()
        uses = uses[uses.infrastructure.isin(table.index[table.reach != "site"])]
        used = [
            (s, i, l, t)
            for s, i, l, t in uses[
                ["site", "infrastructure", "location", "period"]
            ].itertuples(index=False, name=None)
            if (s, t) in working
        ]
        of_site = Counter[Key]((s, t) for s, _, _, t in used)
        for key in working:
            has = float(own.get(key, 0)) if self.form != "shared" else 0.0
            has += of_site[key] if self.form != "own" else 0
            if excess := over(1.0, has):
                yield Violation("governed", key, excess, "sites without control")
            if self.form == "own" and of_site[key]:
                yield Violation("alone", key, of_site[key], "shared control sites")
        if self.form == "own" or self.most_sites is None:
            return
        for at, sites in Counter(key[1:] for key in used).items():
            if excess := over(sites, self.most_sites * float(there.get(at, 0))):
                yield Violation("span", at, excess, "sites too many")

    def _working(self, instance: Instance, plan: Plan, where: Where) -> dict[Key, None]:
        """(site, period) where a module stands that needs control, in order."""
        infrastructure = instance.infrastructure
        kinds = infrastructure.index[infrastructure.kind == self.kind]
        offers = instance.infrastructure_services
        services = offers.service[offers.infrastructure.isin(kinds)]
        fixed = instance.technology_needs.query("per_module > 0")
        running = instance.recipe_needs.query("per_unit > 0")
        recipes = running.recipe[running.service.isin(services)]
        needing = {
            *fixed.technology[fixed.service.isin(services)],
            *instance.recipes.technology.reindex(recipes),
        }
        modules = plan.tables["modules"].query("modules > 0")
        covered = instance.sites.index[instance.sites.in_region].intersection(
            where.sites
        )
        modules = modules[
            modules.site.isin(covered)
            & modules.technology.isin(where.technologies.intersection(list(needing)))
            & modules.period.isin(where.periods)
        ].merge(plan.tables["opened"], on=["site", "period"])
        names = modules[["site", "period"]].itertuples(index=False, name=None)
        return dict.fromkeys(names)


def _needing(instance: Instance, kinds: set[str]) -> set[str]:
    """Technologies that need a service which one of the infrastructures offers."""
    offered = {
        q
        for i, q in zip(
            instance.infrastructure_services.infrastructure,
            instance.infrastructure_services.service,
            strict=True,
        )
        if i in kinds
    }
    per_module, per_unit = instance.technology_needs, instance.recipe_needs
    fixed = per_module[per_module.service.isin(offered) & (per_module.per_module > 0)]
    running = per_unit[per_unit.service.isin(offered) & (per_unit.per_unit > 0)]
    of_recipe = instance.recipes.technology.to_dict()
    return {*fixed.technology, *(of_recipe[r] for r in running.recipe)}


def _add_governs(b: Any, works: Any, shared: list[Key], where: Where) -> Any:
    """governs[s, i, l, t] on b.means: uses of sites that work."""
    import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

    m, keys = b.model(), [(*key, t) for key in shared for t in where.periods]
    b.means.governs = pyo.Var(pyo.Set(initialize=keys, dimen=4), bounds=(0, 1))

    @b.means.Constraint(keys)
    def while_used(block, s, i, l, t):
        return block.governs[s, i, l, t] <= m.uses[s, i, l, t]

    @b.means.Constraint(keys)
    def while_working(block, s, i, l, t):
        used_and_works = m.uses[s, i, l, t] + works[s, t] - 1
        return block.governs[s, i, l, t] >= used_and_works

    return b.means.governs
