"""The problem: decision layer and flow layer of one instance, built once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.arcs import candidate_arcs
from dmopt.flows.layer import FlowLayer, make_layer
from dmopt.formulation.build import build
from dmopt.formulation.compiled import Decisions, compile_decisions
from dmopt.formulation.scope import Scope
from dmopt.rules.rule import Rule
from dmopt.solving.assemble import Rows, assemble
from dmopt.solving.program import LinearProgram


@dataclass(frozen=True)
class Problem:
    """What every solve path starts from.

    arcs: candidate arcs; deliveries (to zones) and transfers in the layer keep their
        order.
    """

    instance: Instance
    rules: Sequence[Rule]
    scope: Scope
    arcs: pd.DataFrame
    decisions: Decisions
    layer: FlowLayer

    @cached_property
    def assembled(self) -> tuple[LinearProgram, Rows]:
        return assemble(self.decisions, self.layer)

    @property
    def program(self) -> LinearProgram:
        """Everything in one program, all zones and arcs."""
        return self.assembled[0]


def make_problem(instance: Instance, rules: Sequence[Rule]) -> Problem:
    """Build both layers of an instance under rules."""
    scope = Scope(instance)
    arcs = candidate_arcs(instance, scope)
    decisions = compile_decisions(build(instance, scope, rules))
    whole = frozenset[str]().union(*(rule.whole_deliveries(instance) for rule in rules))
    layer = make_layer(instance, decisions, arcs, whole)
    return Problem(instance, rules, scope, arcs, decisions, layer)
