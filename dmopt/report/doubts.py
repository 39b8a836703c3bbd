"""The last two answers of the summary: who gains and who pays; what is not certain."""

from collections.abc import Iterator, Sequence

import pandas as pd

from dmopt.data.instance import Settings
from dmopt.explaining.words import amount
from dmopt.report.assumptions import Group, shares
from dmopt.report.compliance import Compliance
from dmopt.report.gains import name_of
from dmopt.report.table import counted, figure, listing, per_cent


def gains_and_costs(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Where jobs are, who is near a site, who pays most, who gets most vehicles."""
    homes = table[(table.people > 0) & (table.index != "")]
    if len(homes) < 2:
        return ["The data name no districts, so none can be told from another."]
    says = [*_jobs(table), *_ways(homes)]
    dear, cheap = _ends(homes.cost_per_head)[::-1]
    over = "" if settings.money == "discounted" else " a year"
    says.append(
        f"Supply costs most in {dear}, "
        f"{amount(homes.cost_per_head[dear], settings)} a head{over}, and least in "
        f"{cheap}, {amount(homes.cost_per_head[cheap], settings)}."
    )
    busy = homes.trips_in / homes.people
    most = _ends(busy)[1]
    says.append(
        f"Vehicles come most often, for its people, to {most}: "
        f"{figure(homes.trips_in[most])} trips a year, "
        f"{figure(1000 * busy.max())} for 1,000 people."
    )
    public = table.public_cost[table.public_cost > 0].sort_values(ascending=False)
    if len(public):
        says.append(
            f"Of the public money most, {amount(float(public.iloc[0]), settings)}, is "
            f"spent {_in(str(public.index[0]))}."
        )
    return [" ".join(says)]


def _in(district: str) -> str:
    return f"in {district}" if district else name_of("")


def _ends(values: pd.Series) -> tuple[str, str]:
    """Where a value is least, and where it is most."""
    return str(values.idxmin()), str(values.idxmax())


def _jobs(table: pd.DataFrame) -> Iterator[str]:
    jobs = table.jobs[table.jobs > 0].sort_values(ascending=False)
    if len(jobs):
        top = [f"{name_of(str(d))} {figure(n)}" for d, n in jobs.iloc[:3].items()]
        yield f"Jobs: {figure(jobs.sum())} in the region, most in {listing(top)}."
    else:
        yield "The plan makes no jobs in the region."


def _ways(homes: pd.DataFrame) -> Iterator[str]:
    near = homes[homes.nearest_km.notna()]
    if near.empty:
        yield "No site works in the region, so nobody is near one."
        return
    first, last = _ends(near.nearest_km)
    yield (
        f"People of {first} have the shortest way to a working site, "
        f"{figure(near.nearest_km[first])} km on average; those of {last} the "
        f"longest, {figure(near.nearest_km[last])} km."
    )


def doubts(groups: list[Group], rules: Sequence[Compliance]) -> list[str]:
    """How far figures and rules can be trusted, and what was not looked at."""
    rows = shares(groups)
    total = sum(rows.values())
    weak = rows["assumption"] + rows[""]
    firm = rows["published"] + rows["measured"]
    return [
        "What is proven of the plan is proven for the figures given, not of the "
        f"figures. Of {total:,} rows of input, {firm:,} are published or measured, "
        f"{rows['modelled'] + rows['derived']:,} are modelled or derived, and "
        f"{weak:,} are assumptions or do not say ({per_cent(weak / total)}); "
        "each is listed below with its source.",
        *_rule_doubts(rules),
        "One future is planned for, as the data give it. `dmopt breakeven` shows at "
        "which prices another way would win, `dmopt firm` which sites hardly change "
        "among plans that are nearly as good.",
    ]


def _rule_doubts(rules: Sequence[Compliance]) -> Iterator[str]:
    if not rules:
        yield "No rule is set: the plan is the cheapest that was found, and no more."
        return
    kept = sum(rule.kept for rule in rules)
    text = f"{kept} of {counted(len(rules), 'rule')} are kept in full"
    missed = [rule.id for rule in rules if not rule.kept]
    if missed:
        text += f"; missed, and paid for: {listing(missed)}"
    doubts = sum(rule.reconstructed for rule in rules)
    if doubts:
        text += (
            f". {doubts} of them {'is' if doubts == 1 else 'are'} reconstructed: our "
            "words for what Srai et al. (2020) propose, not read in their text"
        )
    yield f"{text}."
