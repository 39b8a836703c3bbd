"""Few standard inputs: a site makes all it makes from few different inputs.

    (few)      sum_c uses_input[s,c,t] + (N[s] - B) (works[s,t] - 1) <= B
               for all s, t with N[s] > B                                inputs
    (brought)  input[s,c,t] <= most[s,c,t] uses_input[s,c,t]             on b.means

    s           covered sites in the region
    c           commodities that recipes of covered technologies at s use up; N[s]
                of them
    uses_input  1 where s brings c in, from suppliers or other sites; 0/1, on b.means
    most        what all modules that may stand at s can use up of c in a year
    works       1 where a covered technology stands at s (dmopt/rules/working.py);
                left out where no other technology at s has inputs
    B           different inputs of one site      most      inputs

So a site of other technologies alone is left alone. What a site makes and uses up
itself is no input. Where no recipe uses anything up, the rule asks nothing.
Source: rule R4.3 of dimension D4 (reconstructed); form of the rows: ours.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, looser
from dmopt.rules.where import Where
from dmopt.rules.working import add_working


class FewInputs(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "few_inputs"

    most: Count = looser("up", to=100, unit="inputs")
    """Most different inputs that one site may use."""

    def sentence(self) -> str:
        return f"Each site in the region uses at most {self.most} different inputs."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        m, used, covered = b.model(), _most_used(instance), set(where.technologies)
        inside = set(instance.sites.loc[where.sites].query("in_region").index)
        inputs: dict[str, set[str]] = defaultdict(set)
        users: dict[tuple[str, str], list[str]] = defaultdict(list)
        for s, k in m.SK:
            if s in inside:
                inputs[s] |= used[k].keys() if k in covered else set()
                for c in used[k]:
                    users[s, c].append(k)
        many = {s: sorted(of) for s, of in inputs.items() if len(of) > self.most}
        mixed = {s for s, k in m.SK if s in many and used[k] and k not in covered}
        works = add_working(b, mixed, covered, where.periods, exact=True)
        periods = list(where.periods)
        keys = [(s, c, t) for s in many for c in many[s] for t in periods]
        b.means.uses_input = pyo.Var(
            pyo.Set(initialize=keys, dimen=3), domain=pyo.Binary
        )

        @b.means.Constraint(keys)
        def brought(block, s, c, t):
            most = sum(used[k][c] * m.modules[s, k, t].ub for k in users[s, c])
            return m.input[s, c, t] <= most * block.uses_input[s, c, t]

        @b.Constraint([(s, t) for s in many for t in periods])
        def few(b, s, t):
            different = sum(b.means.uses_input[s, c, t] for c in many[s])
            idle = works[s, t] - 1 if (s, t) in works else 0
            return different + (len(many[s]) - self.most) * idle <= self.most

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        items = instance.recipe_items.query("quantity < 0").join(
            instance.recipes[["technology", "capacity_use"]], on="recipe"
        )
        kinds = instance.technologies.reindex(items.technology)
        full = (kinds.availability * kinds.capacity_per_yr).to_numpy()
        items["most"] = -items.quantity / items.capacity_use * full
        each = items.groupby(["technology", "commodity"]).most.max().reset_index()

        sites = instance.sites.index[instance.sites.in_region]
        modules = plan.tables["modules"].query("modules > 0")
        modules = modules[
            modules.site.isin(sites.intersection(where.sites))
            & modules.period.isin(where.periods)
        ].merge(plan.tables["opened"], on=["site", "period"])
        could = modules.merge(each, on="technology")
        could["most"] *= could.modules
        could["covered"] = could.technology.isin(where.technologies)
        by = ["site", "commodity", "period"]
        could = could.groupby(by).agg({"most": "sum", "covered": "max"})

        flows = plan.tables["flows"].rename(columns={"destination": "site"})
        into = flows.groupby(by).quantity_per_yr.sum().rename("units")
        brought = could[could.covered].join(into).fillna({"units": 0.0})
        # What is small beside what the modules can use up is the solver's rounding.
        some = over(brought.units, 0.0, brought.most.to_numpy()) != 0
        count = brought[some].groupby(["site", "period"], sort=False).size()
        for s, t, inputs in count.reset_index().itertuples(index=False, name=None):
            if excess := over(inputs, self.most):
                yield Violation("few", (s, t), excess, "inputs too many")


def _most_used(instance: Instance) -> dict[str, dict[str, float]]:
    """k -> {c: most that one module uses up in a year}."""
    kinds, recipes = instance.technologies, instance.recipes
    items = instance.recipe_items
    used: dict[str, dict[str, float]] = {k: {} for k in kinds.index}
    for r, c, quantity in zip(
        items.recipe, items.commodity, items.quantity, strict=True
    ):
        if quantity < 0:
            k = recipes.technology[r]
            activity = kinds.availability[k] * kinds.capacity_per_yr[k]
            units = -quantity * activity / recipes.capacity_use[r]
            used[k][c] = max(units, used[k].get(c, 0.0))
    return used
