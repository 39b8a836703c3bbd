"""The line with means: a service that ovens need, shared by a hub or of a site's own.

An oven needs one unit of `cover`. The hub costs 10 a year to keep and 5 for each site
that uses it, w's and e's own 12 each. So, `cover` being limited,
    w alone with its own   110 + 12          = 122
    w alone with the hub   110 + 10 + 5      = 125
    both, each its own     140 + 2 x 12      = 164
    both with the hub      140 + 10 + 2 x 5  = 160
"""

from collections.abc import Sequence
from typing import Any

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan, make_plan
from tests.line import Rows


def means(
    kind: str,
    hub: dict[str, Any] | None = None,
    own: dict[str, Any] | None = None,
    limited: bool = True,
) -> dict[str, Rows]:
    """Tables of means of a kind, with cells of the hub and of own ones changed."""
    shared = {"infrastructure": "hub", "kind": kind, "reach": "region"}
    alone = {"infrastructure": "own", "kind": kind, "reach": "site"}
    return {
        "services": [{"service": "cover", "limited": limited}],
        "technology_needs": [
            {"technology": "oven", "service": "cover", "per_module": 1}
        ],
        "infrastructure": [
            shared | {"fixed_cost_per_yr": 10, "fee_per_yr": 5} | (hub or {}),
            alone | {"fixed_cost_per_yr": 12} | (own or {}),
        ],
        "infrastructure_services": [
            {"infrastructure": "hub", "service": "cover"},
            {"infrastructure": "own", "service": "cover"},
        ],
        "locations": [
            {"infrastructure": "hub", "location": "h"},
            {"infrastructure": "own", "location": "at_w", "site": "w"},
            {"infrastructure": "own", "location": "at_e", "site": "e"},
        ],
    }


def working(
    instance: Instance,
    made: dict[str, float],
    steps: Sequence[tuple[str, str]] = (),
    uses: Sequence[str] = (),
    draws: float = 1.0,
) -> Plan:
    """Sites make so many tonnes: what w makes goes west first, the rest east.

    steps: built in the first period.  uses: sites that use the hub, each drawing so
    many units.
    """
    periods = list(instance.periods.index)
    first = periods[0]
    to_west = min(made.get("w", 0.0), 60.0)
    flows = {
        ("w", "west"): to_west,
        ("w", "east"): made.get("w", 0.0) - to_west,
        ("e", "west"): 60.0 - to_west,
        ("e", "east"): made.get("e", 0.0) - (60.0 - to_west),
    }
    still = {"sold": 0, "moved_in": 0, "moved_out": 0}
    tables: dict[str, Rows] = {
        "opened": [{"site": s} for s in made],
        "modules": [
            {"site": s, "technology": "oven", "modules": 1} | still for s in made
        ],
        "infrastructure": [
            {"infrastructure": i, "location": l, "steps": 1} for i, l in steps
        ],
        "uses": [{"site": s, "infrastructure": "hub", "location": "h"} for s in uses],
        "draws": [
            {
                "site": s,
                "infrastructure": "hub",
                "location": "h",
                "service": "cover",
                "quantity_per_yr": draws,
            }
            for s in uses
            if draws
        ],
        "activity": [
            {"site": s, "recipe": "bake", "quantity_per_yr": t}
            for s, t in made.items()
            if t
        ],
        "flows": [
            {
                "origin": s,
                "destination": z,
                "commodity": "bread",
                "mode": "van",
                "quantity_per_yr": t,
            }
            for (s, z), t in flows.items()
            if t > 0
        ],
    }
    new = {"modules": "bought", "infrastructure": "built"}
    return make_plan(
        instance,
        {
            name: [
                row
                | {"period": t}
                | ({new[name]: int(t == first)} if name in new else {})
                for row in rows
                for t in periods
            ]
            for name, rows in tables.items()
        },
    )
