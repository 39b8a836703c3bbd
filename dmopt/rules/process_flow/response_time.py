"""Response time: from order to delivery within some hours.

A unit made by recipe r and delivered by arc a comes make_h[r] + hours[a] after the
order (0 + hours[a] straight from a supplier). For one origin s, product c and period t
let tau_1 < tau_2 < ... be the different make_h of recipes allowed there. Then

    (late)   sum_{a: tau_j + hours[a] > L} flow[a]
             <= sum_{r: make_h[r] < tau_j} yield[r,c] activity[s,r,t]
                                               for all s, c, j, t       units/yr

    a        deliveries of c from s to covered zones, for covered products
    hours    travel, handling included
    r        recipes at s that make c
    L        from order to delivery                    within_h    h

What is late if made in tau_j must be made faster. That is enough: arcs that allow few
recipes allow the fastest, so the sets {r allowed on a} are nested, and by Hall's
condition the deliveries can be shared out among the recipes exactly if for each j
those with no more than the first j - 1 of the tau do not exceed what these make.
Where all that is late were tau_j, so for j = 1, nothing stands on the right: these
deliveries are left out before solving (dmopt/flows/rows.py), and with one make_h that
is all. Soft, what is late is paid for in each row that it breaks.

Recipes are allowed at s with their technology: by class and max_modules, at committed
sites those that come. Origins outside the region and not covered are asked too.
Leaves open: waiting for inputs, and for modules that are busy.
Source: rule R2.1 of dimension D2 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel

from dmopt.data.ability import ability
from dmopt.data.instance import Instance
from dmopt.flows.arcs import hours_of
from dmopt.flows.rows import FlowRows, numbered
from dmopt.formulation.scope import Scope
from dmopt.plan.moves import moves
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class ResponseTime(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "response_time"

    within_h: Amount = looser("up", to=10_000)
    """Longest time from an order to its delivery: making and way together."""

    def sentence(self) -> str:
        return (
            "Everything that zones get is made and delivered within "
            f"{figure(self.within_h)} hours of the order."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def flow_rows(
        self, b: Any, instance: Instance, arcs: pd.DataFrame, where: Where
    ) -> Iterator[FlowRows]:
        covered = arcs.destination.isin(where.zones) & arcs.period.isin(where.periods)
        covered &= arcs.commodity.isin(where.products)
        activity, makers = b.model().activity, _makers(instance, where)
        times, hours = _times(instance, makers), hours_of(instance, arcs)
        for _, tau in times.groupby("place"):
            at = arcs[["origin", "commodity"]].merge(
                tau[["origin", "commodity", "make_h"]], how="left"
            )
            late = covered.to_numpy() & (at.make_h.to_numpy() + hours > self.within_h)
            labels = pd.DataFrame(
                {
                    "origin": arcs.origin.to_numpy(),
                    "commodity": arcs.commodity.to_numpy(),
                    "make_h": at.make_h,
                    "period": arcs.period.to_numpy(),
                }
            )
            keys, row = numbered(labels, late)
            given = [
                (n, activity[s, r, t], made)
                for n, (s, c, slow, t) in enumerate(keys)
                for r, made, make_h in makers.get((s, c), ())
                if make_h < float(slow) and (s, r, t) in activity
            ]
            label = [(s, c, f"{float(slow):g} h", t) for s, c, slow, t in keys]
            yield FlowRows(label, row, late.astype(float), np.zeros(len(label)), given)

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        flows = moves(instance, plan.tables["flows"])
        flows = flows[
            flows.destination.isin(where.zones)
            & flows.commodity.isin(where.products)
            & flows.period.isin(where.periods)
        ]
        recipes = instance.recipe_items.query("quantity > 0").join(
            instance.recipes[["technology", "make_h"]], on="recipe"
        )[["recipe", "commodity", "quantity", "technology", "make_h"]]
        made = plan.tables["activity"].merge(recipes, on="recipe")
        made = made.assign(units=made.quantity * made.quantity_per_yr)
        most = ability(instance).most
        for (o, c, t), some in flows.groupby(["origin", "commodity", "period"]):
            row = most.reindex([o], fill_value=0.0).iloc[0]
            kinds = row.index[row > 0]
            fits = (recipes.commodity == c) & recipes.technology.isin(kinds)
            here = made[(made.site == o) & (made.commodity == c) & (made.period == t)]
            for tau in sorted(set(recipes.make_h[fits])) or [0.0]:
                in_time = tau + some.hours <= self.within_h
                late = some.quantity_per_yr[~in_time].sum()
                faster = here.units[here.make_h < tau].sum()
                if excess := over(late, faster):
                    where_late = (str(o), str(c), f"{tau:g} h", str(t))
                    yield Violation("late", where_late, excess, "units/yr too late")


Makers = dict[tuple[str, str], list[tuple[str, float, float]]]
"""(s, c) -> recipes allowed at s that make c: name, yield, make_h."""


def _makers(instance: Instance, where: Where) -> Makers:
    items = instance.recipe_items
    made = items[(items.quantity > 0) & items.commodity.isin(where.products)]
    recipes: dict[str, list[tuple[str, tuple[str, float, float]]]] = {}
    for r, c, quantity in zip(made.recipe, made.commodity, made.quantity, strict=True):
        make_h = float(instance.recipes.make_h[r])
        recipes.setdefault(instance.recipes.technology[r], []).append(
            (c, (r, float(quantity), make_h))
        )
    makers: Makers = {}
    for s, k in Scope(instance).allowed:
        for c, recipe in recipes.get(k, ()):
            makers.setdefault((s, c), []).append(recipe)
    return makers


def _times(instance: Instance, makers: Makers) -> pd.DataFrame:
    """origin, commodity, make_h, and its place (0 ..) in their order; 0 hours for
    suppliers."""
    rows = [(s, c, each[2]) for (s, c), recipes in makers.items() for each in recipes]
    sold = instance.supplies[["supplier", "commodity"]].itertuples(
        index=False, name=None
    )
    rows += [(supplier, c, 0.0) for supplier, c in sold]
    times = pd.DataFrame(rows, columns=["origin", "commodity", "make_h"])
    times = times.drop_duplicates().sort_values("make_h")
    place = times.groupby(["origin", "commodity"]).cumcount()
    return times.assign(place=place)
