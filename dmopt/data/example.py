"""A small worked example, made up: what a template starts from."""

from typing import Any

from dmopt.data.instance import Instance
from dmopt.data.validate import make_instance

Rows = list[dict[str, Any]]


def example() -> Instance:
    """Two zones, two sites in town and a plant far away, which bake bread."""
    settings = {
        "name": "Two zones and a bakery",
        "description": "A worked example, made up. Put your own figures in its place.",
        "crs": "EPSG:4326",
        "source": "made up",
    }
    tables = _places() | _production() | _transport() | _uncertain() | _worlds()
    return make_instance(settings, tables)


def _places() -> dict[str, Rows]:
    return {
        "periods": [{"period": "2030", "start_year": 2030, "years": 5}],
        "zones": [
            {"zone": "north", "population": 12_000, "x": -1.90, "y": 52.50},
            {"zone": "south", "population": 9_000, "x": -1.89, "y": 52.44},
        ],
        "sites": [
            {
                "site": "mill lane",
                "class": "workshop",
                "x": -1.895,
                "y": 52.49,
                "opening_cost": 20_000,
                "fixed_cost_per_yr": 6_000,
            },
            {
                "site": "canal yard",
                "class": "workshop",
                "x": -1.885,
                "y": 52.45,
                "opening_cost": 15_000,
                "fixed_cost_per_yr": 5_000,
            },
            {
                "site": "central plant",
                "class": "plant",
                "in_region": "no",
                "status": "existing",
                "x": -1.10,
                "y": 52.95,
            },
        ],
        "suppliers": [{"supplier": "flour mill", "x": -2.30, "y": 52.60}],
        "demand": [
            {"zone": "north", "commodity": "bread", "quantity_per_yr": 600_000},
            {"zone": "south", "commodity": "bread", "quantity_per_yr": 450_000},
        ],
    }


def _production() -> dict[str, Rows]:
    return {
        "commodities": [
            {
                "commodity": "bread",
                "unit": "loaf",
                "t_per_unit": 0.0008,
                "units_per_drop": 200,
                "price": 1.5,
                "unmet_price": 4,
            },
            {
                "commodity": "flour",
                "unit": "t",
                "t_per_unit": 1,
                "units_per_drop": 10,
                "price": 450,
            },
        ],
        "technologies": [
            {
                "technology": "small oven",
                "capacity_per_yr": 400_000,
                "capital_cost": 120_000,
                "fixed_cost_per_yr": 8_000,
                "max_modules": 3,
                "jobs_per_module": 3,
                "site_classes": "workshop",
            },
            {
                "technology": "large line",
                "capacity_per_yr": 5_000_000,
                "capital_cost": 2_500_000,
                "fixed_cost_per_yr": 90_000,
                "jobs_per_module": 12,
                "site_classes": "plant",
            },
        ],
        "recipes": [
            {
                "recipe": "bake by hand",
                "technology": "small oven",
                "variable_cost": 0.3,
            },
            {
                "recipe": "bake by line",
                "technology": "large line",
                "variable_cost": 0.1,
            },
        ],
        "recipe_items": [
            {"recipe": recipe, "commodity": commodity, "quantity": quantity}
            for recipe in ("bake by hand", "bake by line")
            for commodity, quantity in (("bread", 1), ("flour", -0.0005))
        ],
        "services": [
            {
                "service": "electricity",
                "unit": "kWh",
                "kind": "energy",
                "price": 0.25,
                "emissions_kg": 0.15,
                "limited": "no",
            },
            {"service": "grid connection", "unit": "kW", "kind": "power"},
        ],
        "recipe_needs": [
            {"recipe": "bake by hand", "service": "electricity", "per_unit": 0.5},
            {"recipe": "bake by line", "service": "electricity", "per_unit": 0.3},
        ],
        "technology_needs": [
            {
                "technology": "small oven",
                "service": "grid connection",
                "per_module": 40,
            },
        ],
        "site_services": [
            {"site": "canal yard", "service": "grid connection", "base": 60},
        ],
        "infrastructure": [
            {
                "infrastructure": "substation",
                "kind": "power",
                "reach": "radius",
                "radius_km": 3,
                "capital_cost": 60_000,
            },
        ],
        "infrastructure_services": [
            {
                "infrastructure": "substation",
                "service": "grid connection",
                "per_step": 200,
            },
        ],
        "locations": [
            {
                "infrastructure": "substation",
                "location": "mill lane",
                "site": "mill lane",
            },
        ],
        "standing_modules": [
            {"site": "central plant", "technology": "large line", "modules": 1},
        ],
    }


def _transport() -> dict[str, Rows]:
    return {
        "supplies": [{"supplier": "flour mill", "commodity": "flour", "price": 450}],
        "modes": [
            {
                "mode": "van",
                "cost_per_km": 0.6,
                "cost_per_drop": 3,
                "payload_t": 1,
                "drops_per_trip": 15,
                "speed_kmh": 25,
                "kg_per_km": 0.25,
            },
            {
                "mode": "lorry",
                "cost_per_km": 1.4,
                "cost_per_drop": 15,
                "payload_t": 20,
                "speed_kmh": 60,
                "kg_per_km": 0.9,
            },
        ],
        "lanes": [
            {
                "commodity": "bread",
                "mode": "van",
                "origin": "site_inside",
                "destination": "zone",
            },
            {
                "commodity": "bread",
                "mode": "lorry",
                "origin": "site_outside",
                "destination": "zone",
            },
            {
                "commodity": "flour",
                "mode": "lorry",
                "origin": "supplier",
                "destination": "site",
            },
        ],
    }


def _uncertain() -> dict[str, Rows]:
    return {
        "uncertain": [
            {
                "figure": "transport_price",
                "low": 0.8,
                "likely": 1,
                "high": 1.5,
                "source": "fuel prices of the last ten years, say",
                "confidence": "assumption",
            },
            {
                "figure": "demand",
                "of": "bread",
                "low": 0.7,
                "likely": 1,
                "high": 1.2,
            },
        ]
    }


def _worlds() -> dict[str, Rows]:
    return {
        "worlds": [
            {"world": "as now", "probability": 0.7},
            {"world": "dear fuel", "probability": 0.2},
            {"world": "flood", "probability": 0.1, "name": "the canal floods"},
        ],
        "world_changes": [
            {"world": "dear fuel", "figure": "transport_price", "value": 1.5},
            {
                "world": "dear fuel",
                "figure": "demand",
                "of": "bread",
                "value": 0.95,
            },
            {
                "world": "flood",
                "figure": "availability",
                "site": "canal yard",
                "value": 0.6,
                "source": "closed for five months, say",
                "confidence": "assumption",
            },
        ],
    }
