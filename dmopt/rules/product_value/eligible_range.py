"""Eligible range: sites make only products that suit.

    (eligible)   output[s,c,t] <= 0    for all s, t and each c not in E      units/yr

    s     covered sites in the region, or outside too    sites_in    "region", "all"
    c     covered products
    E     products with one of these traits              traits      commodities.traits
          and these products                             products

What a site makes is what it sends out (m.output). Committed sites are not asked: what
they are for is decided. Where no covered product has any
trait and no product is named, nothing says what is eligible, and the rule asks
nothing.
Source: rule R4.2 of dimension D4 (reconstructed); form of the rows: ours.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, field_validator, model_validator

from dmopt.data.instance import Instance
from dmopt.data.tables.words import TRAITS
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Names
from dmopt.rules.where import Where


class EligibleRange(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "eligible_range"

    traits: Names = ()
    """Traits of which a product must have one to be made, separated by commas."""
    products: Names = ()
    """Products that may be made besides, whatever their traits, separated by commas."""
    sites_in: Literal["region", "all"] = "region"
    """Which sites are asked: those in the region only, or all of them."""

    @field_validator("traits")
    @classmethod
    def _traits_are_known(cls, traits: tuple[str, ...]) -> tuple[str, ...]:
        for trait in traits:
            if trait not in TRAITS:
                near = get_close_matches(trait, TRAITS, 1)
                hint = f" (nearest: {near[0]})" if near else ""
                raise ValueError(
                    f"read {trait!r}, expected one of {', '.join(TRAITS)}{hint}"
                )
        return traits

    @model_validator(mode="after")
    def _something_is_eligible(self) -> "EligibleRange":
        if not self.traits and not self.products:
            raise ValueError("name traits or products that are eligible")
        return self

    def sentence(self) -> str:
        kinds = f"{' or '.join(self.traits)} products" if self.traits else ""
        names = ", ".join(self.products)
        eligible = " and ".join(each for each in (kinds, names) if each)
        place = " in the region" if self.sites_in == "region" else ""
        return f"Sites{place} make only {eligible}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for c in self.products:
            yield "commodities", "commodity", c

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        m, sites = b.model(), instance.sites.loc[where.sites]
        sites = sites[sites.status != "committed"]
        covered = set(sites.index[sites.in_region | (self.sites_in == "all")])
        traits = {
            c: {part.strip() for part in text.split(";")} - {""}
            for c, text in instance.commodities.traits[where.products].items()
        }
        if not self.products and not any(traits.values()):
            return
        unfit = {
            c
            for c, own in traits.items()
            if c not in self.products and not own & set(self.traits)
        }
        periods = set(where.periods)
        keys = [
            (s, c, t)
            for s, c, t in m.output
            if s in covered and c in unfit and t in periods
        ]

        @b.Constraint(keys)
        def eligible(b, s, c, t):
            return m.output[s, c, t] <= 0

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        goods = instance.commodities.index.isin(where.products)
        listed = instance.commodities.traits[goods].str.split(";").explode().str.strip()
        if (listed == "").all() and not self.products:
            return
        fit = {*listed.index[listed.isin(self.traits)], *self.products}
        free = instance.sites.status != "committed"
        sites = instance.sites[instance.sites.index.isin(where.sites) & free]
        if self.sites_in == "region":
            sites = sites[sites.in_region]
        flows = plan.tables["flows"]
        flows = flows[
            flows.origin.isin(sites.index)
            & flows.commodity.isin(where.products.difference(list(fit)))
            & flows.period.isin(where.periods)
        ]
        by = ["origin", "commodity", "period"]
        made = flows.groupby(by, sort=False).quantity_per_yr.sum().reset_index()
        for s, c, t, units in made.itertuples(index=False, name=None):
            if excess := over(units, 0.0):
                yield Violation("eligible", (s, c, t), excess, "units/yr not eligible")
