"""Between what each figure may lie.

    declared      as the table `uncertain` says
    confidence    by the least sure of the rows that the figure scales: so much of the
                  value of today either way (`WIDTHS`); rows that say nothing are
                  passed over
    assumed       where no row says anything: `ASSUMED` of the value either way

The widths are ours, a convention and no finding: who knows better declares a range.
Demand is taken product by product, unless all of it is declared as one figure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.data.column import CONFIDENCE
from dmopt.data.instance import Instance
from dmopt.data.uncertain import DEMAND
from dmopt.studies.knobs import AT_SITE, PRODUCT, Knob, every_knob, key_of

WIDTHS = {
    "measured": 0.05,
    "published": 0.10,
    "derived": 0.20,
    "modelled": 0.30,
    "assumption": 0.40,
}
"""Confidence -> half the width of the range, share of the value."""
ASSUMED = 0.20
"""The same where nothing says how sure a figure is."""


@dataclass(frozen=True)
class Range:
    """A figure and between what it lies: 0 <= low <= likely <= high, low < high.

    figure: key of a knob (studies/knobs.py). label, unit: for people.
    origin: "declared", a word of `CONFIDENCE`, or "assumed". distribution: "triangular"
    or "uniform".
    """

    figure: str
    label: str
    unit: str
    low: float
    likely: float
    high: float
    origin: str
    distribution: str = "triangular"


@dataclass(frozen=True)
class Ranges:
    """given: of each figure that is uncertain. left_out: label -> why a figure that
    the instance has is not among them."""

    given: Sequence[Range]
    left_out: dict[str, str]


def ranges(instance: Instance, half: float | None = None) -> Ranges:
    """The range of every figure of the instance.

    half: half the width of those that are not declared, share of the value (0..1);
    None: by confidence. Raises ValueError for another number.
    """
    if half is not None and not 0 <= half < 1:
        raise ValueError(f"half = {half}, expected a share from 0 to 1")
    table = instance.uncertain
    names = table[["figure", "of", "site"]].itertuples(index=False, name=None)
    keys = [key_of(*each) for each in names]
    spans = table[["low", "likely", "high"]].to_numpy(float).tolist()
    declared = dict(zip(keys, spans, strict=True))
    shapes = dict(zip(keys, table.distribution, strict=True))
    given: list[Range] = []
    left_out: dict[str, str] = {}
    for knob in _asked(instance, set(declared)):
        marks = scaled(instance, knob)
        if knob.key in declared:
            low, likely, high = declared[knob.key]
            origin = "declared"
        else:
            likely = knob.now
            origin, width = _width(marks, half)
            low, high = likely * (1 - width), min(likely * (1 + width), knob.high)
        if why := _why_not(instance, knob, origin, marks, high - low):
            left_out[knob.label] = why
        else:
            shape = shapes.get(knob.key, "triangular")
            given.append(
                Range(knob.key, knob.label, knob.unit, low, likely, high, origin, shape)
            )
    return Ranges(given, left_out)


def _asked(instance: Instance, declared: set[str]) -> Iterator[Knob]:
    """All that is declared and all else, but no product's demand besides all demand."""
    for knob in every_knob(instance):
        by_product = knob.key.startswith(PRODUCT)
        fits = DEMAND not in declared if by_product else knob.key != DEMAND
        if knob.key in declared or (fits and not knob.key.startswith(AT_SITE)):
            yield knob


def _why_not(
    instance: Instance, knob: Knob, origin: str, marks: Sequence[str], width: float
) -> str:
    """Why a figure is left out; "" where it is not."""
    prices = instance.periods.emission_price_per_t
    if origin != "declared" and knob.now == 0:
        return "it is 0 today, and no range is declared"
    if origin != "declared" and knob.key == "emission_price" and prices.nunique() > 1:
        return "it differs by period, and no range of one price for all is declared"
    if not len(marks):
        return "nothing in the instance would change with it"
    return "" if width > 0 else "its range is a single value"


def _width(marks: Sequence[str], half: float | None) -> tuple[str, float]:
    """Where a range that is not declared is from, and half its width."""
    if half is not None:
        return "assumed", half
    found = [word for word in CONFIDENCE if word in marks]
    return (found[-1], WIDTHS[found[-1]]) if found else ("assumed", ASSUMED)


def scaled(instance: Instance, knob: Knob) -> list[str]:
    """The confidence of each row whose numbers the knob changes, "" where it says
    none."""
    turned = knob.edit(instance, 2 * knob.now or 1.0)
    marks: list[str] = []
    for name, table in instance.tables.items():
        after = turned.tables[name]
        if after is not table:
            marks += table.confidence[_differ(table, after)].tolist()
    return marks


def _differ(before: pd.DataFrame, after: pd.DataFrame) -> np.ndarray:
    """Rows (bool) with other numbers."""
    one, other = (t.select_dtypes("number").to_numpy(float) for t in (before, after))
    return np.asarray(((one != other) & ~(np.isnan(one) & np.isnan(other))).any(axis=1))
