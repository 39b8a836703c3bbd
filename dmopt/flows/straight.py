"""Flows straight from sites to zones, of one product in one period, that no rule looks
at: what they cost comes from lanes alone.

Arcs and the layer over them take several times the memory of their costs, and more
while they are made: they are made where somebody asks for them, and the deliveries that
a plan uses without the others.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dmopt.data.distances import tables_of
from dmopt.data.instance import Instance, Numbers
from dmopt.flows.arcs import arcs_between, candidate_arcs, cheapest
from dmopt.flows.flows import Flows
from dmopt.flows.lanes import Lane, lanes_of
from dmopt.flows.layer import Demands, FlowLayer, make_demands, make_layer, with_rows
from dmopt.flows.numbers import Lookup, numbers_of
from dmopt.formulation.compiled import Columns, Decisions
from dmopt.formulation.money import weights
from dmopt.formulation.scope import Scope

NOTHING = frozenset[str]()
MOST_PAIRS = 200_000_000
"""Beyond that arcs are made at once: of many pairs few are near enough, or nothing
fits."""


def go_straight(instance: Instance, scope: Scope) -> bool:
    """Whether goods only go from sites to zones, one product in one period, and what
    all pairs cost is not too much to keep."""
    one = instance.demand_by_period.commodity.nunique() == 1
    if not one or len(instance.periods) != 1 or len(instance.returns) or scope.takes:
        return False
    used = _lanes(instance, scope)
    pairs = sum(len(lane.origins) * len(lane.destinations) for lane in used)
    direct = all(lane.kind == "site" and lane.to_zone for lane in used)
    return direct and 0 < pairs <= MOST_PAIRS


@dataclass(frozen=True)
class Straight:
    """As `Flows`, made when it is asked for, for whatever decisions of these columns.

    column: of families of the decision layer, as in `Decisions`.
    """

    instance: Instance
    scope: Scope
    column: Columns

    @cached_property
    def demands(self) -> Demands:
        return make_demands(self.instance, self.column)

    @property
    def deliveries(self) -> int:
        return sum(int(np.isfinite(row).sum()) for row in self.costs)

    @cached_property
    def arcs(self) -> pd.DataFrame:
        return _cheapest(candidate_arcs(self.instance, self.scope))

    @cached_property
    def _layer(self) -> FlowLayer:
        return make_layer(self.instance, self.column, self.arcs, NOTHING)

    def layer_of(self, decisions: Decisions) -> FlowLayer:
        """The layer beside decisions."""
        return with_rows(self._layer, (), decisions, self.arcs)

    @cached_property
    def costs(self) -> np.ndarray:
        """Weighted money of bringing all of each demand from each output by its
        cheapest way, (outputs, demands); inf where there is none."""
        instance, quantity = self.instance, self.demands.quantity
        (weight,) = weights(instance).values()
        cost = np.full((len(self._outputs.place), len(quantity)), np.inf)
        sent = Lookup(instance, self._outputs)
        # What goes is all that is wanted: destinations stand in the order of demands.
        for lane in _lanes(instance, self.scope):
            others = (np.full(len(lane.origins), n) for n in (lane.commodity, 0))
            row = sent.rows(Numbers(lane.origins, *others))
            ends = lane.origins, lane.destinations
            for some, km, minutes in tables_of(instance, *ends):
                money = lane.per_unit(km) * weight * quantity
                money[~lane.fits(km, minutes)] = np.inf
                cost[row[some]] = np.minimum(cost[row[some]], money)
        return cost

    @cached_property
    def _outputs(self) -> Numbers:
        return numbers_of(self.instance, self.column["output"])

    def between(self, output: np.ndarray, demand: np.ndarray) -> Flows:
        """Only the deliveries from an output to a demand each, (n,) both."""
        ends = self._outputs.place[output], self.instance.demand_numbers.place[demand]
        arcs = _cheapest(arcs_between(self.instance, self.scope, *ends))
        return Flows(arcs, make_layer(self.instance, self.column, arcs, NOTHING))


def _lanes(instance: Instance, scope: Scope) -> list[Lane]:
    """Lanes with something at both ends."""
    lanes = lanes_of(instance, scope)
    return [lane for lane in lanes if len(lane.origins) and len(lane.destinations)]


def _cheapest(arcs: pd.DataFrame) -> pd.DataFrame:
    """Of arcs that differ only in the mode, the cheapest."""
    kept = cheapest(arcs)
    return arcs if kept.all() else arcs[kept].reset_index(drop=True)
