"""Emissions of a plan, kg CO2e per year, by cause."""

import numpy as np
import pandas as pd

from dmopt.plan.frames import long
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Plan

CAUSES = ("transport", "inputs", "operation", "services")


def emissions_kg(plan: Plan) -> pd.DataFrame:
    """One row per period and cause: period, cause, kg_per_yr.

    transport: all flows. inputs: what suppliers sell, up to their gate. operation:
    direct emissions of recipes. services: energy and other services needed.
    """
    return emissions_table(plan.ledger)


def emissions_table(ledger: Ledger) -> pd.DataFrame:
    """As `emissions_kg`, from a ledger that is there already."""
    table = pd.DataFrame(by_cause(ledger), index=ledger.periods)[list(CAUSES)]
    return long(table, "kg_per_yr", "cause").reset_index().astype({"cause": "str"})


def by_cause(ledger: Ledger) -> dict[str, np.ndarray]:
    """kg a year of each cause, (periods,)."""
    flows, activity, needs = ledger.flows, ledger.activity, ledger.needs
    per_service = ledger.instance.services.emissions_kg
    each = per_service.reindex(needs.service).to_numpy()
    return {
        "transport": ledger.per_period(flows, flows.kg_per_yr),
        "inputs": ledger.per_period(flows, flows.gate_kg * flows.quantity_per_yr),
        "operation": ledger.per_period(
            activity, activity.emissions_kg * activity.quantity_per_yr
        ),
        "services": ledger.per_period(needs, each * needs.quantity_per_yr),
    }
