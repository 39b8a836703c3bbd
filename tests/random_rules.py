"""Random rules for random instances: every kind, hard or soft, with any coverage."""

from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.rules import edit_rules
from dmopt.rules.catalogue import COVERS, RULES
from tests.random_instances import Shape, random_instance

Rows = list[dict[str, Any]]
Random = np.random.Generator

TRAITS = {"bread": "standard; local_input", "cake": "perishable; personalised"}


def ruled_instance(shape: Shape, kinds: tuple[str, ...]) -> Instance:
    """The random instance of a shape, with what rules speak of, under these kinds."""
    r = np.random.default_rng(shape.seed + 1)
    instance = _with_facts(random_instance(shape), r)
    rows = [_row(kind, number, instance, r) for number, kind in enumerate(kinds)]
    return edit_rules(instance, add=rows)


def _with_facts(instance: Instance, r: Random) -> Instance:
    """Traits, owners, land uses, size classes, kinds of infrastructure, areas."""
    tables = dict(instance.tables)
    goods = tables["commodities"].copy()
    goods["traits"] = [TRAITS.get(c, "") for c in goods.index]
    sites = tables["sites"].copy()
    sites["owner"] = r.choice(["council", "trust", ""], len(sites))
    sites["land_use"] = r.choice(["town_centre", "light_industrial", ""], len(sites))
    kinds = tables["technologies"].copy()
    kinds["size_class"] = [
        {"oven": "micro", "line": "plant"}.get(k, "meso") for k in kinds.index
    ]
    kinds["family"] = "bakery"
    shared = tables["infrastructure"].copy()
    means = {"grid": "power", "control": "quality", "school": "skills"}
    shared["kind"] = [means.get(i, "data") for i in shared.index]
    zones = tables["zones"].copy()
    zones["deprivation_decile"] = r.integers(1, 4, len(zones)).astype(float)
    recipes = tables["recipes"].copy()
    recipes["make_h"] = r.choice([1.0, 5.0, 20.0], len(recipes))
    modes = tables["modes"].copy()
    modes["low_carbon"] = modes.index == "bike"
    suppliers = tables["suppliers"].copy()
    suppliers["in_region"] = bool(r.random() < 0.5)
    areas = tables["areas"].reindex(["school", "flood"]).copy()
    areas["area"], areas["kind"] = ["school", "flood"], ["school", "flood"]
    for name in ("name", "reason", "source", "confidence", "note"):
        areas[name] = ""
    areas["x"] = r.integers(400e3, 430e3, 2).astype(float)
    areas["y"] = r.integers(280e3, 310e3, 2).astype(float)
    areas["geometry"] = [None, _square(areas.x.iloc[1], areas.y.iloc[1])]
    tables |= {
        "commodities": goods,
        "sites": sites,
        "technologies": kinds,
        "infrastructure": shared,
        "zones": zones,
        "recipes": recipes,
        "modes": modes,
        "suppliers": suppliers,
        "areas": areas,
    }
    return Instance(instance.settings, tables)


def _square(x: float, y: float) -> Any:
    import shapely

    return shapely.box(x - 6e3, y - 6e3, x + 6e3, y + 6e3)


def _row(kind: str, number: int, instance: Instance, r: Random) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"{kind} {number}",
        "rule": kind,
        "parameters": _parameters(kind, instance, r),
    }
    if kind == "single_sourcing":
        return row  # it holds everywhere or not at all
    if r.random() < 0.5:
        row["soft_price"] = float(r.choice([0.05, 2.0, 300.0]))
    covers = getattr(RULES[kind], "covers", COVERS)
    if r.random() < 0.3 and "districts" in covers:
        row["districts"] = "A"
    if r.random() < 0.3 and "products" in covers:
        wanted = sorted(set(instance.demand.commodity))
        row["products"] = str(r.choice(wanted))
    if r.random() < 0.2:
        row["periods"] = str(instance.periods.index[-1])
    return row


def _parameters(kind: str, instance: Instance, r: Random) -> str:
    sites = [s for s in instance.sites.index if s != "far"]
    share = f"share={r.choice([0.2, 0.5, 0.8, 1.0])}"
    km = int(r.integers(4, 30))
    by = f"by={r.choice(['value', 'units'])}"
    few, some = int(r.integers(0, 3)), int(r.integers(1, 4))

    def one(*texts: str) -> str:
        return str(r.choice(list(texts)))

    return {
        "proximity_service": f"{share}; within_km={km}; "
        f"per={one('zone', 'district', 'region')}",
        "no_dominant_site": f"{share}; {by}",
        "backup_cover": f"sites={some}; within_km={km}",
        "count_and_classes": f"least={few}; "
        f"size_classes={one('micro', 'micro, plant')}; "
        f"per={one('all', 'district', 'product')}",
        "response_time": f"within_h={r.choice([2.0, 6.0, 21.0, 40.0])}",
        "stock_cap": f"most_days={r.choice([0.5, 2.0, 20.0])}",
        "flexibility_floor": f"least={some}",
        "standard_cell": f"most={one('1', '2')}; by={one('technology', 'family')}",
        "control_site": f"most_sites={some}; form={one('shared', 'own', 'any')}",
        "plural_ownership": f"{share}; {by}",
        "pooled_capacity": f"share={r.choice([0.1, 0.5])}",
        "exclusive_territory": f"own={one('yes', 'no')}"
        + (f"; within_km={km + 10}" if r.random() < 0.5 else ""),
        "personalised_share": share,
        "eligible_range": f"traits={one('perishable', 'standard, perishable')}",
        "few_inputs": f"most={one('1', '2')}",
        "local_value_added": f"share={r.choice([0.1, 0.4, 0.9])}",
        "service_reserve": f"reserve={r.choice([0.0, 0.3, 1.0])}",
        "shared_facilities": f"sharing={one('allowed', 'none', 'required')}",
        "local_inputs": f"{share}; within_km={km}; per={one('region', 'site')}",
        "low_carbon_last_mile": f"{share}; per={one('region', 'district')}",
        "connected_first": "technologies=oven",
        "one_platform": f"platform={one('required', 'none', 'optional')}",
        "connected_volume": share,
        "remote_release": f"most_sites_per_team={some}",
        "licence": f"form={one('hub', 'site')}",
        "skills_programme": f"training={one('shared', 'own', 'none')}",
        "land_use_permission": f"land_uses={one('town_centre', 'light_industrial')}; "
        f"blank_allowed={one('yes', 'no')}",
        "public_provision": f"budget={r.choice([0.0, 5e3, 5e4])}",
        "site_count": f"least={few}; most={few + 1}",
        "single_sourcing": "",
        "least_distance": f"km={km / 2}; kinds=school",
        "sites_apart": f"km={km}",
        "excluded_area": "kinds=flood",
        "either_or": f"sites={', '.join(sites)}; most={some}",
        "requires": f"site={sites[0]}; needs_site={[*sites[1:], 'far'][0]}",
        "per_district": f"least={one('0', '1')}; most={one('1', '2')}",
        "access_guarantee": f"{share}; within_km={km}; "
        f"per={one('region', 'district', 'decile')}",
        "worst_served": f"within_km={km + 5}",
        "burden_limit": f"most_trips_per_yr={r.choice([50.0, 400.0, 3000.0])}",
        "jobs_per_district": f"least={r.choice([1.0, 3.0])}",
        "local_content": share,
        "emission_cap": f"most_t_per_yr={(1, 5, 20)[few]}",
        "demand_met": share,
        "unlike": f"least={some}; counts={one('all', 'all', 'left')}; "
        f"sites={one('', sites[0], ', '.join(sites), 'far')}",
    }[kind]
