"""Emission cap: all that is emitted in a period is at most so much.

    (cap)   sum_a kg[a] flow[a] + sum_{s,r} kg[r] activity + sum_{s,q} kg[q] need
                                       <= 1000 most            for all t   kg CO2e/yr

    kg[a]      of moving one unit, and of making it where a supplier sells it
    kg[r]      direct emissions of a recipe, per unit of activity
    kg[q]      of one unit of a service; need as in dmopt/formulation/services.py
    most       most_t_per_yr                                   t CO2e/yr

Written in tonnes. Sites and suppliers outside the region emit as much as those in it:
to have something made elsewhere saves nothing. The cap holds in every period covered,
and for everything: it has no districts, areas or products.
Planning practice (carbon budgets of councils); form of the rows ours.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.flows.lanes import moving
from dmopt.flows.rows import FlowRows
from dmopt.plan.emissions import emissions_kg
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure

KG_PER_T = 1000.0


class EmissionCap(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "emission_cap"
    covers: ClassVar[tuple[str, ...]] = ("periods",)

    most_t_per_yr: Amount = looser("up", to=1e12)
    """Most tonnes of CO2 equivalent emitted in a year."""

    def sentence(self) -> str:
        return (
            f"At most {figure(self.most_t_per_yr)} t CO2e a year are emitted by "
            "transport, inputs, operation and services together."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        periods = list(where.periods)
        row = pd.Index(periods).get_indexer(pd.Index(arcs.period.astype(str)))
        number = {t: n for n, t in enumerate(periods)}
        given = [
            (number[t], variable, -kg / KG_PER_T)
            for t, variable, kg in _at_sites(b.model(), instance)
            if t in number
        ]
        yield FlowRows(
            [(t,) for t in periods],
            row,
            _on_the_way(instance, arcs) / KG_PER_T,
            np.full(len(periods), self.most_t_per_yr),
            given,
        )

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        table = emissions_kg(Plan(instance, plan.tables))
        emitted = table.groupby("period").kg_per_yr.sum() / KG_PER_T
        for t in where.periods:
            excess = over(float(emitted.get(t, 0.0)), self.most_t_per_yr)
            if excess > 0:
                yield Violation("cap", (t,), excess, "t CO2e/yr too much")


def _on_the_way(instance: Instance, arcs: pd.DataFrame) -> np.ndarray:
    """kg of each arc per unit: of the way, and of what a supplier sells."""

    def of(table: pd.DataFrame, key: str, columns: Sequence[str]) -> dict[str, Any]:
        row = table.index.get_indexer(pd.Index(arcs[key].astype(str)))
        return {each: table[each].to_numpy(float)[row] for each in columns}

    good = of(instance.commodities, "commodity", ("t_per_unit", "units_per_drop"))
    by = of(instance.modes, "mode", ("kg_per_tkm", "kg_per_km", "kg_per_drop"))
    way = moving(good, by, arcs.km.to_numpy(), arcs.trips.to_numpy(float), "kg")
    sold = instance.supplies_by_period
    keys = ["supplier", "commodity", "period"]
    gate = sold.set_index(keys).emissions_kg
    from_supplier = (arcs.origin_kind == "supplier").to_numpy()
    bought = arcs.loc[from_supplier, ["origin", "commodity", "period"]].astype(str)
    way[from_supplier] += gate.reindex(pd.MultiIndex.from_frame(bought)).to_numpy()
    return way


def _at_sites(m: Any, instance: Instance) -> Iterator[tuple[str, Any, float]]:
    """(period, variable, kg of one unit of it) of activity and modules."""
    kg = instance.services.emissions_kg
    per_unit = _of_services(instance.recipe_needs, "recipe", "per_unit", kg)
    per_module = _of_services(instance.technology_needs, "technology", "per_module", kg)
    direct = instance.recipes.emissions_kg.to_dict()
    for (_, r, t), variable in m.activity.items():
        if each := direct[r] + per_unit.get(r, 0.0):
            yield t, variable, each
    for (_, k, t), variable in m.modules.items():
        if each := per_module.get(k, 0.0):
            yield t, variable, each


def _of_services(
    needs: pd.DataFrame, key: str, amount: str, kg: pd.Series
) -> dict[str, float]:
    """kg of the services that one unit of each needs."""
    each = needs[amount] * needs.service.map(kg.to_dict()).astype(float)
    return dict(each.groupby(needs[key].to_numpy()).sum())
