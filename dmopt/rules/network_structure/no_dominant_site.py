"""No dominant site: no site sends out more than a share of what all send out.

    (dominant)   sum_c w[c] output[s,c,t] <= kappa total[t]    for all s, t    w/yr
    (total)      total[t] = sum_{s,c} w[c] output[s,c,t]       for all t

    s        covered sites in the region
    c        covered products, wherever they go
    kappa    largest share of one site                share    share
    w        what is counted: the product's price, 1, or its tonnes per unit
                                                      by       value, units, t

Where w is 0 for every covered product (no prices, no weights), units are counted.
Linear, as both sides are decided. With a share below 1/n at least n + 1 sites make
something, or none does.
A share says what it is of: counted in units, a cheap product that is made in large
numbers carries it, and the dear ones may all come from one site.
Leaves open: sites outside the region, which are on neither side, and products nobody
in a zone wants.
Source: rule R1.2 of dimension D1 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Share, looser
from dmopt.rules.where import Where
from dmopt.rules.words import percent
from dmopt.rules.worth import weights


class NoDominantSite(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "no_dominant_site"

    share: Share = looser("up", to=1.0)
    """Most that one site may make of all that sites in the region make."""
    by: Literal["value", "units", "t"] = "value"
    """What is counted: value at the products' prices, units, or tonnes."""

    def sentence(self) -> str:
        what = {"value": "value", "units": "units", "t": "tonnes"}[self.by]
        return (
            f"No site makes more than {percent(self.share)} of the {what} that sites "
            "in the region make."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m = b.model()
        weight = self._weights(instance, where)
        inside = set(where.sites) & set(instance.sites.index[instance.sites.in_region])
        sends: dict[tuple[str, str], list[Any]] = {}
        for (s, c, t), output in m.output.items():
            if s in inside and c in weight and t in where.periods:
                sends.setdefault((s, t), []).append(weight[c] * output)
        everybody: dict[str, list[Any]] = {}
        for (_, t), outputs in sends.items():
            everybody.setdefault(t, []).extend(outputs)
        b.means = pyo.Block()
        b.means.sent = pyo.Var(list(everybody), domain=pyo.NonNegativeReals)

        @b.means.Constraint(list(everybody))
        def total(block, t):
            return block.sent[t] == sum(everybody[t])

        @b.Constraint(list(sends))
        def dominant(b, s, t):
            return sum(sends[s, t]) <= self.share * b.means.sent[t]

    def _weights(self, instance: Instance, where: Where) -> dict[str, float]:
        """w of each covered product that counts."""
        given = weights(instance, where.products, self.by)
        counts = {c: w for c, w in given.items() if w > 0}
        return counts or dict.fromkeys(given, 1.0)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        goods = instance.commodities.loc[where.products]
        ones = pd.Series(1.0, goods.index)
        worth, unit = {
            "value": (goods.price, f"{instance.settings.currency}/yr"),
            "units": (ones, "units/yr"),
            "t": (goods.t_per_unit, "t/yr"),
        }[self.by]
        if (worth == 0).all():
            worth, unit = ones, "units/yr"
        flows = plan.tables["flows"]
        flows = flows[
            flows.origin.isin(where.sites)
            & flows.origin.map(instance.sites.in_region).eq(True)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        sent = flows.quantity_per_yr * flows.commodity.map(worth).astype(float)
        by_site = sent.groupby([flows.period, flows.origin]).sum()
        total = by_site.groupby(level=0).transform("sum")
        table = pd.DataFrame({"own": by_site, "most": self.share * total})
        for t, s, own, most in table.reset_index().itertuples(index=False, name=None):
            if excess := over(own, most):
                yield Violation("dominant", (s, t), excess, f"{unit} above the share")
