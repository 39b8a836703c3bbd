"""What indicators and kinds of cost are called, for people, wherever they are shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Called:
    """label: for people. unit: as `indicators` gives it, "money" for the currency.
    better: "more", "less" or "" (neither)."""

    label: str
    unit: str = ""
    better: str = ""

    @property
    def heading(self) -> str:
        """The label with its unit, for figures that stand without one."""
        end = ENDS.get(self.unit, self.unit.replace("/yr", " a year"))
        return f"{self.label}, {end}" if end else self.label


ENDS = {"money": "all periods", "money/yr": "a year"} | dict.fromkeys(
    ("", "jobs", "modules", "share", "sites"), ""
)
"""Unit -> end of a heading, where it is not the unit: label or figure tell it."""

INDICATORS = {
    "jobs": Called("Jobs in the region", "jobs", "more"),
    "jobs_outside": Called("Jobs outside the region", "jobs"),
    "emissions_t": Called("Emissions, CO2e", "t/yr", "less"),
    "energy_kwh": Called("Energy used", "kWh/yr", "less"),
    "vehicle_km": Called("Distance driven", "km/yr", "less"),
    "people_5km": Called("People within 5 km of a working site", "share", "more"),
    "people_10km": Called("People within 10 km of a working site", "share", "more"),
    "people_15km": Called("People within 15 km of a working site", "share", "more"),
    "worst_tenth_km": Called("Way of the worst-served tenth of people", "km", "less"),
    "mean_delivery_km": Called("Mean way of a delivery", "km", "less"),
    "local_share": Called("Made in the region, by value", "share", "more"),
    "local_value_added": Called("Value added in the region", "money/yr", "more"),
    "unmet_share": Called("Demand not met, by value", "share", "less"),
    "public_cost": Called("Public capital spent", "money", "less"),
    "capital_cost": Called("Capital spent", "money", "less"),
    "utilisation": Called("Use of capacity in the region", "share", "more"),
    "sites_open": Called("Sites open in the region", "sites"),
    "sites_outside": Called("Sites open outside", "sites"),
    "modules": Called("Modules in the region", "modules"),
}
"""All of `indicators`, in the order in which the page shows them."""

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
"""All of `costs.KINDS`."""
