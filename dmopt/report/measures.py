"""What is measured of every plan, in the order and words of the report."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount
from dmopt.report.table import NONE, figure, per_cent


@dataclass(frozen=True)
class Measure:
    """indicator: its name in the plan's indicators. label: with its unit.
    kind: "number", "share" or "money"."""

    indicator: str
    label: str
    kind: str = "number"

    def says(self, value: float | None, settings: Settings) -> str:
        """A value for people."""
        if value is None or math.isnan(value):
            return NONE
        if self.kind == "money":
            return amount(value, settings)
        words: Callable[[float], str] = per_cent if self.kind == "share" else figure
        return words(value)


MEASURES = (
    Measure("sites_open", "Sites open in the region"),
    Measure("sites_outside", "Sites used outside the region"),
    Measure("jobs", "Jobs in the region"),
    Measure("jobs_outside", "Jobs outside the region"),
    Measure("local_share", "Made in the region, by value", "share"),
    Measure("unmet_share", "Demand not met, by value", "share"),
    Measure("people_5km", "People within 5 km of a working site", "share"),
    Measure("people_10km", "People within 10 km of a working site", "share"),
    Measure("worst_tenth_km", "Way of the worst-served tenth, km"),
    Measure("mean_delivery_km", "Mean way of a delivery, km"),
    Measure("emissions_t", "Emissions, t CO2e a year"),
    Measure("energy_kwh", "Energy, kWh a year"),
    Measure("vehicle_km", "Vehicle km a year"),
    Measure("local_value_added", "Value added in the region, a year", "money"),
    Measure("capital_cost", "Capital spent, all periods", "money"),
    Measure("public_cost", "Public capital spent, all periods", "money"),
    Measure("utilisation", "Use of the capacity that stands", "share"),
)
