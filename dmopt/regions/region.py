"""A region from the name of a place, or from zones of one's own."""

from pathlib import Path

from dmopt.data.raw import one_fault
from dmopt.regions.build import Region, Source, Wishes, build
from dmopt.regions.modelled import modelled_zones
from dmopt.regions.own_zones import Columns, own_zones
from dmopt.regions.places import country_name, find_place
from dmopt.regions.small_areas import small_area_zones, small_areas_near

MOST_KM = 150.0
LEAST_KM = 1.0
SPARE_KM = 30.0
"""Coordinates go this far beyond the radius, across: plants outside, outlines."""


def region_of_place(
    place: str,
    country: str = "",
    radius_km: float = 20.0,
    *,
    population: int | None = None,
    zone_km: float | None = None,
    modelled: bool = False,
    crs: str = "",
    wishes: Wishes | None = None,
) -> Region:
    """A region around any place in the world with 1,000 people or more.

    place: name, or GeoNames id. country: code or name, where a name is not enough.
    population: people in all; None: as small areas or GeoNames have it.
    zone_km: width of zones. In England and Wales zones are middle-layer areas unless
    modelled: True; elsewhere hexagons with modelled people. crs: "" picks one.
    Needs the extra `regions`. Raises InstanceError with what is wrong.
    """
    wishes = wishes or Wishes()
    _check(radius_km, population, zone_km)
    found = find_place(place, country)
    areas = None if modelled or crs else small_areas_near(found, radius_km)
    if areas is not None:
        zones = small_area_zones(areas, found, width_km=zone_km, population=population)
    else:
        zones = modelled_zones(
            found,
            radius_km,
            width_km=zone_km,
            population=population,
            crs=crs,
            reach_km=radius_km + SPARE_KM,
        )
    title = f"{found.name}, {country_name(found.country)}, {radius_km:g} km around"
    return build(zones, _named(wishes, title))


def region_of_zones(
    path: str | Path,
    population: str,
    *,
    name: str = "",
    layer: str = "",
    district: str = "",
    deprivation: str = "",
    crs: str = "",
    zones_crs: str = "",
    wishes: Wishes | None = None,
) -> Region:
    """A region from a file of zones: polygons or points, whatever GDAL reads.

    population, name, district, deprivation: columns of the file. crs: CRS wanted;
    "" keeps the file's if in metres, else picks one. zones_crs: CRS of a file that
    names none. Raises InstanceError with every fault.
    """
    wishes = wishes or Wishes()
    columns = Columns(population, name, district, deprivation)
    zones = own_zones(path, columns, layer=layer, crs=crs, file_crs=zones_crs)
    return build(zones, _named(wishes, Path(path).stem))


def _named(wishes: Wishes, title: str) -> Wishes:
    from dataclasses import replace

    return wishes if wishes.name else replace(wishes, name=title)


def _check(radius_km: float, population: int | None, zone_km: float | None) -> None:
    if not LEAST_KM <= radius_km <= MOST_KM:
        expected = f"a radius from {LEAST_KM:g} to {MOST_KM:g} km"
        raise one_fault("--radius-km", expected, f"{radius_km:g}")
    if population is not None and population < 1:
        raise one_fault("--population", "at least one person", str(population))
    if zone_km is not None and not 0.2 <= zone_km <= radius_km:
        expected = "a width of zones from 0.2 km to the radius"
        raise one_fault("--zone-km", expected, f"{zone_km:g}")


__all__ = ["Region", "Source", "Wishes", "region_of_place", "region_of_zones"]
