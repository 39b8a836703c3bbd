"""Words that columns have and the rest of the program knows."""

TRAITS = (
    "standard",
    "personalised",
    "perishable",
    "digital",
    "modular",
    "local_input",
)
"""What a commodity may be like, for rules on which products suit."""

FIGURES = (
    "transport_price",
    "emission_price",
    "machine_price",
    "labour",
    "energy_price",
    "input_price",
    "demand",
    "availability",
)
"""Prices and quantities over whole tables, one number each, and the availability of a
site, that may be uncertain."""

WORDS = {
    ("infrastructure", "kind"): (
        "power",
        "data",
        "skills",
        "quality",
        "licence",
        "logistics",
        "recovery",
    ),
    ("technologies", "size_class"): ("micro", "meso", "plant"),
}
"""Words that a column usually has. Rules may name them though no row does: production
models speak of all instances in them."""
