"""A comparison as tables, plain objects and sentences."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dmopt.explaining.words import amount, as_object, number
from dmopt.rules.words import figure
from dmopt.runs.words import badge
from dmopt.studies.compare import Comparison
from dmopt.studies.entry import Entry
from dmopt.studies.rejected import as_rows, sentence
from dmopt.studies.verdicts import Verdict


def comparison_table(found: Comparison) -> pd.DataFrame:
    """One row per model: status, cost, bound, gap, costs by kind, parts of the
    infrastructure by kind, indicators."""
    rows = []
    for entry in found.entries:
        result = entry.result
        row: dict[str, Any] = {
            "model": entry.name,
            "status": result.status,
            "cost": result.cost,
            "bound": result.bound,
            "gap": result.gap,
            "verified": result.verified,
        }
        row |= {
            f"cost_{kind.replace(' ', '_')}": v for kind, v in entry.cost_kinds.items()
        }
        row |= {f"of_which_{kind}": v for kind, v in entry.shared.items()}
        row |= dict(entry.indicators)
        rows.append(row)
    return pd.DataFrame(rows)


def product_table(found: Comparison) -> pd.DataFrame:
    """One row per model and product: cost, per unit wanted, share unmet, by kind."""
    parts = []
    for entry in found.entries:
        if entry.products is None or entry.result.plan is None:
            continue
        wanted, unmet = _units(entry)
        cost = entry.products.sum(axis=1)
        kinds = entry.products.add_prefix("cost_")
        kinds.columns = [name.replace(" ", "_") for name in kinds.columns]
        about = pd.DataFrame(
            {
                "model": entry.name,
                "product": entry.products.index,
                "cost": cost.to_numpy(),
                "wanted": wanted.reindex(cost.index).to_numpy(),
                "cost_per_unit": (cost / wanted.reindex(cost.index)).to_numpy(),
                "unmet_share": (unmet / wanted)
                .reindex(cost.index)
                .fillna(0)
                .to_numpy(),
            }
        )
        parts.append(pd.concat([about, kinds.reset_index(drop=True)], axis=1))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _units(entry: Entry) -> tuple[pd.Series, pd.Series]:
    """Units wanted and not supplied in a mean year, by commodity."""
    instance = entry.instance
    years = instance.periods.years / instance.periods.years.sum()
    assert entry.result.plan is not None
    found = []
    for table in (instance.demand_by_period, entry.result.plan.tables["unmet"]):
        units = table.quantity_per_yr * table.period.map(years).astype(float)
        found.append(units.groupby(table.commodity).sum())
    return found[0], found[1].reindex(found[0].index).fillna(0.0)


def comparison_object(found: Comparison) -> dict[str, Any]:
    """What `--json` prints."""
    products = product_table(found)
    return {
        "instance": found.instance.name,
        "models": [_model_object(entry, products) for entry in found.entries],
        "verdicts": [
            {
                "product": each.product or None,
                "winner": each.winner,
                "second": each.second or None,
                "tied": each.tied,
                "cost": number(each.cost),
                "second_cost": number(each.second_cost),
                "per_unit": number(each.per_unit),
                "certain": each.certain,
                "why": each.why,
            }
            for each in found.verdicts
        ],
        "rejected": as_rows(found.rejected),
    }


def _model_object(entry: Entry, products: pd.DataFrame) -> dict[str, Any]:
    result = entry.result
    mine = products[products.model == entry.name] if len(products) else products
    return {
        "model": entry.name,
        "label": entry.label,
        "rules_status": entry.status,
        "status": result.status,
        "cost": number(result.cost),
        "bound": number(result.bound),
        "gap": number(result.gap),
        "verified": result.verified,
        "seconds": result.seconds,
        "cost_kinds": {kind: number(v) for kind, v in entry.cost_kinds.items()},
        "infrastructure_kinds": {k: number(v) for k, v in entry.shared.items()},
        "indicators": {name: number(v) for name, v in entry.indicators.items()},
        "products": [
            {name: number(v) if isinstance(v, float) else v for name, v in row.items()}
            for row in mine.to_dict("records")
        ],
        "mix": None if entry.mix is None else dict(entry.mix),
        "explanation": (
            None if entry.explanation is None else as_object(entry.explanation)
        ),
    }


def sentences(found: Comparison) -> Iterator[str]:
    """Who wins for which product and why, and what is open."""
    if found.rejected:
        yield sentence(found.rejected)
    for verdict in found.verdicts:
        yield _verdict_sentence(found, verdict)
    for entry in found.entries:
        if entry.result.plan is None:
            yield f"{entry.label}: {badge(entry.result)}."
            if entry.explanation is not None:
                yield from (f"  {line}" for line in entry.explanation.sentences())
    hybrid = found.entry("hybrid")
    if hybrid is not None and hybrid.mix:
        mixed = sorted(set(hybrid.mix.values()))
        if len(mixed) == 1:
            best = _label(found, mixed[0])
            yield f"Hybrid: no mix tried is cheaper than {best} alone."
        else:
            parts = [
                f"{product} {_label(found, m)}" for product, m in hybrid.mix.items()
            ]
            yield f"Hybrid: {', '.join(parts)}."


def _label(found: Comparison, name: str) -> str:
    entry = found.entry(name)
    return (entry.label if entry is not None else name).lower()


def _verdict_sentence(found: Comparison, verdict: Verdict) -> str:
    settings = found.instance.settings
    what = verdict.product or "Everything together"
    if not verdict.second:
        only = _label(found, verdict.winner)
        return f"{what}: {only} ({verdict.why})."
    margin, second = (
        verdict.second_cost - verdict.cost,
        _label(found, verdict.second),
    )
    unit = ""
    if verdict.product and not math.isnan(verdict.per_unit):
        name = found.instance.commodities.unit[verdict.product]
        unit = (
            f", {settings.currency} {figure(verdict.per_unit)} a {name} against "
            f"{figure(verdict.second_per_unit)}"
        )
    if verdict.tied:
        each = unit.partition(" against ")[0]
        return (
            f"{what}: {_label(found, verdict.winner)} and {second} cost the same{each}."
        )
    sure = (
        ""
        if verdict.certain
        else " Not certain: the gaps of the plans allow for another."
    )
    return (
        f"{what}: {_label(found, verdict.winner)} wins by {amount(margin, settings)} "
        f"over {second}{unit}; {verdict.why}.{sure}"
    )
