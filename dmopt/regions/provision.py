"""What sites have, where infrastructure may be built, and what stands outside."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.data.names import slug
from dmopt.regions.library import SUPPOSED, Catalogue
from dmopt.regions.zones import Zones

PEOPLE = 1_000_000
"""Outside plants and their contracts in the library are for a region of this size;
for a larger one there are as many more."""


def site_services(sites: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Rows of `site_services` for sites in the region: as their class has it."""
    rows = catalogue["class_services"]
    table = sites[["site", "class"]].merge(rows, on="class")
    return table.drop(columns="class")


def outside_sites(catalogue: Catalogue, zones: Zones, detour: float) -> pd.DataFrame:
    """Rows of `sites` for the plants outside: no real places, at the library's road km
    and bearing from the middle of the region's people, away from the equator."""
    table = _placed(catalogue["outside"], zones, detour)
    return table.assign(
        district="",
        in_region="no",
        status="candidate",
        life_yr="15",
        source=[
            "modelled plant in no real place, "
            f"{km} km by road from the middle of the region; paid by contract blocks"
            for km in table["road_km"]
        ],
        confidence=SUPPOSED,
        note="put the plant that really serves you here",
    ).drop(columns=["road_km", "bearing_deg"])


def suppliers(catalogue: Catalogue, zones: Zones, detour: float) -> pd.DataFrame:
    """The table `suppliers`, placed as the plants outside."""
    table = _placed(catalogue["suppliers"], zones, detour)
    reach = np.hypot(*(zones.xy_km - zones.centre / 1000).T).max()
    inside = table["road_km"].astype(float) / detour <= reach
    return table.assign(
        in_region=np.where(inside, "yes", "no"),
        source=[
            f"modelled place, {km} km by road from the middle of the region"
            for km in table["road_km"]
        ],
        confidence=SUPPOSED,
    ).drop(columns=["road_km", "bearing_deg"])


def _placed(cells: pd.DataFrame, zones: Zones, detour: float) -> pd.DataFrame:
    """Cells with x, y. Bearings are from the pole's side, so that a place far to the
    north or south stays in its strip of a map grid."""
    from pyproj import Transformer

    x, y = zones.centre
    to_degrees = Transformer.from_crs(zones.crs, "EPSG:4326", always_xy=True)
    poleward = 1 if to_degrees.transform(x, y)[1] >= 0 else -1
    turn = np.radians(cells["bearing_deg"].astype(float).to_numpy())
    away = cells["road_km"].astype(float).to_numpy() / detour * 1000
    return cells.assign(
        x=(x + away * np.sin(turn)).round(),
        y=(y + poleward * away * np.cos(turn)).round(),
    )


def outside_services(catalogue: Catalogue, people: float) -> pd.DataFrame:
    """Rows of `site_services` for the plants outside: what contracts could use."""
    table = catalogue["outside_services"].copy()
    more = max(1.0, people / PEOPLE)
    table["base"] = [f"{float(base) * more:.6g}" for base in table["base"]]
    return table


def placeable(catalogue: Catalogue, classes: set[str]) -> tuple[Catalogue, list[str]]:
    """The catalogue without machines that no class of site can hold, and the names of
    those left out. classes: of the sites that there are, outside plants included."""
    machines = catalogue["technologies"].copy()
    machines["site_classes"] = [
        ";".join(c for c in text.split(";") if c in classes)
        for text in machines["site_classes"]
    ]
    gone = machines[machines["site_classes"] == ""]
    kept = machines.drop(index=gone.index).reset_index(drop=True)
    recipes = catalogue["recipes"]
    recipes = recipes[recipes["technology"].isin(kept["technology"])]
    tables = catalogue.tables | {"technologies": kept, "recipes": recipes}
    for name, column, left in (
        ("technology_needs", "technology", kept["technology"]),
        ("recipe_items", "recipe", recipes["recipe"]),
        ("recipe_needs", "recipe", recipes["recipe"]),
    ):
        tables[name] = tables[name][tables[name][column].isin(left)]
    return Catalogue(catalogue.sectors, tables), gone["name"].tolist()


def technologies(catalogue: Catalogue, people: float) -> pd.DataFrame:
    """The table `technologies`; of contract blocks as many as the people could need."""
    table = catalogue["technologies"].copy()
    outside = table["site_classes"].isin(catalogue["outside"]["class"])
    more = max(1.0, people / PEOPLE)
    table["max_modules"] = [
        str(int(np.ceil(int(most) * more))) if far else most
        for most, far in zip(table["max_modules"], outside, strict=True)
    ]
    return table


def locations(sites: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """The table `locations`: at every site of some classes, at one of each district, or
    at one of the region. Where no site is of these classes, the first of all stands in.

    sites: those in the region that are not excluded."""
    rows = []
    for place in catalogue["locations"].to_dict("records"):
        for site, district in _spots(sites, place["where"], place["classes"]):
            rows.append(
                {
                    "infrastructure": place["infrastructure"],
                    "location": slug(district) if district else site,
                    "site": site,
                    "district": district,
                    "max_steps": place["max_steps"],
                    "source": "modelled: at or beside the site named",
                    "confidence": SUPPOSED,
                }
            )
    return pd.DataFrame(rows)


def _spots(sites: pd.DataFrame, where: str, classes: str) -> Iterator[tuple[str, str]]:
    fit = sites[sites["class"].isin(classes.split(";"))] if classes else sites
    if where == "every":
        yield from ((str(site), "") for site in fit["site"])
        return
    first = pd.concat([fit, sites]).drop_duplicates("site")
    if where == "one":
        yield str(first["site"].iloc[0]), ""
        return
    for district, part in first.groupby("district", sort=True):
        yield str(part["site"].iloc[0]), str(district)
