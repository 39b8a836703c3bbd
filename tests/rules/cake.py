"""Cake beside bread: what a rule for one product must leave alone."""

from tests.line import TABLES, Rows


def with_cake(tables: dict[str, Rows] | None = None) -> dict[str, Rows]:
    """Tables of the line, changed by these, in which a mixer makes the 10 t of cake a
    year that the west wants too."""
    given = TABLES | (tables or {})
    cake = {"commodity": "cake", "quantity_per_yr": 10}
    mixer = {"technology": "mixer", "capacity_per_yr": 10}
    made = {"recipe": "mix", "commodity": "cake", "quantity": 1}
    more: dict[str, Rows] = {
        "commodities": [{"commodity": "cake"}],
        "demand": [{"zone": "west"} | cake],
        "technologies": [mixer],
        "recipes": [{"recipe": "mix", "technology": "mixer"}],
        "recipe_items": [made],
        "lanes": [TABLES["lanes"][0] | {"commodity": "cake"}],
    }
    return {name: [*given[name], *rows] for name, rows in more.items()}
