"""Figures that are not known: their ranges (`uncertain`), and worlds (`worlds`,
`world_changes`) in which they have a value each."""

from collections.abc import Iterator

import numpy as np

from dmopt.data.rows import Sheet, nearest, show
from dmopt.data.tables.words import FIGURES
from dmopt.errors import Fault

DEMAND = "demand"
AVAILABILITY = "availability"
MOST: dict[str, float] = dict.fromkeys(FIGURES, 10.0) | {
    "emission_price": 10_000.0,
    AVAILABILITY: 1.0,
}
"""Greatest value of each figure: times today, money per t CO2e, share."""
KINDS = {"labour": "labour", "energy_price": "energy"}
"""Figures that are of one kind of service."""
PROBABLE = 1e-6
"""How far probabilities may be from adding up to 1."""


def uncertain_faults(
    uncertain: Sheet,
    services: Sheet,
    supplies: Sheet,
    commodities: Sheet,
    demand: Sheet,
) -> Iterator[Fault]:
    """Ranges that are none, and figures of which the instance has nothing."""
    yield from _ranges(uncertain)
    yield from _figures(uncertain, services, supplies, commodities, demand)


def world_changes_faults(
    changes: Sheet,
    services: Sheet,
    supplies: Sheet,
    commodities: Sheet,
    demand: Sheet,
) -> Iterator[Fault]:
    """Values that a figure cannot have, and figures that there are not."""
    yield from _no_more(changes, "value")
    nobody = (changes.frame.figure == DEMAND) & (changes.frame.value == 0)
    yield from changes.faults(
        nobody, "value", "more than 0, as in a world someone wants it", "0.001, say"
    )
    yield from _figures(changes, services, supplies, commodities, demand)


def worlds_faults(worlds: Sheet) -> Iterator[Fault]:
    """Probabilities that do not add up to 1."""
    total = float(worlds.frame.probability.sum())
    if abs(total - 1) > PROBABLE:
        yield from worlds.faults(
            np.arange(len(worlds.frame)) == 0,
            "probability",
            "probabilities that add up to 1",
            lambda i: f"they add up to {show(total)}",
        )


def _figures(
    given: Sheet, services: Sheet, supplies: Sheet, commodities: Sheet, demand: Sheet
) -> Iterator[Fault]:
    """Figures of which the instance has nothing."""
    yield from _products(given, commodities, demand)
    yield from _sites(given)
    figure = given.frame.figure
    for name, kind in KINDS.items():
        if not (services.frame.kind == kind).any():
            expected = f"a figure of the instance: it has no service of kind {kind}"
            yield from given.faults(figure == name, "figure", expected)
    if not len(supplies.frame):
        expected = "a figure of the instance: it has no supplies"
        yield from given.faults(figure == "input_price", "figure", expected)


def _ranges(uncertain: Sheet) -> Iterator[Fault]:
    """0 <= low <= likely <= high <= most."""
    frame = uncertain.frame
    low, likely, high = (frame[name].to_numpy() for name in ("low", "likely", "high"))
    says = [f"likely is {show(value)}" for value in likely]
    yield from uncertain.faults(
        low > likely, "low", "no more than likely", says.__getitem__
    )
    yield from uncertain.faults(
        high < likely, "high", "no less than likely", says.__getitem__
    )
    yield from _no_more(uncertain, "high")


def _no_more(given: Sheet, column: str) -> Iterator[Fault]:
    """Values of a column above what their figures can have."""
    most = given.frame.figure.map(MOST).to_numpy(float)
    yield from given.faults(
        given.frame[column].to_numpy() > most,
        column,
        "a value that the figure can have",
        lambda i: f"at most {show(most[i])}",
    )


def _sites(given: Sheet) -> Iterator[Fault]:
    """Only availability is of a site, and always of one."""
    frame, figures = given.frame, given.frame.figure.tolist()
    of_site = frame.figure == AVAILABILITY
    yield from given.faults(of_site & (frame.site == ""), "site", "the site it is of")
    yield from given.faults(
        ~of_site & (frame.site != ""),
        "site",
        "blank",
        lambda i: f"{figures[i]} is not of one site",
    )


def _products(given: Sheet, commodities: Sheet, demand: Sheet) -> Iterator[Fault]:
    """Only demand is of a product, of one that zones want."""
    frame, figures = given.frame, given.frame.figure.tolist()
    of = frame.of.tolist()
    stray = (frame.of != "") & (frame.figure != DEMAND)
    yield from given.faults(
        stray, "of", "blank", lambda i: f"{figures[i]} is not of one product"
    )
    wanted = demand.frame.commodity.drop_duplicates().tolist()
    # one that does not exist at all is told as such (references.py)
    known = frame.of.isin(commodities.frame.commodity)
    unwanted = known & ~frame.of.isin(wanted) & (frame.figure == DEMAND)
    yield from given.faults(
        unwanted, "of", "a product that zones want", lambda i: nearest(of[i], wanted)
    )
