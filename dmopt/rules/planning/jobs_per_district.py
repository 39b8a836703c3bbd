"""Jobs per district: production brings at least so many jobs to each district.

    (jobs)   sum_{s in d} sum_k jobs[k] modules[s,k,t]
             + sum_{i,l in d} jobs[i] steps[i,l,t] >= least   for all d, t     jobs

    d          districts of the covered sites in the region
    jobs[k]    jobs_per_module;   jobs[i]   jobs_per_step
    modules    all technologies                m.modules[s, k, t]
    steps      infrastructure of the district   m.steps[i, l, t]
    least      jobs in each district           least   jobs

A location is in its own district, or where it names none in that of its site. Sites
outside the region, and infrastructure at them, bring no jobs here. A district of
which all sites are excluded is a row too, that infrastructure alone can keep. What a
module makes does not matter: work is work.
Planning practice; form of the rows ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.quantities import locations
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class JobsPerDistrict(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "jobs_per_district"

    least: Amount = looser("down", to=0.0, unit="jobs")
    """Least number of jobs in each district that has sites."""

    def sentence(self) -> str:
        return f"At least {figure(self.least)} jobs in each district that has sites."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, sites = b.model(), instance.sites
        inside = sites.in_region.to_dict()
        district = sites.district.to_dict()
        covered = [s for s in where.sites if inside[s] and district[s]]
        districts = list(dict.fromkeys(district[s] for s in covered))
        at: dict[str, list[Any]] = {d: [] for d in districts}
        per_module = instance.technologies.jobs_per_module.to_dict()
        among = set(covered)
        for s, k in m.SK:
            if s in among and per_module[k] > 0:
                at[district[s]].append((m.modules, (s, k), per_module[k]))
        per_step = instance.infrastructure.jobs_per_step.to_dict()
        table = instance.locations
        for i, l, s, own in zip(
            table.infrastructure,
            table.location,
            table.site,
            table.district,
            strict=True,
        ):
            d = own or district.get(s, "")
            if d in at and inside.get(s, True) and per_step[i] > 0:
                at[d].append((m.steps, (i, l), per_step[i]))
        # A row needs a variable, also where nothing can bring jobs.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint([(d, t) for d in districts for t in where.periods])
        def jobs(b, d, t):
            brought = sum(each * family[(*key, t)] for family, key, each in at[d])
            return b.nobody + brought >= self.least

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        sites = instance.sites[instance.sites.index.isin(where.sites)]
        sites = sites[sites.in_region & (sites.district != "")]
        modules = plan.tables["modules"].join(
            instance.technologies.jobs_per_module, on="technology"
        )
        modules = modules.join(sites.district, on="site")
        at_sites = modules.modules * modules.jobs_per_module
        places = locations(instance)[["district", "in_region", "jobs_per_step"]]
        steps = plan.tables["infrastructure"].join(
            places, on=["infrastructure", "location"]
        )
        steps = steps[steps.in_region.astype(bool)]
        at_places = steps.steps * steps.jobs_per_step
        brought = (
            at_sites.groupby([modules.district, modules.period])
            .sum()
            .add(at_places.groupby([steps.district, steps.period]).sum(), fill_value=0)
        )
        for d in sites.district.unique():
            for t in where.periods:
                excess = over(self.least, float(brought.get((d, t), 0.0)))
                if excess > 0:
                    yield Violation("jobs", (d, t), excess, "jobs short")
