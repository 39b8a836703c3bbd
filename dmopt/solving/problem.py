"""The problem: decision layer and flow layer of one instance, built once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.arcs import candidate_arcs, cheapest
from dmopt.flows.layer import FlowLayer, make_layer
from dmopt.flows.rows import FlowRows, forbidden
from dmopt.formulation.build import build, charge
from dmopt.formulation.compiled import Decisions, compile_decisions
from dmopt.formulation.scope import Scope
from dmopt.formulation.soft import new_excess
from dmopt.rules.rule import Rule
from dmopt.solving.assemble import Rows, assemble
from dmopt.solving.program import LinearProgram


@dataclass(frozen=True)
class Problem:
    """What every solve path starts from.

    arcs: candidate arcs; deliveries (to zones) and transfers in the layer keep their
        order.
    asked_by: id of the rule that each family of rows over flows is of.
    """

    instance: Instance
    rules: Sequence[Rule]
    scope: Scope
    arcs: pd.DataFrame
    decisions: Decisions
    layer: FlowLayer
    asked_by: tuple[str, ...] = ()

    @cached_property
    def assembled(self) -> tuple[LinearProgram, Rows]:
        return assemble(self.decisions, self.layer)

    @property
    def program(self) -> LinearProgram:
        """Everything in one program, all zones and arcs."""
        return self.assembled[0]


def make_problem(
    instance: Instance,
    rules: Sequence[Rule],
    *,
    scope: Scope | None = None,
    arcs: pd.DataFrame | None = None,
    all_arcs: bool = False,
) -> Problem:
    """Build both layers of an instance under rules.

    scope: what is possible, if not as the instance says. arcs: its candidate arcs, if
    there already. all_arcs: keep arcs that rules shut out, with the rows that do so.
    """
    scope = scope or Scope(instance)
    m = build(instance, scope, rules)
    arcs = candidate_arcs(instance, scope) if arcs is None else arcs
    asked = [each for rule in rules for each in asked_of_flows(m, rule, instance, arcs)]
    arcs, asked = _usable(arcs, asked, all_arcs)
    joined = [var for each in asked for _, var, _ in each.rows.given]
    decisions = compile_decisions(m, joined)
    whole = frozenset[str]().union(*(rule.whole_deliveries(instance) for rule in rules))
    layer = make_layer(instance, decisions, arcs, whole, [each.rows for each in asked])
    asked_by = tuple(each.rule.id for each in asked)
    return Problem(instance, rules, scope, arcs, decisions, layer, asked_by)


@dataclass(frozen=True)
class Asked:
    """Rows over flows, and the rule that asks for them."""

    rule: Rule
    rows: FlowRows


def asked_of_flows(
    m: Any, rule: Rule, instance: Instance, arcs: pd.DataFrame
) -> Iterator[Asked]:
    """A rule's rows over flows, in the model `m`; soft ones with their excess."""
    b = m.rule[rule.id]
    for rows in rule.flow_rows(b, instance, arcs):
        if rule.soft_price is not None and not rows.means:
            excess = [(label[-1], new_excess(b)) for label in rows.label]
            charge(m, excess, rule.soft_price)
            own = [(n, variable, 1.0) for n, (_, variable) in enumerate(excess)]
            rows = replace(rows, given=[*rows.given, *own])
        yield Asked(rule, rows)


def _usable(
    arcs: pd.DataFrame, asked: list[Asked], all_arcs: bool
) -> tuple[pd.DataFrame, list[Asked]]:
    """Arcs that rules do not shut out, the cheapest of those no rule tells apart."""
    open_to = np.ones(len(arcs), bool)
    for each in () if all_arcs else asked:
        open_to &= ~forbidden(each.rows)[0]
    arcs = arcs[open_to]
    asked = [replace(each, rows=each.rows.only(open_to)) for each in asked]
    if all_arcs:
        return arcs, asked
    best = cheapest(arcs, [seen for each in asked for seen in each.rows.seen()])
    arcs = arcs[best].reset_index(drop=True)
    return arcs, [replace(each, rows=each.rows.only(best)) for each in asked]
