"""Who gains and who pays: a plan district by district.

Means over several periods count each by its years. What stands in no district (sites
outside, infrastructure for the whole region) is in the row "". The sums over all rows
are those of the plan: jobs, public capital, cost (tests/report/test_districts.py).
"""

import numpy as np
import pandas as pd

from dmopt.plan.ledger import Ledger
from dmopt.plan.nearness import nearest_km, share_within, working_sites
from dmopt.plan.plan import Plan
from dmopt.plan.products import zone_costs

NEAR_KM = 10.0


def district_table(plan: Plan) -> pd.DataFrame:
    """Index district, in order of name, "" last. Columns:

    people; nearest_km (mean way to the nearest working site in the region, by people;
    NaN: none); near (share of people within 10 km of one); jobs; cost (of supplying
    its zones, unit of the plan's total); cost_per_head (NaN: nobody lives there);
    trips_in (vehicle trips of deliveries a year); trips_out (from sites that stand
    there); delivery_t and site_t (t CO2e a year of deliveries to it, and of sites
    there); public_cost (public capital, all periods).
    """
    ledger = plan.ledger
    zones = plan.instance.zones
    people = zones.population.groupby(zones.district).sum()
    cost = zone_costs(plan).sum(axis=1).groupby(zones.district).sum()
    columns = {
        "people": people,
        **_nearness(ledger),
        "jobs": _jobs(ledger),
        "cost": cost,
        "cost_per_head": cost / people.where(people > 0),
        **_trips(ledger),
        "delivery_t": _delivery_t(ledger),
        "site_t": _site_t(ledger),
        "public_cost": _public(ledger),
    }
    table = pd.DataFrame(columns)
    means = ("nearest_km", "near", "cost_per_head")
    sums = [name for name in columns if name not in means]
    table[sums] = table[sums].fillna(0.0)
    order = sorted(map(str, table.index), key=lambda name: (name == "", name))
    return table.reindex(order).rename_axis("district")


def _share_of_years(ledger: Ledger) -> np.ndarray:
    return ledger.years / ledger.years.sum()


def _nearness(ledger: Ledger) -> dict[str, pd.Series]:
    """nearest_km and near, by district."""
    zones, working = ledger.instance.zones, working_sites(ledger)
    found = []
    for period in ledger.periods:
        km = nearest_km(ledger.instance, working.index[working[period]])
        rows = pd.DataFrame(
            {"km": km, "people": zones.population.to_numpy(float)}, zones.index
        )
        found.append(
            {
                str(district): _near(part.km.to_numpy(), part.people.to_numpy())
                for district, part in rows.groupby(zones.district)
            }
        )
    weight = _share_of_years(ledger)
    names = list(found[0])
    both = np.array([[each[name] for name in names] for each in found])
    means = np.einsum("t,tnk->nk", weight, both)
    return {
        "nearest_km": pd.Series(means[:, 0], names),
        "near": pd.Series(means[:, 1], names),
    }


def _near(km: np.ndarray, people: np.ndarray) -> tuple[float, float]:
    """Mean km and share of people near; where nobody lives, all zones count alike."""
    weight = people if people.sum() > 0 else np.ones(len(people))
    return float(weight @ km / weight.sum()), share_within(km, weight, NEAR_KM)


def _by_district(amounts: np.ndarray, districts: np.ndarray) -> pd.Series:
    """Sum of amounts (n,) by district (n,)."""
    return pd.Series(amounts).groupby(pd.Series(districts, dtype="str")).sum()


def _site_district(ledger: Ledger, sites: pd.Series | pd.Index) -> np.ndarray:
    return ledger.instance.sites.district.reindex(sites).fillna("").to_numpy()


def _jobs(ledger: Ledger) -> pd.Series:
    """Jobs in the region: of modules at sites, and of infrastructure."""
    weight, pairs = _share_of_years(ledger), ledger.pairs
    modules = ledger.modules["modules"].to_numpy(float) @ weight
    inside = ledger.site_of_pairs("in_region").astype(bool)
    each = modules * ledger.of_pairs("jobs_per_module") * inside
    places = ledger.locations
    within = places.in_region.to_numpy(bool)
    steps = ledger.steps.to_numpy(float) @ weight
    return _by_district(
        np.append(each, steps * places.jobs_per_step.to_numpy(float) * within),
        np.append(
            _site_district(ledger, pairs.get_level_values("site")), places.district
        ),
    )


def _trips(ledger: Ledger) -> dict[str, pd.Series]:
    """Vehicle trips a year, into districts and out of their sites."""
    flows, instance = ledger.flows, ledger.instance
    goods = instance.commodities.reindex(flows.commodity)
    modes = instance.modes.reindex(flows["mode"])
    stops = flows.quantity_per_yr.to_numpy() / goods.units_per_drop.to_numpy()
    by_weight = np.nan_to_num(flows.t_per_yr.to_numpy() / modes.payload_t.to_numpy())
    by_stops = np.nan_to_num(stops / modes.drops_per_trip.to_numpy())
    trips = np.maximum(by_weight, by_stops) * _weights_of(ledger, flows)
    to_zone = (flows.destination_kind == "zone").to_numpy()
    into = instance.zones.district.reindex(flows.destination[to_zone]).to_numpy()
    return {
        "trips_in": _by_district(trips[to_zone], into),
        "trips_out": _by_district(trips, _site_district(ledger, flows.origin)),
    }


def _weights_of(ledger: Ledger, rows: pd.DataFrame) -> np.ndarray:
    """Share of all years of the period of each row."""
    share = pd.Series(_share_of_years(ledger), ledger.periods)
    return share.reindex(rows.period).to_numpy()


def _delivery_t(ledger: Ledger) -> pd.Series:
    flows = ledger.flows[ledger.flows.destination_kind == "zone"]
    tonnes = flows.kg_per_yr.to_numpy() / 1000 * _weights_of(ledger, flows)
    zones = ledger.instance.zones.district
    return _by_district(tonnes, zones.reindex(flows.destination).to_numpy())


def _site_t(ledger: Ledger) -> pd.Series:
    """Direct emissions of recipes, and of the services that sites need."""
    activity, needs = ledger.activity, ledger.needs
    each = ledger.instance.services.emissions_kg.reindex(needs.service).to_numpy()
    direct = (activity.emissions_kg * activity.quantity_per_yr).to_numpy()
    kg = np.append(
        direct * _weights_of(ledger, activity),
        each * needs.quantity_per_yr.to_numpy() * _weights_of(ledger, needs),
    )
    sites = pd.concat([activity.site, needs.site])
    return _by_district(kg / 1000, _site_district(ledger, sites))


def _public(ledger: Ledger) -> pd.Series:
    """Public part of what is paid for at the start of each period, all periods."""
    sites, places = ledger.instance.sites, ledger.locations
    joins = ledger.connecting
    kinds = ledger.instance.infrastructure.reindex(
        joins.index.get_level_values("infrastructure")
    )
    parts = [
        (ledger.opening, sites.opening_cost * sites.public_share, sites.district),
        (
            ledger.modules["bought"] * ledger.paid,
            ledger.of_pairs("public_share"),
            _site_district(ledger, ledger.pairs.get_level_values("site")),
        ),
        (
            ledger.built,
            places.capital_cost * places.cost_factor * places.public_share,
            places.district,
        ),
        (
            joins,
            kinds.connection_cost * kinds.public_share,
            _site_district(ledger, joins.index.get_level_values("site")),
        ),
    ]
    spent = [
        _by_district(
            count.to_numpy(float).sum(axis=1) * np.asarray(price, float),
            np.asarray(where),
        )
        for count, price, where in parts
    ]
    return pd.concat(spent).groupby(level=0).sum()
