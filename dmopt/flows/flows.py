"""All flows of a problem: every arc with the layer over them, and what they cost.

    cost[o, d]    weighted money of bringing all of demand d from output o; inf: no way

That matrix is all there is to flows where goods only go from sites to zones.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dmopt.flows.layer import Demands, FlowLayer
from dmopt.formulation.compiled import Decisions


@dataclass(frozen=True)
class Flows:
    """Arcs, and the layer over them in whose order deliveries and transfers stand."""

    arcs: pd.DataFrame
    layer: FlowLayer

    @property
    def demands(self) -> Demands:
        return self.layer

    @property
    def deliveries(self) -> int:
        return len(self.layer.x_to)

    def layer_of(self, decisions: Decisions) -> FlowLayer:
        """The layer beside the decisions that it was made for."""
        return self.layer

    @cached_property
    def costs(self) -> np.ndarray | str:
        """The matrix above, (outputs, demands), or why it does not say all."""
        return delivery_costs(self.layer)

    def between(self, output: np.ndarray, demand: np.ndarray) -> "Flows":
        """Only the deliveries from an output to a demand each, (n,) both."""
        layer = self.layer
        chosen = np.zeros((len(layer.gates.output), len(layer.quantity)), bool)
        chosen[output, demand] = True
        x = chosen[layer.x_from, layer.x_to]
        arc = np.flatnonzero(self.arcs.destination_kind == "zone")[x]
        none = np.zeros(len(layer.y_to), bool)
        return Flows(self.arcs.iloc[arc].reset_index(drop=True), layer.keep(x, none))


def delivery_costs(layer: FlowLayer) -> np.ndarray | str:
    """What deliveries of a layer cost, (outputs, demands), inf where there is none; or
    why that does not say all about its flows."""
    outputs = len(layer.gates.output)
    if len(layer.side.most):
        return "rules ask something of flows"
    if len(layer.y_to) or len(layer.gates.input):
        return "goods move between sites"
    if len(layer.x_from) and layer.x_from.max() >= outputs:
        return "suppliers deliver to zones"
    if layer.x_mode.any():
        return "there are several ways from a site to a zone"
    if layer.whole.any() or (layer.x_most < 1).any():
        return "deliveries are all or nothing, or limited one by one"
    cost = np.full((outputs, len(layer.quantity)), np.inf)
    cost[layer.x_from, layer.x_to] = layer.x_cost
    return cost
