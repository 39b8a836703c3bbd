"""How firm a plan is: how often each site works among near-optimal plans found.

Plans are looked for by turning each site of the region over once: where it works it is
forced shut, where it does not it is forced open (why.py). Those within the share asked
for of the cost of the plan at hand count. `proven` marks sites of which a bound says
that no near-optimal plan does otherwise. Not finding a plan proves nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.explaining.why import exclusions, forced, working
from dmopt.plan.plan import Plan
from dmopt.rules.catalogue import make_rules
from dmopt.solving.builder import Builder
from dmopt.solving.result import Result
from dmopt.solving.run import choose_path, solve, solve_nearby

NOT_TRIED = "not tried"
OFTEN = 0.5
"""Share of the plans from which on a site is in often."""


@dataclass(frozen=True)
class Firmness:
    """table: one row for each site in the region: site, works (in the plan at hand),
    share (of near-optimal plans found in which it works), firm (always, often, rarely,
    never; "not tried" for one that could be otherwise and that the time did not reach,
    where no plan found says more), proven, flip_cost (money more when it is turned
    over; NaN: no plan found).
    plans: near-optimal plans found, the one at hand first. within: share. searched,
    of: sites turned over, of how many. seconds. method: how plans were looked for.
    """

    table: pd.DataFrame
    plans: Sequence[Plan]
    within: float
    searched: int
    of: int
    seconds: float
    method: str


def firmness(
    instance: Instance,
    base: Result,
    *,
    within: float = 0.02,
    time_limit_s: float = 120.0,
    seed: int = 0,
    on_site: Callable[[str, int, int], None] = lambda site, done, of: None,
    cancel: Event | None = None,
) -> Firmness:
    """Look for near-optimal plans around the one at hand.

    base: a result with a plan. within: share above the plan's cost that counts as near.
    time_limit_s: of all. Raises ValueError for a base without a plan.
    """
    if base.plan is None or base.cost is None:
        raise ValueError("the result at hand has no plan to begin from")
    begin = time.monotonic()
    limit = base.cost * (1 + within) if base.cost >= 0 else base.cost * (1 - within)
    sites = _asked(instance, base.plan)
    builder = Builder(instance)
    small = choose_path(builder.problem(make_rules(instance)), "auto")[0] == "exact"
    plans, flips, proven = [base.plan], {}, {}
    use = working(base.plan)
    searched = 0
    for number, site in enumerate(sites):
        left = time_limit_s - (time.monotonic() - begin)
        if left <= 0 or (cancel is not None and cancel.is_set()):
            break
        on_site(site, number, len(sites))
        share = max(0.5, 2 * left / (len(sites) - number))
        seconds = min(left, share)
        turned = _turned(builder, site, base, seconds, small, seed, cancel)
        searched += 1
        if turned.cost is not None and turned.plan is not None:
            flips[site] = turned.cost - base.cost
            if turned.cost <= limit and not any(_same(turned.plan, p) for p in plans):
                plans.append(turned.plan)
        # Forced open means in every period: over several that rules out less.
        tells = site in use or len(instance.periods) == 1
        surely = tells and turned.bound is not None and turned.bound > limit
        proven[site] = surely or (tells and turned.status == "infeasible")
    return Firmness(
        _table(instance, plans, flips, proven, sites[searched:]),
        plans,
        within,
        searched,
        len(sites),
        time.monotonic() - begin,
        "each site turned over once, "
        + ("solved again" if small else "plans looked for around it"),
    )


def _same(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same modules: flows apart, they are one plan."""
    keys = ["site", "technology", "period"]
    first, second = (
        plan.tables["modules"].set_index(keys).modules.sort_index()
        for plan in (one, other)
    )
    return first.equals(second)


def _asked(instance: Instance, plan: Plan) -> list[str]:
    """Sites that could be otherwise, those in use first."""
    sites = instance.sites
    shut = exclusions(instance)
    free = sites.in_region & ~sites.status.isin(("committed", "excluded"))
    names = [s for s in sites.index[free] if s not in shut]
    use = working(plan)
    return sorted(names, key=lambda s: (s not in use, names.index(s)))


def _turned(
    builder: Builder,
    site: str,
    base: Result,
    seconds: float,
    small: bool,
    seed: int,
    cancel: Event | None,
) -> Result:
    assert base.plan is not None
    works = site in working(base.plan)
    changed = forced(builder.instance, site, "shut" if works else "open")
    options: dict[str, Any] = {"bound": base.bound, "seed": seed, "cancel": cancel}
    if small:
        return solve(changed, gap=1e-3, time_limit_s=max(seconds, 2.0), **options)
    problem = builder.of(changed)
    return solve_nearby(problem, base.plan, site, time_limit_s=seconds + 1.5, **options)


def _table(
    instance: Instance,
    plans: Sequence[Plan],
    flips: dict[str, float],
    proven: dict[str, bool],
    untried: Sequence[str],
) -> pd.DataFrame:
    sites = instance.sites.index[instance.sites.in_region]
    use = [working(plan) for plan in plans]
    share = np.array([np.mean([s in each for each in use]) for s in sites])
    return pd.DataFrame(
        {
            "site": sites,
            "works": [s in use[0] for s in sites],
            "share": share,
            "firm": [
                NOT_TRIED if s in untried and part in (0, 1) else _word(part)
                for s, part in zip(sites, share, strict=True)
            ],
            "proven": [proven.get(s, False) for s in sites],
            "flip_cost": [flips.get(s, np.nan) for s in sites],
        }
    )


def _word(share: float) -> str:
    if share == 1:
        return "always"
    if share >= OFTEN:
        return "often"
    return "rarely" if share > 0 else "never"
