"""Ends of lanes: who has a commodity, who wants it, and in which periods."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.formulation.scope import Scope


class Ends:
    """Places are rows of `Instance.places`, commodities and periods of their tables.

    wanted: bool (places, commodities, periods), of zones.
    kg_price: money per kg CO2e, (periods,).
    """

    def __init__(self, instance: Instance, scope: Scope) -> None:
        self._inside = instance.places.in_region.to_numpy(bool)
        self._makes = _numbers(instance, scope.makes)
        self._takes = _numbers(instance, scope.takes)
        goods, periods = instance.commodities.index, instance.periods
        self.kg_price = periods.emission_price_per_t.to_numpy() / 1000
        self._demand, self._supply = instance.demand_numbers, instance.supply_numbers
        self._returned = instance.source_numbers.only(
            slice(len(self._supply.place), None)
        )
        self.wanted = np.zeros((len(self._inside), len(goods), len(periods)), bool)
        self.wanted[self._demand] = True
        supplies = instance.supplies_by_period
        self._gate = (
            supplies.price.to_numpy()
            + self.kg_price[self._supply.period] * supplies.emissions_kg.to_numpy()
        )

    def senders(self, kind: str, c: int) -> np.ndarray:
        """Places of a kind of `lanes.origin` that have a commodity."""
        if kind == "supplier":
            return pd.unique(self._supply.place[self._supply.commodity == c])
        if kind == "zone":
            return pd.unique(self._returned.place[self._returned.commodity == c])
        sites = self._makes[0][self._makes[1] == c]
        return sites[self._inside[sites] == (kind == "site_inside")]

    def takers(self, kind: str, c: int) -> np.ndarray:
        """Places of a kind of `lanes.destination` that want a commodity."""
        if kind == "zone":
            return pd.unique(self._demand.place[self._demand.commodity == c])
        return self._takes[0][self._takes[1] == c]

    def gate(self, places: np.ndarray, c: int) -> np.ndarray:
        """Price of a commodity with that of its emissions, (places, periods): NaN where
        it is not sold; 0 where it comes back."""
        gate = np.full((len(self._inside), len(self.kg_price)), np.nan)
        sold = self._supply.commodity == c
        gate[self._supply.place[sold], self._supply.period[sold]] = self._gate[sold]
        back = self._returned.commodity == c
        gate[self._returned.place[back], self._returned.period[back]] = 0.0
        return gate[places]


def _numbers(
    instance: Instance, keys: Iterable[tuple[str, str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Places and commodities of (s, c)."""
    table = pd.DataFrame(list(keys), columns=["site", "commodity"], dtype=object)
    return (
        instance.places.index.get_indexer(pd.Index(table.site)),
        instance.commodities.index.get_indexer(pd.Index(table.commodity)),
    )
