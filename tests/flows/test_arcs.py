"""Arcs: which there are, and what each costs, by hand."""

import pandas as pd
import pytest

from dmopt.flows.arcs import candidate_arcs, cheapest
from dmopt.formulation.scope import Scope
from tests.line import TABLES, Row, Rows, changed, line


def arcs(settings: Row | None = None, **tables: Rows) -> pd.DataFrame:
    instance = line(settings, **tables)
    found = candidate_arcs(instance, Scope(instance))
    return found[cheapest(found)].reset_index(drop=True)


def cost(settings: Row | None = None, **tables: Rows) -> float:
    """Cost of a tonne from w to the east town, 10 km."""
    found = arcs(settings, **tables).set_index(["origin", "destination"])
    return found.cost["w", "east"]


def pairs(found: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(found.origin, found.destination, strict=True))


ALL = {("w", "west"), ("w", "east"), ("e", "west"), ("e", "east")}


def van(**cells: object) -> Rows:
    return changed("modes", **({"cost_per_tkm": 0} | cells))


def bread(**cells: object) -> Rows:
    return changed("commodities", **cells)


def test_every_site_may_serve_every_town():
    found = arcs()
    assert pairs(found) == ALL
    km = found.set_index(["origin", "destination"]).km.to_dict()
    assert km == {
        ("w", "west"): 0,
        ("w", "east"): 10,
        ("e", "west"): 10,
        ("e", "east"): 0,
    }
    assert set(found.origin_kind) == {"site"}
    assert set(found.destination_kind) == {"zone"}


def test_detours_lengthen_the_way():
    assert cost({"detour": 1.5}) == pytest.approx(0.1 * 15)


def test_tonne_km_cost_by_weight():
    # 0.5 t x 10 km x 0.1
    assert cost(commodities=bread(t_per_unit=0.5)) == pytest.approx(0.5)


def test_a_vehicle_is_full_by_weight():
    # 0.5 t of 2 t payload is 0.25 of a trip of 10 km at 3 a km
    full = van(cost_per_km=3, payload_t=2, drops_per_trip=100)
    assert cost(commodities=bread(t_per_unit=0.5), modes=full) == pytest.approx(7.5)


def test_or_by_its_stops():
    # 2 units a stop and 4 stops a trip: 1/8 of a trip, more than 0.1 t of 2 t
    busy = van(cost_per_km=3, payload_t=2, drops_per_trip=4)
    light = bread(t_per_unit=0.1, units_per_drop=2)
    assert cost(commodities=light, modes=busy) == pytest.approx(3.75)


def test_with_neither_limit_a_vehicle_km_costs_nothing_per_unit():
    assert cost(modes=van(cost_per_km=3)) == 0


def test_a_stop_is_shared_by_what_is_left_there():
    # 2 a stop, 5 units a stop
    assert cost(
        commodities=bread(units_per_drop=5), modes=van(cost_per_drop=2)
    ) == pytest.approx(0.4)


def test_emissions_have_their_price():
    # 0.5 t x 10 km x 0.2 + 10 km x 0.4 x 1/4 trip + 3/1 a stop = 1 + 1 + 3 = 5 kg,
    # at 200 a tonne: 1
    dirty = van(kg_per_tkm=0.2, kg_per_km=0.4, kg_per_drop=3, payload_t=2)
    priced = changed("periods", emission_price_per_t=200)
    half = bread(t_per_unit=0.5)
    assert cost(commodities=half, modes=dirty, periods=priced) == pytest.approx(1)


def test_lanes_and_modes_end_where_they_end():
    near = {("w", "west"), ("e", "east")}
    assert pairs(arcs(lanes=changed("lanes", max_km=9.99))) == near
    assert pairs(arcs(modes=van(max_km=9.99))) == near
    assert pairs(arcs(lanes=changed("lanes", max_km=10))) == ALL


def test_zones_are_served_in_time():
    # 10 km at 20 km/h and a quarter of an hour's handling: 0.75 h
    slow = van(handling_h=0.25)
    assert pairs(arcs(commodities=bread(max_delivery_h=0.75), modes=slow)) == ALL
    assert pairs(arcs(commodities=bread(max_delivery_h=0.74), modes=slow)) == {
        ("w", "west"),
        ("e", "east"),
    }


BIKE = {"mode": "bike", "speed_kmh": 10, "cost_per_km": 1, "cost_per_drop": 0.4}


def test_of_two_modes_the_cheaper_stays():
    # a tonne by van costs 0 over 0 km and 1 over 10 km, by bike 0.4 over both
    by_bike = TABLES["lanes"][0] | {"mode": "bike"}
    found = arcs(modes=[*TABLES["modes"], BIKE], lanes=[*TABLES["lanes"], by_bike])
    mode = dict(zip(found.km, found["mode"], strict=True))
    assert mode == {0: "van", 10: "bike"}
    assert len(found) == 4


def test_of_two_modes_that_cost_the_same_the_first_lane_stays():
    twin = TABLES["modes"][0] | {"mode": "twin"}
    by_twin = TABLES["lanes"][0] | {"mode": "twin"}
    found = arcs(modes=[twin, *TABLES["modes"]], lanes=[*TABLES["lanes"], by_twin])
    assert set(found["mode"]) == {"van"}


TWO_PERIODS = [
    {"period": "a", "start_year": 2030, "years": 5},
    {"period": "b", "start_year": 2035, "years": 5, "emission_price_per_t": 100},
]


def test_there_are_arcs_in_the_periods_with_demand():
    found = arcs(
        periods=TWO_PERIODS,
        demand=[
            {"zone": "west", "commodity": "bread", "quantity_per_yr": 60},
            {
                "zone": "east",
                "commodity": "bread",
                "period": "b",
                "quantity_per_yr": 40,
            },
        ],
    )
    to = found.groupby("period").destination.unique().map(set).to_dict()
    assert to == {"a": {"west"}, "b": {"west", "east"}}


MILL = {
    "suppliers": [{"supplier": "mill", "x": 20_000, "y": 0}],
    "lanes": [*TABLES["lanes"], TABLES["lanes"][0] | {"origin": "supplier"}],
}


def test_a_supplier_is_paid_its_price_and_its_emissions():
    found = arcs(
        periods=TWO_PERIODS,
        supplies=[
            {"supplier": "mill", "commodity": "bread", "price": 7, "emissions_kg": 30},
            {
                "supplier": "mill",
                "commodity": "bread",
                "period": "a",
                "price": 5,
                "emissions_kg": 30,
            },
        ],
        **MILL,
    )
    mill = found[found.origin == "mill"].set_index(["destination", "period"]).cost
    # east 10 km off, west 20: 0.1 a t-km; 5 in a, 7 + 30 kg x 0.1 in b
    assert mill.to_dict() == pytest.approx(
        {
            ("east", "a"): 6,
            ("west", "a"): 7,
            ("east", "b"): 11,
            ("west", "b"): 12,
        }
    )


def test_a_supplier_sells_only_in_its_periods():
    only_b = {"supplier": "mill", "commodity": "bread", "period": "b", "price": 7}
    found = arcs(periods=TWO_PERIODS, supplies=[only_b], **MILL)
    assert set(found[found.origin == "mill"].period) == {"b"}
    assert set(found[found.origin != "mill"].period) == {"a", "b"}


def test_excluded_sites_have_no_arcs():
    shut = changed("sites", "w", status="excluded")
    assert pairs(arcs(sites=shut)) == {("e", "west"), ("e", "east")}


def listed(*ways: tuple[str, str, float, float | None]) -> Rows:
    names = ("origin", "destination", "km", "minutes")
    return [dict(zip(names, way, strict=True)) for way in ways]


TABLE = {"distance": "table"}


def test_what_the_table_does_not_list_cannot_be_reached():
    ways = listed(("w", "west", 1, None), ("w", "east", 12, None))
    # detour is not for tables
    found = arcs(TABLE | {"detour": 2}, distances=ways)
    assert pairs(found) == {("w", "west"), ("w", "east")}
    assert sorted(found.km) == [1, 12]


def test_listed_minutes_count_and_blank_ones_follow_from_the_speed():
    # 12 km at 20 km/h is 0.6 h; 45 minutes are 0.75 h
    ways = listed(("w", "west", 1, 45), ("w", "east", 12, None), ("e", "east", 30, 30))
    found = arcs(TABLE, commodities=bread(max_delivery_h=0.6), distances=ways)
    assert pairs(found) == {("w", "east"), ("e", "east")}


def test_sites_send_to_sites_but_not_to_themselves():
    # dough is made at w and e, and bread of it at both
    found = arcs(
        commodities=[*TABLES["commodities"], {"commodity": "dough", "t_per_unit": 1}],
        technologies=[
            *TABLES["technologies"],
            {"technology": "mixer", "capacity_per_yr": 100},
        ],
        recipes=[*TABLES["recipes"], {"recipe": "mix", "technology": "mixer"}],
        recipe_items=[
            *TABLES["recipe_items"],
            {"recipe": "bake", "commodity": "dough", "quantity": -1},
            {"recipe": "mix", "commodity": "dough", "quantity": 1},
        ],
        lanes=[
            *TABLES["lanes"],
            TABLES["lanes"][0] | {"commodity": "dough", "destination": "site"},
        ],
    )
    dough = found[found.commodity == "dough"]
    assert pairs(dough) == {("w", "e"), ("e", "w")}
    assert set(dough.destination_kind) == {"site"}


def test_every_arc_has_its_own_trips_also_where_others_are_left_out():
    # 10 km at 20 km/h is half an hour: only the own town is in time. One trip takes 4 t
    found = arcs(
        commodities=bread(max_delivery_h=0.2, unmet_price=1), modes=van(payload_t=4)
    )
    assert pairs(found) == {("w", "west"), ("e", "east")}
    assert found.trips.tolist() == [0.25, 0.25]


def test_modes_that_a_rule_tells_apart_both_stay():
    bike = {"mode": "bike", "cost_per_tkm": 9, "speed_kmh": 15}
    lanes = [TABLES["lanes"][0], TABLES["lanes"][0] | {"mode": "bike"}]
    instance = line(modes=[*TABLES["modes"], bike], lanes=lanes)
    found = candidate_arcs(instance, Scope(instance))
    assert len(found) == 8
    assert cheapest(found).sum() == 4
    assert cheapest(found, [(found["mode"] == "bike").to_numpy()]).sum() == 8
