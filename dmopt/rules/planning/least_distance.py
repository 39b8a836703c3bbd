"""Least distance: modules keep away from schools, homes and the like.

    (away)   sum_{k in K} modules[s,k,t] <= 0      for all s too near, t      modules

    s              covered sites, in the region and outside, whose point is nearer than
                   R to an area of these kinds, straight, to its outline or else point
    K              covered technologies of these size classes
    R              km             km
    kinds          kinds          kinds of areas, separated by ','
    size_classes   size_classes   size classes of technologies; blank: all

The row holds for existing and committed sites too: what stands at an existing one has
to go, and with a committed one too near there is no plan, unless the rule is soft.
Planning practice; form ours.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from dmopt.data.areas import area_km
from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation, broken
from dmopt.rules.parameters import STRICT, Amount, Names, looser
from dmopt.rules.where import Where
from dmopt.rules.words import figure


class LeastDistance(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "least_distance"

    km: Amount = looser("down", to=0)
    """Least distance, as the crow flies, between machines and such a place."""
    kinds: Annotated[Names, Field(min_length=1)]
    """Kinds of places to stay away from, such as schools, separated by commas."""
    size_classes: Names = ()
    """Sizes of machines that must keep the distance, separated by commas; blank: all
    sizes."""

    def sentence(self) -> str:
        sizes = (
            f" of size {' or '.join(self.size_classes)}" if self.size_classes else ""
        )
        return (
            f"No module{sizes} stands nearer than {figure(self.km)} km to a place of "
            f"kind {' or '.join(self.kinds)}."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.kinds:
            yield "areas", "kind", name
        for name in self.size_classes:
            yield "technologies", "size_class", name

    def reasons(self, instance: Instance, where: Where) -> dict[str, str]:
        """Site too near -> what it is too near to and why that matters, for display.

        None where some technology may stand there all the same: it is not shut then.
        """
        barred = self._barred(instance, where)
        if not instance.technologies.index.isin(barred).all():
            return {}
        return {
            s: "; ".join(
                f"{figure(km)} km from {_called(instance, area)}"
                for area, km in near.items()
            )
            for s, near in self._near(instance, where).items()
        }

    def _barred(self, instance: Instance, where: Where) -> set[str]:
        """Technologies that keep away: K."""
        size = instance.technologies.size_class
        return {
            k
            for k in where.technologies
            if not self.size_classes or size[k] in self.size_classes
        }

    def _near(self, instance: Instance, where: Where) -> dict[str, dict[str, float]]:
        """Site too near -> {area: km}, the nearest first."""
        areas = instance.areas.index[instance.areas.kind.isin(self.kinds)]
        table = area_km(instance, where.sites, areas)
        table = table[(table < self.km).any(axis=1)]
        near: dict[str, dict[str, float]] = {}
        for s, row in zip(table.index, table.to_numpy(), strict=True):
            pairs = zip(areas, row.tolist(), strict=True)
            at = [(area, km) for area, km in pairs if km < self.km]
            near[s] = dict(sorted(at, key=lambda pair: pair[1]))
        return near

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, near = b.model(), self._near(instance, where)
        barred = self._barred(instance, where)
        at: dict[str, list[str]] = {}
        for s, k in m.SK:
            if s in near and k in barred:
                at.setdefault(s, []).append(k)

        @b.Constraint([(s, t) for s in at for t in where.periods])
        def away(b, s, t):
            return sum(m.modules[s, k, t] for k in at[s]) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        rows = plan.tables["modules"].query("modules > 0")
        rows = rows[
            rows.site.isin(where.sites)
            & rows.technology.isin(where.technologies)
            & rows.period.isin(where.periods)
        ]
        if self.size_classes:
            size = rows.technology.map(instance.technologies.size_class)
            rows = rows[size.isin(self.size_classes)]
        keep_from = instance.areas.index[instance.areas.kind.isin(self.kinds)]
        sites = rows.site.drop_duplicates()
        nearest = area_km(instance, sites, keep_from).min(axis=1)
        rows = rows[rows.site.map(nearest).astype(float) < self.km]
        count = rows.groupby(["site", "period"]).modules.sum()
        yield from broken("away", count.index, count, "modules too near")


def _called(instance: Instance, area: str) -> str:
    """Name, kind and reason of an area: "Hill School (school): children"."""
    row = instance.areas.loc[area]
    reason = f": {row.reason}" if row.reason else ""
    return f"{row['name'] or area} ({row.kind}){reason}"
