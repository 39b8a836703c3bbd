"""Land-use permission: technologies of these sizes stand only on land for such use.

    (permitted)   sum_{k in K} modules[s,k,t] <= 0      for all s without, t     modules

    K                covered technologies of these size classes
    s                covered sites, not committed, whose land use is not listed
    size_classes     size_classes     size classes of technologies; blank: all
    land_uses        land_uses        land uses that permit them
    outside          outside          sites outside the region are permitted whatever
                                      their land use; no: none of them is permitted
    blank_allowed    blank_allowed    inside, sites without a land use are permitted

Committed sites are left alone: their permission is decided. Modules that stand at
existing sites are not: where the land use is not listed they have to go.
Source: rule R7.3 of dimension D7 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, field_validator

from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation, broken
from dmopt.rules.parameters import STRICT, Names
from dmopt.rules.where import Where

LAND_USES = TABLES["sites"].column["land_use"].choices


class LandUsePermission(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "land_use_permission"

    land_uses: Annotated[Names, Field(min_length=1)]
    """Uses of land on which the machines may stand, separated by commas."""
    size_classes: Names = ()
    """Sizes of machines that need the permission, separated by commas; blank: all
    sizes."""
    outside: bool = True
    """Yes: sites outside the region are permitted whatever their land. No: none of them
    is."""
    blank_allowed: bool = True
    """Yes: sites in the region whose land use is not given are permitted. No: they are
    not."""

    @field_validator("land_uses")
    @classmethod
    def _known(cls, land_uses: tuple[str, ...]) -> tuple[str, ...]:
        for read in land_uses:
            if read not in LAND_USES:
                near = get_close_matches(read, LAND_USES, 1)
                hint = f" (nearest: {near[0]})" if near else ""
                known = ", ".join(LAND_USES)
                raise ValueError(f"{read!r} is not one of {known}{hint}")
        return land_uses

    def sentence(self) -> str:
        sizes = (
            f" of size {' or '.join(self.size_classes)}" if self.size_classes else ""
        )
        uses = " or ".join(self.land_uses).replace("_", " ")
        blank = " or without a land use" if self.blank_allowed else ""
        outside = " and outside the region" if self.outside else ", none outside it"
        return (
            f"Modules{sizes} stand only at sites in the region for {uses}"
            f"{blank}{outside}."
        )

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for name in self.size_classes:
            yield "technologies", "size_class", name

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, sites = b.model(), instance.sites
        size = instance.technologies.size_class
        kinds = {
            k
            for k in where.technologies
            if not self.size_classes or size[k] in self.size_classes
        }
        allowed = {*self.land_uses, *([""] if self.blank_allowed else [])}
        fits = sites.land_use.isin(allowed).where(sites.in_region, self.outside)
        refused = sites.index[~fits & (sites.status != "committed")]
        at: dict[str, list[str]] = {}
        for s, k in m.SK:
            if k in kinds and s in refused and s in where.sites:
                at.setdefault(s, []).append(k)

        @b.Constraint([(s, t) for s in at for t in where.periods])
        def permitted(b, s, t):
            return sum(m.modules[s, k, t] for k in at[s]) <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        rows = plan.tables["modules"]
        rows = rows[
            rows.site.isin(where.sites)
            & rows.technology.isin(where.technologies)
            & rows.period.isin(where.periods)
        ]
        rows = rows.join(instance.technologies.size_class, on="technology").join(
            instance.sites[["land_use", "in_region", "status"]], on="site"
        )
        if self.size_classes:
            rows = rows[rows.size_class.isin(self.size_classes)]
        listed = rows.land_use.isin(self.land_uses)
        blank = (rows.land_use == "") & self.blank_allowed
        permitted = rows.in_region & (listed | blank)
        permitted |= ~rows.in_region & self.outside
        wrong = rows[~permitted & (rows.status != "committed")]
        count = wrong.groupby(["site", "period"]).modules.sum()
        yield from broken("permitted", count.index, count, "modules not permitted")
