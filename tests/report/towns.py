"""Two towns with figures of every kind that a report shows, and plans by hand.

The line of tests/line.py with districts West (600 people) and East (200). An oven costs
1,000 to buy, half of it public, paid over 10 years at rate 0: 100 a year, and 50 to
keep; it gives 3 jobs. A van takes 2 t and emits 0.5 kg a tkm. With the oven at w:

    cost      100 + 50 + 20 (site) + 40 t x 10 km x 0.1 = 210
    to West   60 % of 170 = 102             0.17 a head
    to East   40 % of 170 + 40 = 108        0.54 a head
    trips     30 to West, 20 to East, 50 out of West
    kg        40 t x 10 km x 0.5 = 200, all for East
"""

from collections.abc import Mapping
from typing import Any

from dmopt.data.instance import Instance
from dmopt.plan.costs import total_cost
from dmopt.plan.plan import Plan
from dmopt.report import Option, as_option
from dmopt.solving.progress import Progress
from dmopt.solving.result import Result
from tests.line import Rows, changed, line
from tests.rules.plans import baked

SOURCES = {"source": "counted", "confidence": "measured"}


def towns(settings: Mapping[str, Any] | None = None, **tables: Rows) -> Instance:
    """The two towns, whole tables replaced by those given."""
    zones = [
        {"zone": "west", "district": "West", "population": 600, "x": 0, "y": 0},
        {"zone": "east", "district": "East", "population": 200, "x": 10_000, "y": 0},
    ]
    sites = [
        {"site": "w", "name": "West yard", "district": "West", "x": 0, "y": 0},
        {"site": "e", "name": "East yard", "district": "East", "x": 10_000, "y": 0},
    ]
    given: dict[str, Rows] = {
        "zones": [zone | SOURCES for zone in zones],
        "sites": [site | {"fixed_cost_per_yr": 20} for site in sites],
        "technologies": changed(
            "technologies",
            capital_cost=1000,
            life_yr=10,
            public_share=0.5,
            jobs_per_module=3,
            source="a guess",
            confidence="assumption",
        ),
        "commodities": changed(
            "commodities", name="Bread", unit="t", price=2, unmet_price=50
        ),
        "modes": changed("modes", payload_t=2, kg_per_tkm=0.5),
    }
    return line(dict(settings or {}), **(given | tables))


def result(plan: Plan, gap: float | None = 0.01, **changes: Any) -> Result:
    """A result as a solve would hand it out, with the plan's own cost."""
    cost = total_cost(plan)
    given: dict[str, Any] = {
        "status": "optimal",
        "plan": plan,
        "cost": cost,
        "bound": None if gap is None else cost * (1 - gap),
        "path": "exact",
        "why_path": "small",
        "seconds": 1.5,
        "build_seconds": 0.5,
        "peak_mb": 100.0,
        "options": {"gap": 0.01, "seed": 0},
        "proof": "branch and bound",
        "log": (Progress(1.0, "done", cost, cost),),
    }
    return Result(**(given | changes))


def option(ovens: str = "w", name: str = "this plan", **changes: Any) -> Option:
    """The two towns with ovens at these sites."""
    return as_option(result(baked(towns(), ovens), **changes), name)
