"""Rules: whether the plan keeps each, by its own check, and where it is from."""

from collections.abc import Iterator
from dataclasses import dataclass

from dmopt.data.instance import Instance
from dmopt.explaining.words import amount
from dmopt.plan.costs import weights
from dmopt.plan.plan import Plan
from dmopt.report.table import counted, figure, listing
from dmopt.rules import Rule, make_rules
from dmopt.rules.catalogue import catalogue, dimension_of, status_of
from dmopt.runs.rules import dimension_words, missed_by_unit

COVERS = ("districts", "areas", "periods", "products")
ABOUT = ("source", "author", "dated", "clause")


@dataclass(frozen=True)
class Compliance:
    """One rule and the plan.

    id, code, label, says: as people know it. covers: what it is limited to, or "".
    dimension, status (confirmed or reconstructed), source: where it is from.
    soft: "" or its price in words. kept: bool. missed: by how much it is not, in words.
    """

    id: str
    code: str
    label: str
    says: str
    covers: str
    dimension: str
    status: str
    source: str
    confidence: str
    soft: str
    kept: bool
    missed: str

    @property
    def reconstructed(self) -> bool:
        return self.status == "reconstructed"


def compliance(plan: Plan) -> list[Compliance]:
    """Every rule of the plan's instance that is on, checked anew.

    Raises InstanceError where rules cannot be read.
    """
    return [_checked(plan, rule) for rule in make_rules(plan.instance)]


def switched_off(instance: Instance) -> list[str]:
    """Ids of the rules that are off."""
    table = instance.rules
    return [str(each) for each in table.id[~table.on.astype(bool)]]


def _checked(plan: Plan, rule: Rule) -> Compliance:
    instance = plan.instance
    about = catalogue()["rules"].get(rule.kind.name, {})
    amounts = missed_by_unit(rule.excess(instance, plan))
    soft = ""
    if rule.soft_price is not None:
        price = amount(rule.soft_price, instance.settings)
        soft = f"soft: {price} for each unit missed, a year"
    return Compliance(
        id=rule.id,
        code=str(about.get("code", "")),
        label=str(about.get("label", rule.kind.name.replace("_", " "))),
        says=rule.kind.sentence(),
        covers="; ".join(_covers(instance, rule.id)),
        dimension=dimension_words(dimension_of(rule.kind.name)),
        status=status_of(rule),
        source=_source(rule, str(about.get("why", ""))),
        confidence=str(rule.about.get("confidence", "")),
        soft=soft,
        kept=not amounts,
        missed=_missed(plan, rule, amounts),
    )


def _covers(instance: Instance, rule: str) -> Iterator[str]:
    row = instance.rules[instance.rules.id == rule].iloc[0]
    for name in COVERS:
        if row[name]:
            yield f"{name}: {row[name]}"


def _source(rule: Rule, why: str) -> str:
    """What its row says; else what the catalogue says it stands for."""
    given = [str(rule.about.get(name, "")) for name in ABOUT]
    return ", ".join(text for text in given if text) or why


def _missed(plan: Plan, rule: Rule, amounts: dict[str, tuple[float, int]]) -> str:
    if not amounts:
        return ""
    parts = [
        f"{figure(by)} {unit}".rstrip()
        + (f" in {counted(places, 'place')}" if places > 1 else "")
        for unit, (by, places) in amounts.items()
    ]
    words = f"missed by {listing(parts)}"
    paid = _paid(plan, rule)
    return f"{words}; paid {amount(paid, plan.instance.settings)}" if paid else words


def _paid(plan: Plan, rule: Rule) -> float:
    """What missing a soft rule costs, unit of the plan's total."""
    weight = dict(zip(plan.instance.periods.index, weights(plan.instance), strict=True))
    paid = rule.penalties(plan.instance, plan)
    return float(sum(weight[period] * money for period, money in paid))
