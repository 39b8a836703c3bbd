"""What a plan says about connections: for checks, which share nothing with rows."""

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan


def offered_services(instance: Instance, infrastructure: pd.Index) -> pd.Index:
    """Services that this infrastructure offers."""
    offers = instance.infrastructure_services.query("per_step != 0")
    names = offers.service[offers.infrastructure.isin(infrastructure)]
    return pd.Index(names.unique())


def connected(instance: Instance, plan: Plan, kind: str) -> pd.MultiIndex:
    """(site, period) with infrastructure of a kind: used, or of its own."""
    table = instance.infrastructure
    of_kind = table.index[table.kind == kind]
    alone = table.index[(table.kind == kind) & (table.reach == "site")]
    steps = plan.tables["infrastructure"].query("steps > 0")
    own = steps[steps.infrastructure.isin(alone)].merge(
        instance.locations, on=["infrastructure", "location"]
    )
    uses = plan.tables["uses"]
    uses = uses[uses.infrastructure.isin(of_kind.difference(alone))]
    both = pd.concat([part[["site", "period"]] for part in (own, uses)])
    return pd.MultiIndex.from_frame(both.drop_duplicates())


def standing(
    instance: Instance, plan: Plan, technologies: pd.Index, sites: pd.Index
) -> pd.DataFrame:
    """Rows of `modules` that stand, of these technologies at these of the sites that
    are in the region."""
    inside = instance.sites.index[instance.sites.in_region]
    modules = plan.tables["modules"].query("modules > 0")
    return modules[
        modules.technology.isin(technologies)
        & modules.site.isin(sites)
        & modules.site.isin(inside)
    ]
