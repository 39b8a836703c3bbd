"""Stock cap: no more is held in stock than some days of what is made.

    (stock)   sum_r (stock_days[r] - delta) / 365 yield[r,c] activity[s,r,t] <= 0
                                              for all s, c, t       units held

    s       covered sites, outside the region too
    c       covered products
    r       recipes at s that make c; each holds its stock_days of output
    delta   days of output                           most_days    days

What recipes hold beyond delta may be made up by others at the same site that hold
less. Where none holds more, there is no row.
Leaves open: products that only sites want, and stock of inputs.
Source: rule R2.2 of dimension D2 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Amount, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class StockCap(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "stock_cap"

    most_days: Amount = looser("up", to=365)
    """Most days of what a site makes of a product that it may hold in stock."""

    def sentence(self) -> str:
        return (
            f"No site holds more than {figure(self.most_days)} days of what it makes "
            "of a product in stock."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, sites, days = b.model(), set(where.sites), instance.recipes.stock_days
        makes: dict[str, list[tuple[str, float]]] = {}
        items = instance.recipe_items
        for r, c, made in zip(
            items.recipe, items.commodity, items.quantity, strict=True
        ):
            if made > 0 and c in where.products:
                held = (days[r] - self.most_days) / 365 * made
                makes.setdefault(r, []).append((c, float(held)))
        rows: dict[tuple[str, str, str], list[tuple[float, Any]]] = {}
        for (s, r, t), activity in m.activity.items():
            if s in sites and t in where.periods:
                for c, held in makes.get(r, ()):
                    rows.setdefault((s, c, t), []).append((held, activity))
        above = [key for key, of in rows.items() if max(held for held, _ in of) > 0]

        @b.Constraint(above)
        def stock(b, s, c, t):
            return sum(held * activity for held, activity in rows[s, c, t]) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        made = plan.tables["activity"].merge(
            instance.recipe_items[["recipe", "commodity", "quantity"]], on="recipe"
        )
        made = made[
            (made.quantity > 0)
            & made.commodity.isin(where.products)
            & made.site.isin(where.sites)
            & made.period.isin(where.periods)
        ]
        daily = made.quantity * made.quantity_per_yr / 365
        days = made.recipe.map(instance.recipes.stock_days).astype(float)
        stock = made.assign(held=days * daily, most=self.most_days * daily)
        by = ["site", "commodity", "period"]
        total = stock.groupby(by)[["held", "most"]].sum().reset_index()
        for s, c, t, held, most in total.itertuples(index=False, name=None):
            if excess := over(held, most):
                yield Violation("stock", (s, c, t), excess, "units held too many")
