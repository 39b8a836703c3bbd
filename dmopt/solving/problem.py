"""The problem: decision layer and flow layer of one instance under rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.layer import FlowLayer
from dmopt.formulation.compiled import Decisions
from dmopt.formulation.scope import Scope
from dmopt.rules.rule import Rule
from dmopt.solving.assemble import Rows, assemble
from dmopt.solving.last_flows import LastFlows
from dmopt.solving.owners import Owners, owners
from dmopt.solving.program import LinearProgram
from dmopt.solving.strong import Carriers, carriers


@dataclass(frozen=True)
class Problem:
    """What every solve path starts from (builder.py makes it).

    arcs: candidate arcs; deliveries (to zones) and transfers in the layer keep their
        order.
    asked_by: id of the rule that each family of rows over flows is of; "" of those
        that hold without rules (dmopt/flows/returns.py).
    """

    instance: Instance
    rules: Sequence[Rule]
    scope: Scope
    arcs: pd.DataFrame
    decisions: Decisions
    layer: FlowLayer
    asked_by: tuple[str, ...] = ()

    @cached_property
    def owners(self) -> Owners:
        return owners(self.decisions, self.scope)

    @cached_property
    def carriers(self) -> Carriers:
        return carriers(self.decisions, self.scope, self.layer)

    @cached_property
    def zone_of_demand(self) -> np.ndarray:
        """Number of the zone of each demand, (D,)."""
        zones = self.instance.demand_by_period.zone
        return self.instance.zones.index.get_indexer(pd.Index(zones))

    @cached_property
    def last_flows(self) -> LastFlows:
        """Where flows of given decisions were last solved, to go on from."""
        return LastFlows()

    @cached_property
    def assembled(self) -> tuple[LinearProgram, Rows]:
        return assemble(self.decisions, self.layer)

    @property
    def program(self) -> LinearProgram:
        """Everything in one program, all zones and arcs."""
        return self.assembled[0]
