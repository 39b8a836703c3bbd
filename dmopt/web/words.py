"""What kinds of cost and indicators are called on the page."""

from dataclasses import dataclass

from dmopt.data.instance import Settings


@dataclass(frozen=True)
class Called:
    """label: for people. better: "more", "less" or "" (neither)."""

    label: str
    better: str = ""


INDICATORS = {
    "jobs": Called("Jobs in the region", "more"),
    "jobs_outside": Called("Jobs outside the region"),
    "emissions_t": Called("Emissions, CO2e", "less"),
    "energy_kwh": Called("Energy used", "less"),
    "vehicle_km": Called("Distance driven", "less"),
    "people_5km": Called("People within 5 km of a site", "more"),
    "people_10km": Called("People within 10 km of a site", "more"),
    "people_15km": Called("People within 15 km of a site", "more"),
    "worst_tenth_km": Called("Way of the worst-served tenth of people", "less"),
    "mean_delivery_km": Called("Mean way of a delivery", "less"),
    "local_share": Called("Made in the region, by value", "more"),
    "local_value_added": Called("Value added in the region", "more"),
    "unmet_share": Called("Demand not met, by value", "less"),
    "public_cost": Called("Public capital spent", "less"),
    "capital_cost": Called("Capital spent", "less"),
    "utilisation": Called("Use of capacity in the region", "more"),
    "sites_open": Called("Sites open in the region"),
    "sites_outside": Called("Sites open outside"),
    "modules": Called("Modules in the region"),
}
"""In the order in which they are shown."""

COSTS = {
    "sites": "Opening and keeping sites",
    "modules": "Machines",
    "infrastructure": "Shared infrastructure",
    "operation": "Operation",
    "energy": "Energy",
    "labour": "Labour",
    "land": "Land",
    "services": "Other services",
    "stock": "Stock",
    "inputs": "Inputs",
    "transport in": "Transport of inputs",
    "transport between": "Transport between sites",
    "transport out": "Delivery",
    "disposal": "Disposal",
    "emissions": "Emissions",
    "unmet": "Demand not met",
    "rules": "Soft rules missed",
}

CHANGES = {
    "emissions_t": ("Emissions, CO2e", "t/yr"),
    "sites_open": ("Sites open in the region", "sites"),
    "sites_outside": ("Sites open outside", "sites"),
    "jobs": ("Jobs in the region", "jobs"),
}
"""What a rule's price tells besides money (explaining/price.py)."""

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
