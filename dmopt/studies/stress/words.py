"""A stress test as tables, plain objects and sentences."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.rules.words import percent
from dmopt.runs.plain import plain
from dmopt.runs.words import money
from dmopt.studies.rejected import as_rows, sentence
from dmopt.studies.stress.served import Served
from dmopt.studies.stress.study import SAME, Case, StressTest

MOST_DISTRICTS = 3
"""Districts that a line names."""


def cases_table(found: StressTest) -> pd.DataFrame:
    """One row per loss, most harm first.

    lost: in words. kind, id, kind_2, id_2: what; "" where there is one loss only.
    served_share, people_share: of 0..1; lost_share: less than with nothing lost.
    running_cost_more, unmet_cost_more: money, against nothing lost.
    worst_product, worst_district: what loses most, "" where nothing does; _share of it
    that is still served. districts: those that lose, most first. most_share: what no
    plan of what is left exceeds. solved: no where it follows from a single loss.
    """
    return pd.DataFrame([_row(found, case) for case in found.cases])


def _row(found: StressTest, case: Case) -> dict[str, Any]:
    instance, base, now = found.plan.instance, found.base.served, case.served
    product, product_share = _worst(base.by_product, now.by_product)
    district, district_share = _worst(base.by_district, now.by_district)
    row: dict[str, Any] = {"lost": lost_in_words(case, instance)}
    for number, end in enumerate(("", "_2")):
        there = case.losses[number : number + 1]
        row[f"kind{end}"] = there[0].kind if there else ""
        row[f"id{end}"] = ", ".join(there[0].of) if there else ""
    return row | {
        "served_share": now.share,
        "people_share": now.people,
        "lost_share": found.harm(case),
        "running_cost_more": now.running_cost - base.running_cost,
        "unmet_cost_more": now.unmet_cost - base.unmet_cost,
        "worst_product": product,
        "worst_product_share": product_share,
        "worst_district": district,
        "worst_district_share": district_share,
        "districts": "; ".join(_losing(base.by_district, now.by_district)),
        "most_share": case.most,
        "solved": case.solved,
    }


def districts_table(found: StressTest) -> pd.DataFrame:
    """Share served of each district and product after each loss: lost, by, name,
    served_share, and base_share with nothing lost."""
    base, rows = found.base.served, []
    for case in found.cases:
        lost = lost_in_words(case, found.plan.instance)
        for by, before, now in (
            ("district", base.by_district, case.served.by_district),
            ("product", base.by_product, case.served.by_product),
        ):
            rows += [(lost, by, name, now[name], before[name]) for name in before.index]
    columns = ["lost", "by", "name", "served_share", "base_share"]
    return pd.DataFrame(rows, columns=columns)


def lost_in_words(case: Case, instance: Instance) -> str:
    return " and ".join(each.says(instance) for each in case.losses)


def _worst(before: pd.Series, now: pd.Series) -> tuple[str, float]:
    """What loses the largest part of what it had, and its share; "" where none does."""
    less = before - now.reindex(before.index)
    if not less.max() > SAME:
        return "", float("nan")
    name = str(less.idxmax())
    return name, float(now[name])


def _losing(before: pd.Series, now: pd.Series) -> list[str]:
    """Names and shares of all that lose, most first."""
    less = (before - now.reindex(before.index)).sort_values(ascending=False)
    names = less.index[less > SAME]
    return [f"{name or 'no district'} {percent(now[name])}" for name in names]


def sentences(found: StressTest, least: float) -> Iterator[str]:
    """What matters, in plain words. least: share that a loss should leave served."""
    instance, base = found.plan.instance, found.base.served
    yield (
        f"With nothing lost, {percent(base.share)} of demand can be served, by value."
    )
    names = {1: ("loss", "losses"), 2: ("pair", "pairs")}
    for size, (one, many) in names.items():
        cases = [case for case in found.cases if len(case.losses) == size]
        if not cases:
            continue
        kept = sum(case.served.share >= least - SAME for case in cases)
        of = f"{len(cases):,} {one if len(cases) == 1 else many}"
        yield f"{kept:,} of {of} still serve at least {percent(least)}."
        yield f"Worst {one}: {_told(found, cases[0])}"
    unproven = sum(case.most > case.served.share + SAME for case in found.cases)
    if unproven:
        yield f"In {unproven} cases the time ran out: at least so much is served."
    if found.rejected:
        yield sentence(found.rejected)
    if not found.is_complete:
        yield f"Stopped: {len(found.cases):,} of {found.planned:,} were tried."
    yield (
        "Rules and the least use of modules are lifted; what stands may be used and "
        f"re-connected, nothing is built. Money is in {instance.settings.currency}."
    )


def _told(found: StressTest, case: Case) -> str:
    instance, base, now = found.plan.instance, found.base.served, case.served
    lost = lost_in_words(case, instance)
    if found.harm(case) <= SAME:
        return f"{lost}, and still nobody loses anything."
    product, share = _worst(base.by_product, now.by_product)
    name = instance.commodities.name[product] or product
    losing = _losing(base.by_district, now.by_district)
    shown = ", ".join(losing[:MOST_DISTRICTS])
    more = len(losing) - MOST_DISTRICTS
    shown += f" and {more} more" if more > 0 else ""
    extra = now.running_cost - base.running_cost
    word = "more" if extra > 0 else "less"
    besides = _unmet(base, now, instance)
    return (
        f"{lost}. {percent(now.share)} of demand is still served by value, "
        f"{percent(now.people)} by people. Worst product: {name}, {percent(share)}. "
        f"Still served: {shown}. "
        f"Running costs {money(abs(extra), instance.settings)} {word}{besides}."
    )


def _unmet(base: Served, now: Served, instance: Instance) -> str:
    """What demand that is not served costs besides, where it has a price."""
    extra = now.unmet_cost - base.unmet_cost
    if extra <= 0:
        return ""
    return f"; what is not served is priced at {money(extra, instance.settings)}"


def stress_object(found: StressTest, least: float) -> dict[str, Any]:
    """What `--json` prints and study.json keeps."""
    base = found.base.served
    return plain(
        {
            "base": {
                "served_share": base.share,
                "people_share": base.people,
                "running_cost": base.running_cost,
                "unmet_cost": base.unmet_cost,
            },
            "least_share": least,
            "enough": found.enough(least),
            "tried": len(found.cases),
            "planned": found.planned,
            "complete": found.is_complete,
            "rejected": as_rows(found.rejected),
            "sentences": list(sentences(found, least)),
            "cases": cases_table(found),
        }
    )
