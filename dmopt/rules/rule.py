"""What a rule is, and what every kind of rule offers, so that it holds on every path.

A kind of rule (one file each) has parameters, says itself twice and comes in facets:

    constrain         rows over the decision layer                    decision rule
    flow_rows         rows over deliveries and transfers              service rule
    whole_deliveries  commodities delivered all or nothing

A kind has the facets that it needs and no others. A `Rule` is a kind with a name,
what it covers, and how firmly it holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.flows.rows import FlowRows
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.where import Where


class Kind(Protocol):
    """A kind of rule with its parameters: a frozen pydantic model.

    name: as written in the column `rule`; its dimension, label and status stand in
        catalogue.toml.
    Besides what is here it has one or more of the facets:

        constrain(b, instance, where) -> None
            adds rows to the sub-block `b` of the model; the index of each ends in
            the period. What only helps (variables that mean something) goes on a
            sub-block of `b`: rows of `b` itself are what the rule asks.
        flow_rows(b, instance, arcs, where) -> Iterable[FlowRows]
            rows over flows; may add variables and helping rows to `b.means`.
        whole_deliveries(instance, where) -> Iterable[str]
        reasons(instance, where) -> dict[str, str]
            sites it keeps shut whatever they cost, and why
        reshapes: ClassVar[bool]
            whether `constrain` changes rows that stand before it
        covers: ClassVar[tuple[str, ...]]
            the columns of coverage that it can have, if not all
    """

    name: ClassVar[str]

    def sentence(self) -> str:
        """What it asks, in plain words with its figures, as one sentence."""

    def refers(self) -> Iterator[tuple[str, str, str]]:
        """(table, column, value) of each thing of the instance that it names."""

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        """What of it a plan breaks: one violation for each row, `where` ending in the
        period, excess in the row's unit. Shares nothing with the facets."""


@dataclass(frozen=True)
class Rule:
    """One rule of one instance.

    id: the user's name for it, quoted wherever it speaks.
    soft_price: None where the rule is hard; else money per unit of excess and year.
    about: source, author, dated, clause, owner, status, confidence, note, as given.
    """

    id: str
    kind: Kind
    where: Where
    soft_price: float | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def reshapes(self) -> bool:
        """Whether it changes rows of the model and does not only add some."""
        return bool(getattr(self.kind, "reshapes", False))

    def constrain(self, b: Any, instance: Instance) -> None:
        """Add its rows over the decision layer `b.model()` to its own sub-block `b`."""
        if hasattr(self.kind, "constrain"):
            self.kind.constrain(b, instance, self.where)

    @property
    def looks_at_flows(self) -> bool:
        """Whether it may have rows over flows."""
        return hasattr(self.kind, "flow_rows")

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame
    ) -> Iterable[FlowRows]:
        """Its rows over flows; may add variables to `b`."""
        if hasattr(self.kind, "flow_rows"):
            yield from self.kind.flow_rows(b, instance, arcs, self.where)

    def whole_deliveries(self, instance: Instance) -> frozenset[str]:
        """Commodities that a zone gets all from one site or not at all."""
        if not hasattr(self.kind, "whole_deliveries"):
            return frozenset()
        return frozenset(self.kind.whole_deliveries(instance, self.where))

    def reasons(self, instance: Instance) -> dict[str, str]:
        """Site -> why this rule keeps it shut whatever it costs, in every period."""
        if not hasattr(self.kind, "reasons") or self.soft_price is not None:
            return {}
        if len(self.where.periods) < len(instance.periods):
            return {}
        return dict(self.kind.reasons(instance, self.where))

    def excess(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        """By how much a plan misses what it asks, soft or hard."""
        for violation in self.kind.check(instance, plan, self.where):
            yield replace(violation, row=self.id)

    def check(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        """What of it a plan breaks; a soft rule is paid for and not broken."""
        if self.soft_price is None:
            yield from self.excess(instance, plan)

    def penalties(self, instance: Instance, plan: Plan) -> Iterator[tuple[str, float]]:
        """(period, money a year) of each row of a soft rule that a plan breaks."""
        if self.soft_price is not None:
            for violation in self.excess(instance, plan):
                yield violation.where[-1], self.soft_price * violation.excess


def asks_the_same(one: Rule, other: Rule) -> bool:
    """Whether two rules of one instance have the same rows under the same id."""
    return (
        (one.id, one.soft_price) == (other.id, other.soft_price)
        and one.kind == other.kind
        and one.where.same_as(other.where)
    )
