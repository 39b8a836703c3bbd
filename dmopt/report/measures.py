"""What is measured of every plan, in the order of the report."""

import math

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount
from dmopt.plan.called import INDICATORS
from dmopt.report.table import figure, per_cent

MEASURES = (
    "sites_open",
    "sites_outside",
    "jobs",
    "jobs_outside",
    "local_share",
    "unmet_share",
    "people_5km",
    "people_10km",
    "worst_tenth_km",
    "mean_delivery_km",
    "emissions_t",
    "energy_kwh",
    "vehicle_km",
    "local_value_added",
    "capital_cost",
    "public_cost",
    "utilisation",
)
"""Names of indicators."""


def measured(indicator: str, value: float | None, settings: Settings) -> str:
    """The value of an indicator for people."""
    unit = INDICATORS[indicator].unit
    if unit == "share":
        return per_cent(value)
    if unit.startswith("money") and value is not None and not math.isnan(value):
        return amount(value, settings)
    return figure(value)
