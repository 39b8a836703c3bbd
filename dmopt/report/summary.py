"""The summary in plain language: every figure in it comes from the plan.

Five short answers: what opens and where; what it costs; is it better than supply from
afar; who gains and who pays; what is not certain.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount
from dmopt.plan.called import COSTS
from dmopt.plan.indicators import ALL, supply_table
from dmopt.plan.plan import Plan
from dmopt.report.assumptions import Group
from dmopt.report.beside import Column, difference, is_reconstructed
from dmopt.report.compliance import Compliance
from dmopt.report.doubts import doubts, gains_and_costs
from dmopt.report.option import Option
from dmopt.report.places import open_sites, per, shared_words, sites_table, times
from dmopt.report.table import (
    NONE,
    Table,
    counted,
    figure,
    listing,
    per_cent,
)
from dmopt.runs.words import PROVEN_OPTIMAL_GAP, money, percent_above

MOST_SITES, MOST_KINDS, MOST_SHARED, MOST_VERDICTS = 12, 6, 5, 7


AGAINST = {
    "emissions_t": "{} t {} CO2e a year",
    "jobs": "{} {} jobs in the region",
}
LESS = {"emissions_t": "less", "jobs": "fewer"}


@dataclass(frozen=True)
class Section:
    """heading: a question. says: paragraphs that answer it. table: or None."""

    heading: str
    says: list[str] = field(default_factory=list)
    table: Table | None = None


@dataclass(frozen=True)
class Known:
    """All that the summary draws on, worked out once.

    columns: this plan, then the others, the first `runs` of them runs. verdicts:
    sentences of a comparison, or none.
    """

    option: Option
    districts: pd.DataFrame
    columns: Sequence[Column]
    runs: int
    verdicts: Sequence[str]
    rules: Sequence[Compliance]
    groups: list[Group]


def summary(known: Known) -> list[Section]:
    """The answers, in order."""
    return [
        _opens(known.option.plan),
        _costs(known.option),
        _better(known),
        Section(
            "Who gains, and who pays?",
            gains_and_costs(known.districts, known.option.instance.settings),
        ),
        Section("What is not certain?", doubts(known.groups, known.rules)),
    ]


def firmness(option: Option) -> str:
    """What the badge means, in a sentence."""
    result, settings = option.result, option.instance.settings
    if result.bound is None or result.cost is None or result.gap is None:
        return "Nothing is proven of how good this plan is: a better one may exist."
    if result.gap <= PROVEN_OPTIMAL_GAP:
        return "No plan for these figures costs less: that is proven."
    left = amount(result.cost - result.bound, settings)
    over = "" if settings.money == "discounted" else " a year"
    return (
        f"No plan for these figures can cost less than {money(result.bound, settings)}"
        f": at most {left}{over} ({percent_above(result.gap)} of the cost) could be "
        "saved by a better plan."
    )


def _opens(plan: Plan) -> Section:
    sites = open_sites(plan)
    inside = sites[sites.in_region]
    working = inside[inside.working]
    here = [each for each in working.district.unique() if each]
    known = [each for each in plan.instance.zones.district.unique() if each]
    text = f"{counted(len(working), 'site')} in the region would produce"
    if known:
        text += f", in {len(here)} of {counted(len(known), 'district')}"
    text += f"; {_of_them(int(working.new.sum()), len(working))} new."
    if idle := len(inside) - len(working):
        text += f" {counted(idle, 'other site')} would be open without machines."
    if outside := len(sites) - len(inside):
        text += f" {counted(outside, 'site')} outside the region would supply it too."
    paragraphs = [text]
    if shared := list(shared_words(plan)):
        more = len(shared) - MOST_SHARED
        if more > 1:
            shared = [*shared[:MOST_SHARED], f"{more} more kinds"]
        paragraphs.append(f"Shared infrastructure that stands: {listing(shared)}.")
    return Section(
        "What opens, and where?", paragraphs, sites_table(plan, most=MOST_SITES)
    )


def _of_them(some: int, all_: int) -> str:
    """ "none of them is", "all of them are", "3 of them are"."""
    if some == 0:
        return "none of them is"
    number = "all" if some == all_ else f"{some:,}"
    return f"{number} of them {'is' if some == 1 else 'are'}"


def _costs(option: Option) -> Section:
    settings = option.instance.settings
    kinds = option.product_costs.sum()[list(COSTS)]
    total, people = float(kinds.sum()), float(option.instance.zones.population.sum())
    says = f"The plan costs {money(total, settings)}"
    if people > 0:
        says += f", {amount(total / people, settings)} for each of {people:,.0f} people"
    says += (
        ". That is all that making and bringing the goods takes, capital as a yearly "
        "payment included"
    )
    capital, public = (option.indicator(f"{n}_cost") for n in ("capital", "public"))
    outlay = (
        f"Capital to be found: {amount(capital, settings)}, of which "
        f"{amount(public, settings)} would be public money."
    )
    largest = kinds[kinds.abs() > 0].sort_values(key=lambda v: -v.abs())
    rows = [
        [COSTS[str(kind)], amount(value, settings), per_cent(value / total)]
        for kind, value in largest.iloc[:MOST_KINDS].items()
    ]
    rest = largest.iloc[MOST_KINDS:]
    if len(rest):
        value = float(rest.sum())
        rows.append(["Everything else", amount(value, settings), _part(value, total)])
    over = "present value" if settings.money == "discounted" else "a year"
    table = Table("Where the money goes", ["Kind", f"Cost, {over}", "Share"], rows)
    return Section("What does it cost?", [says + ".", outlay], table)


def _part(value: float, total: float) -> str:
    return per_cent(value / total) if total else NONE


def _better(known: Known) -> Section:
    option = known.option
    says = []
    local = option.indicator("local_share")
    sites = option.instance.sites
    offered = bool((~sites.in_region & (sites.status != "excluded")).any())
    if not math.isnan(local):
        text = f"{per_cent(local)} of what people get, by value, is made in the region."
        text += (
            " Plants outside were open to the plan at their price: what it makes in "
            "the region it makes there because that costs less, or because a rule or "
            "a time limit asks for it."
            if offered
            else " The data offer no plant outside, so this plan alone cannot say "
            "whether supply from afar would be better."
        )
        says.append(text)
    says += [_against(known, column) for column in known.columns[1 : known.runs]]
    says += known.verdicts[:MOST_VERDICTS]
    if len(known.columns) == 1:
        says.append(
            "No other way of supply was set beside it for this report: `dmopt "
            "compare` makes one, and it can be given to `dmopt report` with the plan."
        )
    return Section("Is it better than supply from afar?", says, _product_table(option))


def _against(known: Known, other: Column) -> str:
    """One sentence on another option."""
    mine, settings = known.columns[0], known.option.instance.settings
    if other.cost is None:
        return f"{other.name}: {other.badge}."
    parts = []
    for name, words in AGAINST.items():
        more = other.indicators.get(name, math.nan) - mine.indicators.get(name, 0.0)
        if abs(more) > 1e-9:
            word = "more" if more > 0 else LESS[name]
            parts.append(words.format(figure(abs(more)), word))
    missed = other.indicators.get("unmet_share", 0.0)
    if missed > 0.0005:
        parts.append(f"{per_cent(missed)} of demand not met, which is in its cost")
    text = f"{other.name} would cost {difference(mine, other, settings)}"
    return text + (f"; {listing(parts)}" if parts else "") + "."


def _product_table(option: Option) -> Table:
    """Where each product comes from, and what a unit of it costs."""
    plan, instance = option.plan, option.plan.instance
    supply = supply_table(plan)
    supply = supply[supply.period == ALL].set_index("commodity")
    cost = option.product_costs.sum(axis=1)
    local = _local_shares(plan)
    goods, rows = instance.commodities, []
    total = instance.demand_by_period.groupby("commodity").quantity_per_yr.sum()
    years = instance.periods.years.sum() if _discounted(plan) else 1.0
    for name, row in zip(supply.index, supply.to_dict("records"), strict=True):
        wanted = row["demand_per_yr"]
        unit = goods.unit[name]
        per_unit = cost[name] / (wanted * years) if wanted > 0 else math.nan
        rows.append(
            [
                goods.name[name] or str(name),
                f"{figure(wanted)} {times(unit)}",
                per_cent(local.get(str(name), math.nan)),
                per_cent(row["unmet_share"]),
                NONE
                if math.isnan(per_unit) or name not in total
                else f"{amount(per_unit, instance.settings)} {per(unit)}",
            ]
        )
    head = ["Product", "Wanted a year", "Made in the region", "Not met", "Cost"]
    return Table("Product by product", head, rows)


def _discounted(plan: Plan) -> bool:
    return plan.instance.settings.money == "discounted"


def _local_shares(plan: Plan) -> Mapping[str, float]:
    """Product -> share of what zones get of it that is made in the region."""
    instance = plan.instance
    flows = plan.tables["flows"]
    flows = flows[flows.destination.isin(instance.zones.index)]
    years = instance.periods.years.reindex(flows.period).to_numpy()
    units = flows.quantity_per_yr * years
    inside = flows.origin.isin(instance.sites.index[instance.sites.in_region])
    total = units.groupby(flows.commodity).sum()
    made = units.where(inside, 0.0).groupby(flows.commodity).sum()
    return {str(name): float(made[name] / total[name]) for name in total.index}


def verdict_sentences(found: Mapping[str, Any], option: Option) -> list[str]:
    """Who wins for which product, from a comparison's `verdicts`; those that say the
    same of several products are one sentence."""
    labels = {
        model["model"]: str(model["label"]).lower()
        + (" (reconstructed)" if is_reconstructed(model) else "")
        for model in found["models"]
    }
    names = option.instance.commodities.name
    about: dict[str, list[str]] = {}
    for verdict in found.get("verdicts", []):
        product = verdict["product"]
        what = (
            (names.get(product) or str(product)) if product else "everything together"
        )
        says = _verdict(verdict, labels, option.instance.settings)
        about.setdefault(says, []).append(what)
    return [f"Compared for {listing(what)}: {says}" for says, what in about.items()]


def _verdict(
    verdict: Mapping[str, Any], labels: Mapping[str, str], settings: Settings
) -> str:
    first = labels.get(verdict["winner"], verdict["winner"])
    if verdict.get("tied"):
        second = labels.get(verdict["second"], verdict["second"])
        return f"{first} and {second} cost the same."
    text = f"{first} is cheapest"
    if verdict["second"] and verdict["second_cost"] is not None:
        margin = amount(verdict["second_cost"] - verdict["cost"], settings)
        second = labels.get(verdict["second"], verdict["second"])
        text += f", by {margin} before {second}"
    text += f"; {verdict['why']}"
    return text + ("." if verdict["certain"] else "; not certain within the gaps.")
