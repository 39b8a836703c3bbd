"""Plans on the line, written by hand: ovens at sites, what they send, facilities."""

from collections.abc import Iterable, Mapping
from typing import Any

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan, make_plan

Row = dict[str, Any]
ALL_FROM_W = {("w", "west"): 60.0, ("w", "east"): 40.0}
FROM_BOTH = {("w", "west"): 60.0, ("e", "east"): 40.0}
NOTHING: Mapping[Any, Any] = {}


def plan_of(
    instance: Instance,
    sent: Mapping[tuple[str, str], float] = ALL_FROM_W,
    steps: Mapping[tuple[str, str], int] = NOTHING,
    uses: Iterable[tuple[str, str, str]] = (),
    draws: Mapping[tuple[str, str, str, str], float] = NOTHING,
    flows: Iterable[Row] = (),
) -> Plan:
    """One oven at each site that sends something, all in the period y.

    sent: (site, zone) -> t of bread by van. steps: (infrastructure, location) ->
    built. draws: (site, infrastructure, location, service) -> units. flows: more rows.
    """
    made: dict[str, float] = {}
    for (s, _), t in sent.items():
        made[s] = made.get(s, 0) + t
    moved = {"sold": 0, "moved_in": 0, "moved_out": 0}
    bread = {"commodity": "bread", "mode": "van"}
    tables: dict[str, list[Row]] = {
        "opened": [{"site": s} for s in made],
        "modules": [
            {"site": s, "technology": "oven", "modules": 1, "bought": 1} | moved
            for s in made
        ],
        "infrastructure": [
            {"infrastructure": i, "location": l, "steps": n, "built": n}
            for (i, l), n in steps.items()
            if n
        ],
        "uses": [{"site": s, "infrastructure": i, "location": l} for s, i, l in uses],
        "draws": [
            {"site": s, "infrastructure": i, "location": l, "service": q}
            | {"quantity_per_yr": n}
            for (s, i, l, q), n in draws.items()
        ],
        "activity": [
            {"site": s, "recipe": "bake", "quantity_per_yr": t} for s, t in made.items()
        ],
        "flows": [
            {"origin": s, "destination": z, "quantity_per_yr": t} | bread
            for (s, z), t in sent.items()
        ]
        + list(flows),
    }
    in_y = {n: [r | {"period": "y"} for r in rows] for n, rows in tables.items()}
    return make_plan(instance, in_y)
