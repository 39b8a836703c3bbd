"""What cells must mean together: one function for each part of the schema.

Each yields faults in typed tables whose own cells are sound, so that one mistake
is told once.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from dmopt.data.instance import Settings
from dmopt.data.rows import Rows, Sheet, nearest, show
from dmopt.data.tables.words import TRAITS
from dmopt.data.uncertain import (
    uncertain_faults,
    world_changes_faults,
    worlds_faults,
)
from dmopt.errors import Fault

Sheets = Mapping[str, Sheet]


def consistency_faults(settings: Settings | None, sheets: Sheets) -> list[Fault]:
    """Faults between columns and tables.

    settings: None where they are faulty. sheets: the tables without faulty cells.
    """
    faults: list[Fault] = []
    for check, needed in _CHECKS:
        if all(name in sheets for name in needed) and len(sheets[needed[0]].frame):
            faults += check(*(sheets[name] for name in needed))
    if settings is not None:
        faults += _settings_faults(settings, sheets)
    return faults


def _settings_faults(settings: Settings, sheets: Sheets) -> Iterator[Fault]:
    if "periods" in sheets and settings.decision_year is not None:
        first = sheets["periods"].frame.start_year.iloc[0]
        if settings.decision_year > first:
            expected = f"decision_year {settings.decision_year:g} or later in settings"
            yield from sheets["periods"].rows.faults(
                [True], "start_year", [first], expected
            )
    if settings.distance == "table" and "distances" in sheets:
        sheet = sheets["distances"]
        if not len(sheet.frame):
            yield Fault(
                sheet.rows.place,
                None,
                "",
                "no row",
                "distances between places",
                "since distance = table in settings",
            )


def _periods(periods: Sheet) -> Iterator[Fault]:
    """Periods follow one another and do not overlap."""
    start = periods.frame.start_year.to_numpy(float)
    end = start + periods.frame.years.to_numpy()
    early = np.zeros(len(start), bool)
    early[1:] = start[1:] < end[:-1]
    yield from periods.faults(
        early,
        "start_year",
        "a year after the period before it has ended",
        lambda i: f"it ends with {end[i - 1]:g}",
    )


def _traits(commodities: Sheet) -> Iterator[Fault]:
    """Traits are known words, each wrong one told."""
    unknown = [
        (row, word)
        for row, text in enumerate(commodities.frame.traits)
        for word in map(str.strip, text.split(";"))
        if word and word not in TRAITS
    ]
    words = [word for _, word in unknown]
    numbers = commodities.rows.numbers[[row for row, _ in unknown]]
    yield from Rows(commodities.rows.place, numbers).faults(
        [True] * len(words),
        "traits",
        words,
        f"traits out of {', '.join(TRAITS)}, separated by ';'",
        lambda i: nearest(words[i], TRAITS),
    )


def _sites(sites: Sheet) -> Iterator[Fault]:
    early = (sites.frame.opens != "") & (sites.frame.status != "committed")
    yield from sites.faults(early, "opens", "blank, as the site is not committed")


def _site_classes(technologies: Sheet, sites: Sheet) -> Iterator[Fault]:
    known = sorted(set(sites.frame["class"]) - {""})
    unknown: list[str] = []
    for text in technologies.frame.site_classes:
        names = [name.strip() for name in text.split(";") if name.strip()]
        unknown.append(next((name for name in names if name not in known), ""))
    yield from technologies.rows.faults(
        [bool(name) for name in unknown],
        "site_classes",
        unknown,
        "classes that sites have, separated by ';'",
        lambda i: nearest(unknown[i], known) or f"they have {', '.join(known[:10])}",
    )


def _recipes(technologies: Sheet, recipes: Sheet, items: Sheet) -> Iterator[Fault]:
    """A technology does something, and a recipe makes something."""
    idle = ~technologies.frame.technology.isin(recipes.frame.technology)
    yield from technologies.faults(
        idle, "technology", "at least one recipe that it runs"
    )
    making = items.frame.recipe[items.frame.quantity > 0]
    barren = ~recipes.frame.recipe.isin(making)
    yield from recipes.faults(
        barren,
        "recipe",
        "at least one output",
        "a row in recipe_items with quantity > 0",
    )


def _items(items: Sheet) -> Iterator[Fault]:
    nothing = items.frame.quantity == 0
    yield from items.faults(nothing, "quantity", "a quantity that is not 0")


def _standing(standing: Sheet, sites: Sheet) -> Iterator[Fault]:
    status = _look_up(standing.frame.site, sites, "site", "status")
    free = status.notna() & ~status.isin(("existing", "committed"))
    yield from standing.faults(
        free,
        "site",
        "an existing or committed site",
        lambda i: f"it is {status.iloc[i]}",
    )


def _infrastructure(infrastructure: Sheet) -> Iterator[Fault]:
    frame = infrastructure.frame
    blank = (frame.reach == "radius") & frame.radius_km.isna()
    yield from infrastructure.faults(blank, "radius_km", "a number, as reach is radius")


def _locations(
    locations: Sheet, infrastructure: Sheet, sites: Sheet
) -> Iterator[Fault]:
    """A location says what the reach of its infrastructure is measured from."""
    frame = locations.frame
    reach = _look_up(frame.infrastructure, infrastructure, "infrastructure", "reach")
    no_site = frame.site == ""
    district = _look_up(frame.site, sites, "site", "district").fillna("")
    half = frame.x.isna() != frame.y.isna()
    yield from locations.rows.faults(
        half, "x, y", list(zip(frame.x, frame.y, strict=True)), "both or neither"
    )
    nowhere = (reach == "radius") & no_site & frame.x.isna() & frame.y.isna()
    yield from locations.faults(nowhere, "x", "x and y or a site, as reach is radius")
    yield from locations.faults(
        (reach == "site") & no_site, "site", "a site, as reach is site"
    )
    stray = (reach == "district") & (frame.district == "") & (district == "")
    yield from locations.faults(
        stray, "district", "a district or a site that has one, as reach is district"
    )


def _areas(areas: Sheet) -> Iterator[Fault]:
    """An area is somewhere: it has an outline, a point, or both."""
    frame = areas.frame
    half = frame.x.isna() != frame.y.isna()
    yield from areas.rows.faults(
        half, "x, y", list(zip(frame.x, frame.y, strict=True)), "both or neither"
    )
    nowhere = frame.geometry.isna() & frame.x.isna() & frame.y.isna()
    yield from areas.faults(nowhere, "geometry", "an outline, or a point x, y")


def _distances(distances: Sheet, *places: Sheet) -> Iterator[Fault]:
    """Distances run from sites, suppliers and, where things come back, zones to sites
    and zones."""
    *keyed, returns = places
    zones, sites, suppliers = (sheet.frame.iloc[:, 0].tolist() for sheet in keyed)
    known, tables = sites + suppliers, "sites or suppliers"
    if len(returns.frame):
        known, tables = known + zones, "sites, suppliers or zones"
    yield from _unlisted(distances, "origin", known, tables)
    yield from _unlisted(distances, "destination", sites + zones, "sites or zones")


def _unlisted(
    sheet: Sheet, column: str, known: list[str], tables: str
) -> Iterator[Fault]:
    cells = sheet.frame[column].tolist()
    yield from sheet.faults(
        ~sheet.frame[column].isin(known),
        column,
        f"a name from {tables}",
        lambda i: nearest(cells[i], known),
    )


def _prerequisites(prerequisites: Sheet) -> Iterator[Fault]:
    """No infrastructure may need itself first, however far round."""
    needs: dict[str, set[str]] = {}
    frame = prerequisites.frame
    pairs = list(zip(frame.infrastructure, frame.requires, strict=True))
    for infrastructure, required in pairs:
        needs.setdefault(infrastructure, set()).add(required)
    circle = [
        infrastructure in _all_needed(required, needs)
        for infrastructure, required in pairs
    ]
    yield from prerequisites.faults(
        circle,
        "requires",
        "no circle of prerequisites",
        lambda i: f"{show(pairs[i][1])} needs {show(pairs[i][0])} itself",
    )


def _all_needed(first: str, needs: Mapping[str, set[str]]) -> set[str]:
    """`first` and all that it needs, directly or not."""
    found, ahead = {first}, [first]
    while ahead:
        new = needs.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def _look_up(names: pd.Series, sheet: Sheet, key: str, column: str) -> pd.Series:
    """Cells of `column` in the rows named; NaN where there is no such row."""
    table = sheet.frame.drop_duplicates(key).set_index(key)[column]
    return names.map(table)


def _stocks(stocks: Sheet, periods: Sheet) -> Iterator[Fault]:
    """Ages are counted in whole periods, and there is a later one."""
    shelf = stocks.frame.shelf_periods
    yield from stocks.faults(
        shelf.notna() & (shelf % 1 != 0), "shelf_periods", "a whole number"
    )
    alone = np.full(len(shelf), len(periods.frame) < 2)
    yield from stocks.faults(
        alone, "commodity", "two periods or more in periods", "stock is for a later one"
    )


def _returns(
    returns: Sheet, demand: Sheet, lanes: Sheet, periods: Sheet
) -> Iterator[Fault]:
    """What comes back was wanted, in time, and some lane takes it from zones."""
    frame, wanted = returns.frame, demand.frame.commodity
    yield from returns.faults(
        ~frame.commodity.isin(wanted), "commodity", "a product that zones want"
    )
    last = len(periods.frame) - 1
    yield from returns.faults(
        frame.lag_periods > last, "lag_periods", f"at most {last}, as periods end then"
    )
    collected = lanes.frame.commodity[lanes.frame.origin == "zone"]
    yield from returns.faults(
        ~frame.returns_as.isin(collected),
        "returns_as",
        "a commodity with a lane from zone to site",
    )


def _from_zones(lanes: Sheet, returns: Sheet) -> Iterator[Fault]:
    """From zones goes only what came back, and only to sites."""
    frame = lanes.frame
    from_zone = frame.origin == "zone"
    yield from lanes.faults(
        from_zone & (frame.destination == "zone"), "destination", "site, from a zone"
    )
    yield from lanes.faults(
        from_zone & ~frame.commodity.isin(returns.frame.returns_as),
        "commodity",
        "a commodity that comes back",
        "one in returns_as of returns",
    )


def _disposals(disposals: Sheet, commodities: Sheet, returns: Sheet) -> Iterator[Fault]:
    """There is something to get rid of."""
    goods = commodities.frame
    can = set(goods.commodity[goods.disposal_cost.notna()])
    back = set(returns.frame.returns_as)
    frame = disposals.frame
    yield from disposals.faults(
        ~frame.commodity.isin(can | back),
        "commodity",
        "a commodity with a disposal_cost, or one that comes back",
    )
    yield from disposals.faults(
        (frame.zone_cost > 0) & ~frame.commodity.isin(back),
        "zone_cost",
        "blank or 0, as it does not come back to zones",
    )


def _module_prices(prices: Sheet, technologies: Sheet) -> Iterator[Fault]:
    """A price is no higher than the one before."""
    frame = prices.frame
    first = _look_up(frame.technology, technologies, "technology", "capital_cost")
    ordered = frame.sort_values("bought", kind="stable")
    before = ordered.groupby("technology").capital_cost.shift().reindex(frame.index)
    before = before.fillna(first)
    yield from prices.faults(
        frame.capital_cost > before,
        "capital_cost",
        "no more than the price before",
        lambda i: f"it is {before.iloc[i]:g}",
    )


def _promises(promises: Sheet, locations: Sheet) -> Iterator[Fault]:
    """A promise is about a site, modules at a site, or steps at a location."""
    frame = promises.frame
    site, technology, infrastructure, location = (
        (frame[name] != "").to_numpy(bool)
        for name in ("site", "technology", "infrastructure", "location")
    )
    of_site = site & ~infrastructure & ~location
    of_place = infrastructure & location & ~site & ~technology
    names = ["site", "technology", "infrastructure", "location"]
    yield from promises.rows.faults(
        ~of_site & ~of_place,
        ", ".join(names),
        list(frame[names].itertuples(index=False, name=None)),
        "a site, a site and a technology, or infrastructure and location",
    )
    places = locations.frame[["infrastructure", "location"]]
    known = set(places.itertuples(index=False, name=None))
    at = list(frame[names[2:]].itertuples(index=False, name=None))
    yield from promises.faults(
        of_place & np.array([place not in known for place in at], bool),
        "location",
        "a location of this infrastructure",
    )
    alone = of_site & ~technology
    yield from promises.faults(
        alone & (frame["count"] > 1), "count", "0 or 1, as a site is open or shut"
    )
    yield from promises.faults(
        alone & frame.change_cost.notna(), "change_cost", "blank, as a site is firm"
    )


_CHECKS: tuple[tuple[Callable[..., Iterator[Fault]], tuple[str, ...]], ...] = (
    (_periods, ("periods",)),
    (_traits, ("commodities",)),
    (_sites, ("sites",)),
    (_site_classes, ("technologies", "sites")),
    (_recipes, ("technologies", "recipes", "recipe_items")),
    (_items, ("recipe_items",)),
    (_standing, ("standing_modules", "sites")),
    (_infrastructure, ("infrastructure",)),
    (_locations, ("locations", "infrastructure", "sites")),
    (_areas, ("areas",)),
    (_distances, ("distances", "zones", "sites", "suppliers", "returns")),
    (_prerequisites, ("prerequisites",)),
    (_stocks, ("stocks", "periods")),
    (_returns, ("returns", "demand", "lanes", "periods")),
    (_from_zones, ("lanes", "returns")),
    (_module_prices, ("module_prices", "technologies")),
    (_promises, ("promises", "locations")),
    (_disposals, ("disposals", "commodities", "returns")),
    (
        uncertain_faults,
        ("uncertain", "services", "supplies", "commodities", "demand"),
    ),
    (worlds_faults, ("worlds",)),
    (
        world_changes_faults,
        ("world_changes", "services", "supplies", "commodities", "demand"),
    ),
)
"""Each check with the tables it looks at, first the one that it is about: where that
is empty, nothing is wrong with it."""
