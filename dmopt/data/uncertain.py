"""Rows of the table `uncertain`: each a figure that there is, and a range of it."""

from collections.abc import Iterator

from dmopt.data.rows import Sheet, nearest, show
from dmopt.data.schema import FIGURES
from dmopt.errors import Fault

DEMAND = "demand"
MOST: dict[str, float] = dict.fromkeys(FIGURES, 10.0) | {"emission_price": 10_000.0}
"""Greatest value of each figure: times today, money per t CO2e."""
KINDS = {"labour": "labour", "energy_price": "energy"}
"""Figures that are of one kind of service."""


def uncertain_faults(
    uncertain: Sheet,
    services: Sheet,
    supplies: Sheet,
    commodities: Sheet,
    demand: Sheet,
) -> Iterator[Fault]:
    """Ranges that are none, and figures of which the instance has nothing."""
    yield from _ranges(uncertain)
    yield from _products(uncertain, commodities, demand)
    figure = uncertain.frame.figure
    for name, kind in KINDS.items():
        if not (services.frame.kind == kind).any():
            expected = f"a figure of the instance: it has no service of kind {kind}"
            yield from uncertain.faults(figure == name, "figure", expected)
    if not len(supplies.frame):
        expected = "a figure of the instance: it has no supplies"
        yield from uncertain.faults(figure == "input_price", "figure", expected)


def _ranges(uncertain: Sheet) -> Iterator[Fault]:
    """0 <= low <= likely <= high <= most."""
    frame = uncertain.frame
    low, likely, high = (frame[name].to_numpy() for name in ("low", "likely", "high"))
    most = frame.figure.map(MOST).to_numpy(float)
    says = [f"likely is {show(value)}" for value in likely]
    yield from uncertain.faults(
        low > likely, "low", "no more than likely", says.__getitem__
    )
    yield from uncertain.faults(
        high < likely, "high", "no less than likely", says.__getitem__
    )
    yield from uncertain.faults(
        high > most,
        "high",
        "a value that the figure can have",
        lambda i: f"at most {show(most[i])}",
    )


def _products(uncertain: Sheet, commodities: Sheet, demand: Sheet) -> Iterator[Fault]:
    """Only demand is of a product, of one that zones want."""
    frame, figures = uncertain.frame, uncertain.frame.figure.tolist()
    of = frame.of.tolist()
    stray = (frame.of != "") & (frame.figure != DEMAND)
    yield from uncertain.faults(
        stray, "of", "blank", lambda i: f"{figures[i]} is not of one product"
    )
    wanted = demand.frame.commodity.drop_duplicates().tolist()
    # one that does not exist at all is told as such (references.py)
    known = frame.of.isin(commodities.frame.commodity)
    unwanted = known & ~frame.of.isin(wanted) & (frame.figure == DEMAND)
    yield from uncertain.faults(
        unwanted, "of", "a product that zones want", lambda i: nearest(of[i], wanted)
    )
