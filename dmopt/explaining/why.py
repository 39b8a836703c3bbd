"""Why here and not there: one site forced open, or shut, and what that changes.

The site is forced by a rule like any other. Where the instance is small it is solved
again; where it is large a plan is looked for near the one at hand (solving/nearby.py)
and the bound at hand, which a further rule cannot lower, proves how good it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.rows import nearest, show
from dmopt.errors import Fault, InstanceError
from dmopt.explaining.conflict import Explanation, explain
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.ledger import Ledger
from dmopt.plan.nearness import nearest_km, working_sites
from dmopt.plan.plan import Plan
from dmopt.rules.catalogue import make_rules
from dmopt.rules.edit import edit_rules
from dmopt.rules.shut import kept_shut
from dmopt.rules.where import make_where
from dmopt.solving.builder import make_problem
from dmopt.solving.result import Result
from dmopt.solving.run import choose_path, solve, solve_nearby

Force = Literal["open", "shut"]
FORCED = "forced"
NEARBY_S = 3.0
"""Most seconds for a plan near the one at hand: an answer while people look."""


@dataclass(frozen=True)
class Why:
    """What forcing a site changes.

    site, force: asked. works: whether it works in the plan at hand.
    base, forced: the two results. low, high: between these lies what it costs, money
    (NaN where there is no plan with it forced, or none was found).
    kinds: kind of cost -> money more with it forced. indicators: name -> (before,
    after). opens, shuts: sites that begin or cease to work besides. districts: one row
    for each: people, km_before, km_after (mean way to the nearest site in the region),
    moved_share (of its deliveries by value, from another origin).
    excluded: why rules or its status keep the site shut whatever it costs.
    explanation: why there is no plan with it forced, where that is proven.
    """

    site: str
    force: Force
    works: bool
    base: Result
    forced: Result
    low: float
    high: float
    kinds: pd.Series
    indicators: dict[str, tuple[float, float]]
    opens: Sequence[str]
    shuts: Sequence[str]
    districts: pd.DataFrame
    excluded: Sequence[str]
    explanation: Explanation | None = None


def why(
    instance: Instance,
    site: str,
    base: Result,
    *,
    force: Force | None = None,
    gap: float = 0.01,
    time_limit_s: float = 10.0,
    seed: int = 0,
    cancel: Event | None = None,
) -> Why:
    """Force a site open or shut (unless said: what it is not) against a plan at hand.

    base: a result with a plan of this instance. Raises InstanceError for a site that
    does not exist, ValueError for a base without a plan.
    """
    if site not in instance.sites.index:
        hint = nearest(site, list(instance.sites.index))
        fault = Fault("sites", None, "site", show(site), "a site of the instance", hint)
        raise InstanceError([fault])
    if base.plan is None:
        raise ValueError("the result at hand has no plan to compare with")
    works = site in working(base.plan)
    force = force or ("shut" if works else "open")
    changed = forced(instance, site, force)
    if works == (force == "open"):
        result = base
    else:
        result = _solved(changed, site, base, gap, time_limit_s, seed, cancel)
    explanation = None
    if result.status == "infeasible":
        explanation = explain(changed, time_limit_s=time_limit_s, cancel=cancel)
    return _compared(instance, site, force, works, base, result, explanation)


def forced(instance: Instance, site: str, force: Force) -> Instance:
    """The instance with a rule that a site works, in every period, or never does."""
    figure = "least=1" if force == "open" else "most=0"
    parameters = f"sites={site}; where=all; working=yes; {figure}"
    row = {"id": f"{FORCED} {site} {force}", "rule": "site_count"}
    return edit_rules(instance, add=[row | {"parameters": parameters}])


def working(plan: Plan) -> set[str]:
    """Sites, inside the region and outside, that in some period have modules which
    make something that zones want."""
    modules = plan.tables["modules"]
    makers = make_where(plan.instance).technologies
    works = (modules.modules > 0) & modules.technology.isin(makers)
    return set(modules.site[works])


def _solved(
    changed: Instance,
    site: str,
    base: Result,
    gap: float,
    time_limit_s: float,
    seed: int,
    cancel: Event | None,
) -> Result:
    problem = make_problem(changed, make_rules(changed))
    if choose_path(problem, "auto")[0] == "exact":
        return solve(
            changed,
            gap=gap,
            time_limit_s=time_limit_s,
            seed=seed,
            bound=base.bound,
            cancel=cancel,
        )
    assert base.plan is not None
    return solve_nearby(
        problem,
        base.plan,
        site,
        bound=base.bound,
        gap=gap,
        time_limit_s=min(time_limit_s, NEARBY_S),
        seed=seed,
        cancel=cancel,
    )


def _compared(
    instance: Instance,
    site: str,
    force: Force,
    works: bool,
    base: Result,
    result: Result,
    explanation: Explanation | None,
) -> Why:
    before, after = base.plan, result.plan
    assert before is not None
    low = high = np.nan
    kinds, opens, shuts = pd.Series(dtype=float), [], []
    districts = pd.DataFrame()
    figures: dict[str, tuple[float, float]] = {}
    if after is not None:
        bounds = [-np.inf if r.bound is None else r.bound for r in (base, result)]
        assert base.cost is not None and result.cost is not None
        low = max(0.0, bounds[1] - base.cost)
        high = max(0.0, result.cost - bounds[0])
        kinds = _kinds(after) - _kinds(before)
        opens = sorted(working(after) - working(before) - {site})
        shuts = sorted(working(before) - working(after) - {site})
        old, new = _whole(before), _whole(after)
        figures = {name: (float(old[name]), float(new[name])) for name in new.index}
        districts = _districts(instance, before, after)
    return Why(
        site,
        force,
        works,
        base,
        result,
        low,
        high,
        kinds,
        figures,
        opens,
        shuts,
        districts,
        exclusions(instance).get(site, []),
        explanation,
    )


def exclusions(instance: Instance) -> dict[str, list[str]]:
    """Site -> why it may never open: its status, or rules that keep their reasons."""
    return {s: [str(e) for e in each] for s, each in kept_shut(instance).items()}


def _kinds(plan: Plan) -> pd.Series:
    from dmopt.plan.costs import cost_table, weights

    table = cost_table(plan)
    weight = pd.Series(weights(plan.instance), plan.instance.periods.index)
    money = table.cost_per_yr * table.period.map(weight).astype(float)
    return money.groupby(table.kind, sort=False).sum()


def _whole(plan: Plan) -> pd.Series:
    found = indicators(plan)
    return found[found.period == ALL].set_index("indicator").value


def _districts(instance: Instance, before: Plan, after: Plan) -> pd.DataFrame:
    zones = instance.zones
    table = pd.DataFrame(
        {
            "district": zones.district,
            "people": zones.population,
            "before": _way(instance, before),
            "after": _way(instance, after),
        }
    )
    moved = _moved_value(instance, before, after)
    found = []
    for district, part in table.groupby("district"):
        people = part.people.sum()
        weight = part.people if people > 0 else part.people + 1.0
        value, other = moved.get(str(district), (0.0, 0.0))
        found.append(
            {
                "district": district,
                "people": people,
                "km_before": float(np.average(part.before, weights=weight)),
                "km_after": float(np.average(part.after, weights=weight)),
                "moved_share": other / value if value else 0.0,
            }
        )
    return pd.DataFrame(found)


def _way(instance: Instance, plan: Plan) -> np.ndarray:
    """km from each zone to the nearest working site in the region, last period."""
    works = working_sites(Ledger(instance, plan)).iloc[:, -1]
    return nearest_km(instance, works.index[works])


def _moved_value(
    instance: Instance, before: Plan, after: Plan
) -> dict[str, tuple[float, float]]:
    """District -> (value delivered before, of it now from another origin)."""
    by = ["origin", "destination", "commodity", "period"]
    old, new = (
        plan.tables["flows"].groupby(by).quantity_per_yr.sum()
        for plan in (before, after)
    )
    both = pd.concat([old, new], axis=1, keys=["old", "new"]).fillna(0.0).reset_index()
    both = both[both.destination.isin(instance.zones.index)]
    price = instance.commodities.price.reindex(both.commodity).to_numpy()
    district = both.destination.map(instance.zones.district)
    value = (both.old * price).groupby(district).sum()
    left = ((both.old - both.new).clip(lower=0) * price).groupby(district).sum()
    return {str(d): (float(value[d]), float(left[d])) for d in value.index}
