"""Builds problems: both layers of an instance, under one set of rules after another.

What problems share is built once: the decision layer without rules, the candidate arcs
and the flow layer over them (where goods go straight to zones and no rule looks at
flows, not before somebody asks for them). Each rule is built and compiled on its own,
and again only when it asks something else. So one more rule (a site forced open, a
figure changed) costs what is new and not the whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from pyomo.common.gc_manager import PauseGC

from dmopt.data.instance import Instance
from dmopt.flows.arcs import candidate_arcs, cheapest
from dmopt.flows.flows import Flows
from dmopt.flows.layer import FlowLayer, make_layer, with_rows
from dmopt.flows.returns import return_rows
from dmopt.flows.rows import FlowRows, forbidden, is_all_excess
from dmopt.flows.straight import Straight, go_straight
from dmopt.formulation.build import foundation, impose, penalise
from dmopt.formulation.compiled import (
    Columns,
    Foundation,
    Part,
    compile_foundation,
    compile_part,
    join,
)
from dmopt.formulation.scope import Scope
from dmopt.formulation.soft import new_excess
from dmopt.rules.catalogue import make_rules
from dmopt.rules.rule import Rule, asks_the_same
from dmopt.solving.problem import Problem


def make_problem(
    instance: Instance,
    rules: Sequence[Rule],
    *,
    scope: Scope | None = None,
    all_arcs: bool = False,
) -> Problem:
    """Build both layers of an instance under rules.

    scope: what is possible, if not as the instance says. all_arcs: keep arcs that rules
    shut out, with the rows that do so.
    """
    return Builder(instance, scope).problem(rules, all_arcs=all_arcs)


@dataclass(frozen=True)
class Imposed:
    """A rule in the model: its rows over decisions, compiled, and those over all
    candidate arcs. charge (arcs,): money per unit that it asks of each in place of
    rows; None where it asks none."""

    rule: Rule
    part: Part
    rows: tuple[FlowRows, ...]
    charge: np.ndarray | None = None

    @property
    def asks_of_flows(self) -> bool:
        return bool(self.rows) or self.charge is not None


@dataclass(frozen=True)
class LaidOut:
    """Arcs that rules leave open, with what they charge for them, and the layer over
    them without rows of rules.

    by: what they were made by, for them to be used again. open_to (candidate arcs,)
    bool.
    """

    by: tuple[Any, ...]
    open_to: np.ndarray
    arcs: pd.DataFrame
    layer: FlowLayer


class Builder:
    """Problems of one instance. Not for several threads at once."""

    def __init__(self, instance: Instance, scope: Scope | None = None) -> None:
        self.instance = instance
        self.scope = Scope(instance) if scope is None else scope
        self._reshaping: list[Rule] = []
        self._built: tuple[Any, Foundation] | None = None
        self._imposed: dict[str, Imposed] = {}
        self._laid_out: LaidOut | None = None
        self._straight: Straight | None = None
        self._own: tuple[FlowRows, ...] = ()

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """All arcs, whatever rules say (dmopt/flows/arcs.py)."""
        return candidate_arcs(self.instance, self.scope)

    def fits(self, instance: Instance) -> bool:
        """Whether an instance differs from the builder's in its rules at most."""
        mine = self.instance
        return mine.settings == instance.settings and all(
            table is instance.tables[name] or table.equals(instance.tables[name])
            for name, table in mine.tables.items()
            if name != "rules"
        )

    def of(self, instance: Instance, rules: Sequence[Rule] | None = None) -> Problem:
        """The problem of an instance that differs in its rules at most; its instance
        has those rules and else the very tables of the builder's.

        rules: those of the instance, where they have been made already.
        """
        tables = {**self.instance.tables, "rules": instance.rules}
        own = replace(self.instance, tables=tables)
        rules = make_rules(instance) if rules is None else rules
        return replace(self.problem(rules), instance=own)

    def problem(self, rules: Sequence[Rule], *, all_arcs: bool = False) -> Problem:
        """The problem under these rules; all_arcs as in `make_problem`."""
        m, base = self._foundation(rules)
        imposed = [self._impose(m, rule) for rule in rules]
        decisions = join(base, [each.part for each in imposed])
        asking = [each for each in imposed if each.asks_of_flows]
        goods = (rule.whole_deliveries(self.instance) for rule in rules)
        whole = frozenset[str]().union(*goods)
        asked_by = (*("" for _ in self._own), *_names(asking))
        make = partial(Problem, self.instance, rules, self.scope, decisions)
        if self._straight is not None and not (asking or whole or all_arcs):
            return make(self._straight)
        by = (whole, all_arcs, *asking)
        there = self._laid_out
        if there is None or not _same(there.by, by):
            self._laid_out = there = self._lay_out(by, decisions.column)
        asked = [part for each in asking for part in each.rows]
        rows = [part.only(there.open_to) for part in (*self._own, *asked)]
        layer = with_rows(there.layer, rows, decisions, there.arcs)
        return make(Flows(there.arcs, layer), asked_by)

    def _lay_out(self, by: tuple[Any, ...], column: Columns) -> LaidOut:
        whole, all_arcs, *asking = by
        arcs = self._charged(asking)
        open_to = _open(arcs, asking, all_arcs)
        if not open_to.all():
            arcs = arcs[open_to].reset_index(drop=True)
        layer = make_layer(self.instance, column, arcs, whole)
        return LaidOut(by, open_to, arcs, layer)

    def _foundation(self, rules: Sequence[Rule]) -> tuple[Any, Foundation]:
        """The model without rules; those that reshape it are in it already."""
        reshaping = [rule for rule in rules if rule.reshapes]
        if self._built is None or not (
            len(reshaping) == len(self._reshaping)
            and all(map(asks_the_same, reshaping, self._reshaping))
        ):
            # Nothing of an older foundation may stay: its variables are others.
            self._built, self._imposed, self._laid_out = None, {}, None
            with PauseGC():  # all that is made here stays
                m = foundation(self.instance, self.scope)
                for rule in reshaping:
                    self._impose(m, rule)
                self._built, self._reshaping = (m, compile_foundation(m)), reshaping
            self._own, self._straight = (), None
            if go_straight(self.instance, self.scope):
                column = self._built[1].column
                self._straight = Straight(self.instance, self.scope, column)
            if len(self.instance.returns):
                self._own = tuple(return_rows(m, self.instance, self.candidates))
        return self._built

    def _impose(self, m: Any, rule: Rule) -> Imposed:
        known = self._imposed.get(rule.id)
        if known is not None and asks_the_same(known.rule, rule):
            return known
        block = impose(m, rule, self.instance)
        rows, charge = [], None
        for each in self._rows(block, rule):
            if rule.soft_price is None or not is_all_excess(each):
                rows.append(softened(block, rule, each))
                continue
            own = charged(block, rule, each)
            charge = own if charge is None else charge + own
        given = [variable for each in rows for _, variable, _ in each.given]
        part = compile_part(block, given, block.penalties)
        self._imposed[rule.id] = Imposed(rule, part, tuple(rows), charge)
        return self._imposed[rule.id]

    def _rows(self, block: Any, rule: Rule) -> Iterable[FlowRows]:
        """Rows of a rule over flows; arcs are not made for one that has none."""
        if not rule.looks_at_flows:
            return ()
        return rule.flow_rows(block, self.instance, self.candidates)

    def _charged(self, asking: Sequence[Imposed]) -> pd.DataFrame:
        """All candidate arcs, with what rules charge for them if any does."""
        charges = [each.charge for each in asking if each.charge is not None]
        if not charges:
            return self.candidates
        return self.candidates.assign(charge=np.sum(charges, axis=0))


def _open(arcs: pd.DataFrame, asking: Sequence[Imposed], all_arcs: bool) -> np.ndarray:
    """Candidate arcs (bool) that rules do not shut out, the cheapest of those no
    rule tells apart."""
    open_to = np.ones(len(arcs), bool)
    rows = [part for each in asking for part in each.rows]
    if all_arcs:
        return open_to
    for part in rows:
        open_to &= ~forbidden(part)[0]
    # As long as the arcs each: made only where there are several modes.
    told_apart = (seen for part in rows for seen in part.only(open_to).seen())
    left_over = arcs if open_to.all() else arcs[open_to]
    open_to[open_to] = cheapest(left_over, told_apart)
    return open_to


def _names(asking: Sequence[Imposed]) -> list[str]:
    """Id of the rule of each family of rows."""
    return [each.rule.id for each in asking for _ in each.rows]


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """The same goods and switch, the very same imposed rules."""
    return (
        len(one) == len(other)
        and one[:2] == other[:2]
        and all(a is b for a, b in zip(one[2:], other[2:], strict=True))
    )


def softened(block: Any, rule: Rule, rows: FlowRows) -> FlowRows:
    """Rows of a rule over flows, with their excess where it is soft."""
    if rule.soft_price is None or rows.means:
        return rows
    excess = [(label[-1], new_excess(block)) for label in rows.label]
    penalise(block, excess, rule.soft_price)
    own = [(n, variable, 1.0) for n, (_, variable) in enumerate(excess)]
    return replace(rows, given=[*rows.given, *own])


def charged(block: Any, rule: Rule, rows: FlowRows) -> np.ndarray:
    """Money per unit of each arc, (arcs,), in place of soft rows that are all excess;
    what decisions count in them is charged to those.

    Costs leave the relaxation sharper and smaller than a row over everything and one
    column that pays for it.
    """
    assert rule.soft_price is not None
    for n, variable, coefficient in rows.given:
        counted = [(rows.label[n][-1], variable)]
        penalise(block, counted, -coefficient * rule.soft_price)
    return np.where(rows.row >= 0, rows.weight, 0.0) * rule.soft_price
