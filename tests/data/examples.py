"""A small valid instance, as what a person would write down."""

from typing import Any

Tables = dict[str, dict[str, list[Any]]]


def two_zone_settings() -> dict[str, Any]:
    """Settings of the two-zone instance, all of them plain values."""
    return {
        "name": "Two zones",
        "crs": "EPSG:27700",
        "discount_rate": 0.08,
        "source": "made up for tests",
    }


def two_zone_tables() -> Tables:
    """Two zones, two sites and a mill: one table of everything that can be said."""
    return {
        "periods": {"period": ["2030"], "start_year": [2030], "years": [5]},
        "zones": {
            "zone": ["west", "east"],
            "name": ["West End", "Östliche Vorstadt"],
            "district": ["old town", "new town"],
            "population": [10_000, 20_000.5],
            "deprivation_decile": [None, 3],
            "x": [400_000, 410_000.25],
            "y": [280_000, 281_000],
            "geometry": [
                "POLYGON ((399000 279000, 401000 279000, 401000 281000, "
                "399000 279000))",
                None,
            ],
        },
        "commodities": {
            "commodity": ["bread", "flour", "crumbs"],
            "unit": ["loaf", "t", "kg"],
            "t_per_unit": [0.0008, 1, 0.001],
            "price": [2, 400, 0],
            "unmet_price": [5, None, None],
            "disposal_cost": [None, None, -0.01],
            "traits": ["perishable; local_input", "", "modular"],
        },
        "demand": {
            "zone": ["west", "east", "east"],
            "commodity": ["bread", "bread", "bread"],
            "period": ["", "", "2030"],
            "quantity_per_yr": [100_000, 190_000, 200_000],
        },
        "sites": {
            "site": ["s1", "s2", "plant"],
            "class": ["industrial", "high street", "industrial"],
            "district": ["old town", "new town", ""],
            "in_region": ["yes", "yes", "no"],
            "status": ["candidate", "committed", "existing"],
            "x": [400_500, 409_000, 450_000],
            "y": [280_500, 281_500, 300_000],
            "opening_cost": [50_000, 20_000, 0],
            "opens": ["", "2030", ""],
            "availability": [None, 0.95, 1],
            "note": ["", '=SUM(A1), +1, -1, @x; "quoted"', "it's\ntwo lines"],
        },
        "technologies": {
            "technology": ["oven", "line"],
            "family": ["baking", "baking"],
            "capacity_per_yr": [150_000, 1_000_000],
            "least_use": [0.1, 0],
            "capital_cost": [80_000, 900_000],
            "move_cost": [None, 0],
            "max_modules": [3, 1],
            "site_classes": ["", "industrial"],
        },
        "recipes": {
            "recipe": ["bake", "bake a lot"],
            "technology": ["oven", "line"],
            "variable_cost": [0.2, 0.1],
        },
        "recipe_items": {
            "recipe": ["bake", "bake", "bake", "bake a lot", "bake a lot"],
            "commodity": ["bread", "flour", "crumbs", "bread", "flour"],
            "quantity": [1, -0.0005, 0.01, 1, -0.0005],
        },
        "services": {
            "service": ["power", "quality"],
            "unit": ["kWh", "unit"],
            "kind": ["energy", "quality"],
            "price": [0.25, 0],
            "limited": ["no", "yes"],
        },
        "technology_needs": {
            "technology": ["oven"],
            "service": ["quality"],
            "per_module": [1],
        },
        "recipe_needs": {"recipe": ["bake"], "service": ["power"], "per_unit": [0.5]},
        "site_services": {
            "site": ["s2", "s1"],
            "service": ["quality", "power"],
            "base": [2, 0],
            "price": [None, 0.2],
        },
        "standing_modules": {
            "site": ["s2", "plant"],
            "technology": ["oven", "line"],
            "modules": [1, 1],
        },
        "infrastructure": {
            "infrastructure": ["laboratory", "grid"],
            "kind": ["quality", "power"],
            "reach": ["radius", "site"],
            "radius_km": [20, None],
            "capital_cost": [100_000, 5_000],
        },
        "infrastructure_services": {
            "infrastructure": ["laboratory", "grid"],
            "service": ["quality", "power"],
            "per_step": [10, None],
        },
        "prerequisites": {"infrastructure": ["laboratory"], "requires": ["grid"]},
        "locations": {
            "infrastructure": ["laboratory", "grid"],
            "location": ["centre", "at s1"],
            "site": ["", "s1"],
            "x": [405_000, None],
            "y": [280_000, None],
            "max_steps": [2, 1],
        },
        "suppliers": {"supplier": ["mill"], "x": [420_000], "y": [290_000]},
        "supplies": {
            "supplier": ["mill"],
            "commodity": ["flour"],
            "period": [""],
            "price": [400],
        },
        "modes": {
            "mode": ["van", "lorry"],
            "cost_per_tkm": [1.5, 0.2],
            "speed_kmh": [30, 60],
        },
        "lanes": {
            "commodity": ["bread", "bread", "flour", "flour"],
            "mode": ["van", "lorry", "lorry", "lorry"],
            "origin": ["site_inside", "site_outside", "supplier", "supplier"],
            "destination": ["zone", "zone", "site", "zone"],
        },
        "areas": {
            "area": ["flood plain", "school", "park"],
            "kind": ["flood", "school", "heritage"],
            "reason": ["Östliche Aue, floods each year", "", ""],
            "x": [None, 409_500, 405_000.125],
            "y": [None, 281_250.5, 280_000],
            "geometry": [
                "POLYGON ((404000 279000, 406000 279000, 406000 279500, "
                "404000 279000))",
                None,
                "MULTIPOLYGON (((405000 280000, 405100 280000, 405100 280100, "
                "405000 280000)))",
            ],
        },
        "rules": {"id": ["near"], "rule": ["short_haul"], "parameters": ["share=0.5"]},
        "uncertain": {
            "figure": ["transport_price", "demand", "emission_price", "availability"],
            "of": ["", "bread", "", ""],
            "site": ["", "", "", "s1"],
            "low": [0.8, 0.7, 0, 0],
            "likely": [1, 1 / 3 + 0.6, 0, 1],
            "high": [1.5, 1.2, 250, 1],
            "distribution": ["", "uniform", "triangular", ""],
            "confidence": ["assumption", "", "published", ""],
        },
        "worlds": {
            "world": ["as now", "dear fuel", "flood"],
            "probability": [1 / 3, 0.5, 1 / 6],
            "name": ["", "Fuel is dear", "Östliche Aue under water"],
        },
        "world_changes": {
            "world": ["dear fuel", "dear fuel", "flood", "flood"],
            "figure": ["transport_price", "demand", "availability", "emission_price"],
            "of": ["", "bread", "", ""],
            "site": ["", "", "s2", ""],
            "value": [1 / 3 + 2, 0.9, 0, 120],
            "source": ["", "a guess", "", ""],
        },
    }
