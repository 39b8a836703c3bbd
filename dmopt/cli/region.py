"""The command region: an instance of the user's own region, in minutes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmopt.cli.codes import OK
from dmopt.cli.instances import refuse_existing
from dmopt.cli.speech import aside, count, show_list, tell

if TYPE_CHECKING:
    from dmopt.regions.build import Region

OWN, PLACE, MADE, LISTS = "Own zones", "A place", "What is made", "Lists"
ONLY_ZONES = ("layer", "name", "district", "deprivation", "zones_crs")
ONLY_PLACE = ("country", "radius_km", "zone_km", "modelled")
RADIUS_KM = 20.0


def _list_sectors(wanted: bool) -> None:
    if wanted:
        from dmopt.regions.library import sectors

        for each in sectors():
            tell(f"{each.id:<10} {each.name}: {each.description}")
        raise typer.Exit(OK)


def _list_places(text: str | None) -> None:
    if text is not None:
        from dmopt.regions.places import places_like

        found = places_like(text)
        tell(*[str(place) for place in found] or [f"no place is called like {text!r}"])
        raise typer.Exit(OK)


def _option(help: str, panel: str, metavar: str, *names: str) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, metavar=metavar)


def region(
    zones: Annotated[
        Path | None,
        _option("file of zones: .gpkg, .shp, .geojson ...", OWN, "FILE"),
    ] = None,
    population: Annotated[
        str | None,
        _option(
            "with --zones: the column that counts people; with --place: how many "
            "people in all",
            OWN,
            "COLUMN|N",
        ),
    ] = None,
    layer: Annotated[
        str | None, _option("layer of the file, if it has several", OWN, "NAME")
    ] = None,
    name: Annotated[
        str | None, _option("column with names of the zones", OWN, "COLUMN")
    ] = None,
    district: Annotated[
        str | None, _option("column with districts", OWN, "COLUMN")
    ] = None,
    deprivation: Annotated[
        str | None,
        _option("column with deciles, 1 most deprived .. 10", OWN, "COLUMN"),
    ] = None,
    zones_crs: Annotated[
        str | None, _option("CRS of a file that names none", OWN, "EPSG:N")
    ] = None,
    place: Annotated[
        str | None, _option("a city, town or village, or its id", PLACE, "NAME")
    ] = None,
    country: Annotated[
        str | None, _option("its country: code or name", PLACE, "CODE")
    ] = None,
    radius_km: Annotated[
        float | None,
        _option(f"how far the region goes  (else {RADIUS_KM:g})", PLACE, "KM"),
    ] = None,
    zone_km: Annotated[
        float | None,
        _option("width of zones  (else about 250 zones)", PLACE, "KM"),
    ] = None,
    modelled: Annotated[
        bool,
        typer.Option(
            "--modelled",
            help="model the people in England and Wales too, as elsewhere",
            rich_help_panel=PLACE,
        ),
    ] = False,
    sector: Annotated[
        str, _option("sectors of the library, joined by commas", MADE, "ID,ID")
    ] = "bread",
    sites: Annotated[
        Path | None, _option("own list of sites: .csv, .xlsx, points", MADE, "FILE")
    ] = None,
    site_count: Annotated[
        int | None, _option("sites chosen by rule  (else 10 to 40)", MADE, "N")
    ] = None,
    rates: Annotated[
        Path | None, _option("own demand a head: .csv, .xlsx", MADE, "FILE")
    ] = None,
    roads: Annotated[
        Path | None,
        _option("roads: edge table .csv, .graphml, .osm.pbf", MADE, "FILE"),
    ] = None,
    road_nodes: Annotated[
        Path | None, _option("nodes of an edge table: node, lon, lat", MADE, "FILE")
    ] = None,
    crs: Annotated[
        str | None, _option("CRS of the instance, in metres", MADE, "EPSG:N")
    ] = None,
    currency: Annotated[
        str, _option("currency; needs --exchange-rate", MADE, "CODE")
    ] = "GBP",
    exchange_rate: Annotated[
        float | None, _option("its units per pound sterling", MADE, "N")
    ] = None,
    title: Annotated[str, _option("name of the instance", MADE, "TEXT")] = "",
    out: Annotated[
        Path | None,
        _option("what to write: folder, .xlsx or .gpkg  (else named)", MADE, "OUT"),
    ] = None,
    list_sectors: Annotated[
        bool,
        typer.Option(
            "--list-sectors",
            callback=_list_sectors,
            is_eager=True,
            help="sectors of the library",
            rich_help_panel=LISTS,
        ),
    ] = False,
    list_places: Annotated[
        str | None,
        typer.Option(
            "--list-places",
            callback=_list_places,
            is_eager=True,
            metavar="TEXT",
            help="places whose name holds a text, or looks like it",
            rich_help_panel=LISTS,
        ),
    ] = None,
) -> None:
    """Make an instance of your own region: from your zones, or around any place.

    \b
    Examples:
      dmopt region --place Leeds --country GB --radius-km 15 --out leeds
      dmopt region --zones wards.gpkg --population residents --out ours
      dmopt region --place Nairobi --sector bread,parts --out nairobi.xlsx
      dmopt region --list-places Newcastle

    Sites, catalogues and demand are starting points, marked as modelled or assumed.
    """
    target = out or _named_after(place, zones)
    given = {
        "layer": layer,
        "name": name,
        "district": district,
        "deprivation": deprivation,
        "zones_crs": zones_crs,
        "country": country,
        "radius_km": radius_km,
        "zone_km": zone_km,
        "modelled": modelled or None,
    }
    _one_source(place, zones, given)
    refuse_existing(target)

    from dmopt.data.write import write_instance
    from dmopt.regions.build import Wishes
    from dmopt.regions.region import region_of_place, region_of_zones

    wishes = Wishes(
        sectors=sector.split(","),
        sites=sites,
        site_count=site_count,
        rates=rates,
        roads=roads,
        road_nodes=road_nodes,
        currency=currency.strip().upper(),
        exchange_rate=exchange_rate,
        name=title,
    )
    if zones is not None:
        made = region_of_zones(
            zones,
            population or "",
            name=name or "",
            layer=layer or "",
            district=district or "",
            deprivation=deprivation or "",
            crs=crs or "",
            zones_crs=zones_crs or "",
            wishes=wishes,
        )
    else:
        made = region_of_place(
            place or "",
            country or "",
            RADIUS_KM if radius_km is None else radius_km,
            population=None if population is None else _people(population),
            zone_km=zone_km,
            modelled=modelled,
            crs=crs or "",
            wishes=wishes,
        )
    write_instance(made.instance, target)
    _report(made, target)


def _named_after(place: str | None, zones: Path | None) -> Path:
    from dmopt.data.names import slug

    return Path(slug(place or (zones.stem if zones else "")))


def _one_source(place: str | None, zones: Path | None, given: dict[str, Any]) -> None:
    """Raises a usage error unless there is one source, with options that fit it."""
    if (place is None) == (zones is None):
        raise typer.BadParameter(
            "give one of --place NAME and --zones FILE (see dmopt region --help)"
        )
    other, options = ("--zones", ONLY_ZONES) if place else ("--place", ONLY_PLACE)
    wrong = [f"--{key.replace('_', '-')}" for key in options if given[key] is not None]
    if wrong:
        raise typer.BadParameter(f"{', '.join(wrong)} can be used with {other} only")


def _people(text: str) -> int:
    """A number of people from "795,000", "795_000", "795 000"."""
    bare = text.replace(",", "").replace("_", "").replace(" ", "")
    if not bare.isdigit() or int(bare) < 1:
        raise typer.BadParameter(
            f"{text!r} is not a number of people; with --place, --population says how "
            "many live there in all"
        )
    return int(bare)


def _report(made: "Region", target: Path) -> None:
    """What was made, how, what to edit, and what to do next."""
    from dmopt.cli.instances import contents, warn_of_figures
    from dmopt.regions.distances import lost_in_words

    tell(f"{made.instance.name}", f"  {contents(made.instance)}")
    for topic, sentences in made.how.items():
        tell(f"  {topic}")
        for each in sentences:
            tell(f"    - {each}")
    if len(made.unreachable):
        console = aside()
        lost = count(len(made.unreachable), "pair")
        console.print(f"{lost} not reachable, so left out:", style="yellow")
        show_list(console, lost_in_words(made.unreachable))
    warn_of_figures(made.instance)
    tell(
        "  to edit first: sites (real addresses), demand (local rates), the plant "
        "outside that serves you, prices in services",
        f"written: {target}",
        f"next:    dmopt solve {target} --gap 1% --time-limit 60",
    )
