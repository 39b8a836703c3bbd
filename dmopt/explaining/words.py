"""Explanations in words and as plain objects, for people and for programs."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dmopt.data.instance import Instance, Settings
from dmopt.explaining.conflict import Explanation
from dmopt.explaining.firm import Firmness
from dmopt.explaining.price import Price, Prices
from dmopt.explaining.why import Why
from dmopt.plan.called import INDICATORS
from dmopt.rules.words import figure


def number(value: float | None) -> float | None:
    """A number for JSON: None where there is none."""
    return None if value is None or not math.isfinite(value) else float(value)


def amount(value: float, settings: Settings) -> str:
    """Money in the instance's currency, three significant digits."""
    for size, name in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"{settings.currency} {figure(value / size)}{name}"
    return f"{settings.currency} {figure(value)}"


def as_object(found: Explanation) -> dict[str, Any]:
    return {
        "infeasible": found.infeasible,
        "conflicts": [
            {
                "smallest": conflict.smallest,
                "members": [
                    {"kind": each.kind, "name": list(each.name), "says": each.says}
                    for each in conflict.members
                ],
            }
            for conflict in found.conflicts
        ],
        "ways": [
            {
                "says": way.says(),
                "touches": list(way.touched),
                "cost": number(way.cost),
                "bound": number(way.bound),
                "status": way.status,
            }
            for way in found.ways
        ],
        "solves": found.solves,
        "seconds": found.seconds,
    }


def price_words(each: Price, settings: Settings) -> str:
    """ "GBP 1.2 million to 1.4 million", "unknown: at most GBP 0.9 million"."""
    if math.isnan(each.low):
        return "no plan with it"
    if math.isinf(each.high):
        return "not known"
    if each.high == 0:
        return "nothing"
    if not each.known:
        return f"unknown: at most {amount(each.high, settings)}"
    if each.high - each.low <= 1e-3 * each.high:
        return amount(each.high, settings)
    low = amount(each.low, settings)
    return (
        f"{low} to {amount(each.high, settings).removeprefix(settings.currency + ' ')}"
    )


def price_object(found: Prices) -> dict[str, Any]:
    return {
        "cost": number(found.base.cost),
        "bound": number(found.base.bound),
        "solves": found.solves,
        "prices": [price_row(each) for each in found.prices],
    }


def price_row(each: Price) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "name": each.name,
        "says": each.says,
        "rules": sorted(each.dropped),
        "low": number(each.low),
        "high": number(each.high),
        "known": each.known,
        "cost": number(each.cost),
        "bound": number(each.bound),
        "change": {name: number(v) for name, v in each.change.items()},
        "solved": each.solved,
    }


def why_sentences(found: Why, instance: Instance) -> Iterator[str]:
    """What forcing a site changes, in a few sentences."""
    settings = instance.settings
    now = "works" if found.works else "does not work"
    yield f"{found.site} {now} in the plan at hand."
    for reason in found.excluded:
        yield f"  It is kept shut: {reason}."
    if found.works == (found.force == "open"):
        yield f"It is {found.force} already: forcing it changes nothing."
        return
    forced = f"Forced {found.force}"
    if found.forced.plan is None:
        if found.explanation is not None:
            yield f"{forced}, there is no plan (proven)."
            yield from found.explanation.sentences()
        else:
            yield (
                f"{forced}, no plan was found near the one at hand; none is ruled out."
            )
        return
    yield f"{forced}, the plan costs {_more(found, settings)}."
    yield from _kinds(found, settings)
    if found.opens or found.shuts:
        parts = [
            f"{word} {', '.join(sites)}"
            for word, sites in (("opens", found.opens), ("shuts", found.shuts))
            if sites
        ]
        yield f"Besides, it {' and '.join(parts)}."
    yield from _indicators(found)
    yield from _districts(found)


def _more(found: Why, settings: Settings) -> str:
    if found.high == 0:
        return "no more"
    if math.isinf(found.high):
        return (
            "more by an amount that is not known: nothing is proven of the plan at hand"
        )
    if found.low > 0 and found.high - found.low <= 1e-3 * found.high:
        return f"{amount(found.high, settings)} more"
    if found.low > 0:
        return (
            f"{amount(found.low, settings)} to {amount(found.high, settings)} more "
            "(what the gaps leave open)"
        )
    return f"at most {amount(found.high, settings)} more; the gaps allow for nothing"


def _kinds(found: Why, settings: Settings) -> Iterator[str]:
    change = found.kinds[found.kinds.abs() > 1e-9].sort_values(
        key=lambda values: -values.abs()
    )
    if len(change):
        parts = [
            f"{kind} {'+' if v > 0 else '-'}{amount(abs(v), settings)}"
            for kind, v in change.iloc[:4].items()
        ]
        yield f"Of the cost: {'; '.join(parts)}."


SAID = ("emissions_t", "jobs", "people_10km", "worst_tenth_km")


def _indicators(found: Why) -> Iterator[str]:
    for name in SAID:
        called = INDICATORS[name]
        scale, unit = (100, "%") if called.unit == "share" else (1, called.unit)
        before, after = (scale * value for value in found.indicators[name])
        if np.isfinite([before, after]).all() and abs(after - before) > 1e-6:
            yield f"{called.label}: {figure(before)} -> {figure(after)} {unit}"


def _districts(found: Why) -> Iterator[str]:
    table = found.districts
    if not len(table):
        return
    farther = (table.km_after - table.km_before).abs()
    table = table.assign(weight=table.moved_share + farther)
    most = table.sort_values("weight", ascending=False).head(3)
    columns = ["district", "moved_share", "km_before", "km_after", "weight"]
    rows = most[columns].itertuples(index=False, name=None)
    for district, share, before, after, weight in rows:
        if weight > 1e-6:
            yield (
                f"{district or 'The region'}: {figure(100 * share)} % of "
                f"deliveries (by value) come from elsewhere; nearest site "
                f"{figure(before)} -> {figure(after)} km."
            )


def why_object(found: Why) -> dict[str, Any]:
    return {
        "site": found.site,
        "force": found.force,
        "works": found.works,
        "status": found.forced.status,
        "cost_before": number(found.base.cost),
        "cost": number(found.forced.cost),
        "bound": number(found.forced.bound),
        "low": number(found.low),
        "high": number(found.high),
        "kinds": {str(kind): float(v) for kind, v in found.kinds.items()},
        "indicators": {
            name: [number(before), number(after)]
            for name, (before, after) in found.indicators.items()
        },
        "opens": list(found.opens),
        "shuts": list(found.shuts),
        "districts": [
            {name: number(v) if isinstance(v, float) else v for name, v in row.items()}
            for row in found.districts.to_dict("records")
        ],
        "excluded": list(found.excluded),
        "explanation": (
            None if found.explanation is None else as_object(found.explanation)
        ),
    }


def firm_object(found: Firmness) -> dict[str, Any]:
    rows = found.table.to_dict("records")
    return {
        "within": found.within,
        "plans": len(found.plans),
        "searched": found.searched,
        "of": found.of,
        "method": found.method,
        "seconds": found.seconds,
        "sites": [row | {"flip_cost": number(row["flip_cost"])} for row in rows],
    }
