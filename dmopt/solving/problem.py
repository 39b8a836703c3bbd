"""The problem: decision layer and flow layer of one instance under rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.flows import Flows
from dmopt.flows.layer import FlowLayer
from dmopt.flows.straight import Straight
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

    flows: candidate arcs and the layer over them, in which deliveries (to zones) and
        transfers keep their order.
    asked_by: id of the rule that each family of rows over flows is of; "" of those
        that hold without rules (dmopt/flows/returns.py).
    """

    instance: Instance
    rules: Sequence[Rule]
    scope: Scope
    decisions: Decisions
    flows: Flows | Straight
    asked_by: tuple[str, ...] = ()

    @property
    def arcs(self) -> pd.DataFrame:
        return self.flows.arcs

    @cached_property
    def layer(self) -> FlowLayer:
        return self.flows.layer_of(self.decisions)

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


@dataclass(frozen=True)
class InUse:
    """A solution by what it uses, where a value for each delivery would be too long.

    decisions (n,): values of the decision layer. output, demand, share (F,): deliveries
    with a share above 0, no two alike. short (D,): share of each demand not supplied.
    """

    problem: Problem
    decisions: np.ndarray
    output: np.ndarray
    demand: np.ndarray
    share: np.ndarray
    short: np.ndarray

    def columns(self) -> tuple[Problem, np.ndarray]:
        """The problem with no other deliveries, and the solution in its columns."""
        flows = self.problem.flows.between(self.output, self.demand)
        only = replace(self.problem, flows=flows)
        layer, zones = flows.layer, len(self.short)
        key = self.output.astype(np.int64) * zones + self.demand
        order = np.argsort(key)
        assert len(layer.x_to) == len(key), "a delivery in use is no arc"
        wanted = layer.x_from.astype(np.int64) * zones + layer.x_to
        brought = self.share[order][np.searchsorted(key[order], wanted)]
        return only, np.concatenate([self.decisions, brought, self.short])


Solution = np.ndarray | InUse
"""Values of all columns of a problem's program, (n,), or what it uses of them."""
Listener = Callable[[float, float, Solution | None], None]
"""Told on the way of cost or inf, bound or -inf, and a new best solution or None."""
