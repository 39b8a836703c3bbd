"""How the page says names, units and money."""

from dmopt.data.instance import Settings

KNOWN_UNITS = {
    "km": "km",
    "h": "h",
    "min": "min",
    "days": "days",
    "t": "t",
    "years": "years",
    "yr": "years",
    "kw": "kW",
    "share": "%",
    "reserve": "%",
}
"""Units that names of rule parameters end in."""


def money_words(settings: Settings) -> str:
    """What money of a plan is counted in: "GBP a year"."""
    if settings.money == "discounted":
        return f"{settings.currency}, present value"
    return f"{settings.currency} a year"


def spoken(name: str) -> str:
    """A name of the data as words: "within_km" -> "within km"."""
    return name.replace("_", " ")
