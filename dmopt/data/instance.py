"""The instance: all that is given, typed, complete, columnar."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from shapely import Point

from dmopt.data.schema import TABLES


class Settings(BaseModel):
    """What holds for the whole instance: the `[instance]` part of `instance.toml`,
    the sheet or layer `settings` elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="name of the instance")
    description: str = Field("", description="what it is about, for people")
    crs: str = Field(
        "EPSG:4326", description="coordinate reference system of x, y, geometry"
    )
    currency: str = Field("GBP", description="the one currency of all money")
    money: Literal["annualised", "discounted"] = Field(
        "annualised",
        description="annualised: mean cost of a year; discounted: present value at "
        "the start of the first period",
    )
    discount_rate: float = Field(
        0.08, ge=0, lt=1, description="rate for annuities and discounting, per year"
    )
    holding_rate: float = Field(
        0.1, ge=0, lt=10, description="yearly cost of stock, share of its value"
    )
    decision_year: float | None = Field(
        None,
        ge=1900,
        le=3000,
        description="year in which the first orders are placed; "
        "blank: early enough for all to run from the first period's start",
    )
    distance: Literal["great_circle", "projected", "table"] = Field(
        "great_circle", description="how km between places are found"
    )
    detour: float = Field(
        1.3, ge=1, le=5, description="road km per straight km (not for a table)"
    )
    path: Literal["auto", "exact", "coarse", "decomposed", "reference"] = Field(
        "auto", description="solve path to take unless asked otherwise"
    )
    credit: str = Field("", description="credit line shown on maps and reports")
    licence: str = Field("", description="licence of the data")
    source: str = Field("", description="where the data are from")


ACCOUNTS = ("currency", "money", "discount_rate", "holding_rate")
"""Settings that say how money is counted: costs under others cannot be compared."""


class Numbers(NamedTuple):
    """Rows of `places`, `commodities` and `periods`, int (n,) each."""

    place: np.ndarray
    commodity: np.ndarray
    period: np.ndarray

    def only(self, chosen: np.ndarray | slice) -> "Numbers":
        """Some of them (bool mask, places in the list, or a part of it)."""
        return Numbers(*(each[chosen] for each in self))


class Listed(NamedTuple):
    """Ways that a table lists, (n,) each: rows of `places`, km, minutes or NaN."""

    origin: np.ndarray
    destination: np.ndarray
    km: np.ndarray
    minutes: np.ndarray


@dataclass(frozen=True)
class Instance:
    """All that is given. Made by `dmopt.read` or `dmopt.data.validate.make_instance`.

    settings: what holds for the whole instance.
    tables: every table of `schema.TABLES`, columns as declared there and typed:
        text str ("" = none), number float64 (NaN = none), integer int64, flag bool,
        geometry shapely or None. Tables with a key are indexed by it.
    """

    settings: Settings
    tables: Mapping[str, pd.DataFrame]

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Each table is an attribute: `instance.sites`, `instance.demand` ..."""
        if name in TABLES:
            return self.tables[name]
        raise AttributeError(f"Instance has no attribute {name!r}")

    @property
    def name(self) -> str:
        return self.settings.name

    @cached_property
    def demand_by_period(self) -> pd.DataFrame:
        """Demand with blank periods spread: columns zone, commodity, period,
        quantity_per_yr (> 0); a row that names its period wins over a blank one."""
        spread = _spread(self.demand, ["zone", "commodity"], self.periods.index)
        return spread[spread.quantity_per_yr > 0]

    @cached_property
    def supplies_by_period(self) -> pd.DataFrame:
        """Supplies with blank periods spread, as in `demand_by_period`."""
        return _spread(self.supplies, ["supplier", "commodity"], self.periods.index)

    @cached_property
    def disposals_by_period(self) -> pd.DataFrame:
        """Disposals with blank periods spread, as in `demand_by_period`."""
        return _spread(self.disposals, ["commodity"], self.periods.index)

    @cached_property
    def returns_of_demand(self) -> pd.DataFrame:
        """What can come back, for each demand it comes back of: columns zone, commodity
        (what comes back), period (in which), of (row of `demand_by_period`), share
        (units a year for each unit a year delivered; periods may differ in length)."""
        demand, returns = self.demand_by_period, self.returns
        number = self.periods.index.get_indexer(pd.Index(demand.period))
        years = self.periods.years.to_numpy(float)
        of, row = np.nonzero(
            demand.commodity.to_numpy(object)[:, None]
            == returns.commodity.to_numpy(object)[None, :]
        )
        later = number[of] + returns.lag_periods.to_numpy(int)[row]
        kept = later < len(years)
        of, row, later = of[kept], row[kept], later[kept]
        share = returns.quantity.to_numpy(float)[row] * years[number[of]] / years[later]
        return pd.DataFrame(
            {
                "zone": demand.zone.to_numpy(object)[of],
                "commodity": returns.returns_as.to_numpy(object)[row],
                "period": self.periods.index.to_numpy(object)[later],
                "of": of,
                "share": share,
            }
        )

    @cached_property
    def returned_by_period(self) -> pd.DataFrame:
        """Most that can come back: columns zone, commodity, period, most_per_yr, were
        all demand met."""
        rows = self.returns_of_demand
        wanted = self.demand_by_period.quantity_per_yr.to_numpy(float)
        most = rows.assign(most_per_yr=rows.share.to_numpy() * wanted[rows.of])
        by = ["zone", "commodity", "period"]
        return most.groupby(by, sort=False).most_per_yr.sum().reset_index()

    @cached_property
    def stocks_by_site(self) -> pd.DataFrame:
        """Stocks with blank sites spread over all sites: a row that names its site wins
        over a blank one. Columns of the table."""
        table, sites = self.stocks, self.sites.index
        if not len(table):
            return table
        general = table[table.site == ""]
        spread = general.loc[general.index.repeat(len(sites))]
        spread = spread.assign(site=np.tile(sites.to_numpy(object), len(general)))
        both = pd.concat([table[table.site != ""], spread.astype(table.dtypes)])
        return both.drop_duplicates(["commodity", "site"]).reset_index(drop=True)

    @cached_property
    def places(self) -> pd.DataFrame:
        """Zones, sites and suppliers: index id; columns kind ("zone", "site",
        "supplier"), x, y (instance CRS), lon, lat (degrees), in_region (bool)."""
        parts = []
        for kind, table in (
            ("zone", self.zones),
            ("site", self.sites),
            ("supplier", self.suppliers),
        ):
            part = table[["x", "y"]].copy()
            part["kind"] = kind
            part["in_region"] = table.get("in_region", True)
            parts.append(part)
        places = pd.concat(parts)
        points = gpd.GeoSeries.from_xy(places.x, places.y, crs=self.settings.crs)
        degrees = points.to_crs("EPSG:4326")
        return places.assign(lon=degrees.x.to_numpy(), lat=degrees.y.to_numpy())

    @cached_property
    def listed(self) -> Listed:
        """The table `distances`, by numbers."""
        table, index = self.distances, self.places.index
        origin = index.get_indexer(pd.Index(table.origin))
        destination = index.get_indexer(pd.Index(table.destination))
        known = (origin >= 0) & (destination >= 0)
        km, minutes = table.km.to_numpy(float), table.minutes.to_numpy(float)
        return Listed(origin[known], destination[known], km[known], minutes[known])

    @cached_property
    def demand_numbers(self) -> Numbers:
        """Zone, commodity and period of each row of `demand_by_period`."""
        return self._numbers(self.demand_by_period, "zone")

    @cached_property
    def supply_numbers(self) -> Numbers:
        """Supplier, commodity and period of each row of `supplies_by_period`."""
        return self._numbers(self.supplies_by_period, "supplier")

    @cached_property
    def source_numbers(self) -> Numbers:
        """Of all that enters: `supply_numbers`, then of `returned_by_period`."""
        returned = self._numbers(self.returned_by_period, "zone")
        pairs = zip(self.supply_numbers, returned, strict=True)
        return Numbers(*(np.concatenate(pair) for pair in pairs))

    def _numbers(self, table: pd.DataFrame, place: str) -> Numbers:
        return Numbers(
            self.places.index.get_indexer(pd.Index(table[place])),
            self.commodities.index.get_indexer(pd.Index(table.commodity)),
            self.periods.index.get_indexer(pd.Index(table.period)),
        )

    @cached_property
    def zones_geo(self) -> gpd.GeoDataFrame:
        """Zones as a GeoDataFrame: outline where there is one, else the point."""
        outline = [
            shape if shape is not None else Point(x, y)
            for shape, x, y in zip(
                self.zones.geometry, self.zones.x, self.zones.y, strict=True
            )
        ]
        table = self.zones.drop(columns="geometry")
        return gpd.GeoDataFrame(table, geometry=outline, crs=self.settings.crs)


def _spread(table: pd.DataFrame, by: list[str], periods: pd.Index) -> pd.DataFrame:
    """Rows without a period once per period, unless that period has its own row."""
    general = (table.period == "").to_numpy(bool)
    own, count = np.flatnonzero(~general), len(periods)
    spread = np.repeat(np.flatnonzero(general), count)
    named = periods.get_indexer(pd.Index(table.period))[own]
    number = np.concatenate([named, np.tile(np.arange(count), general.sum())])
    both = table.take(np.concatenate([own, spread]))
    both = both.assign(period=periods.array[number])
    kept = np.flatnonzero(~both.duplicated([*by, "period"]))
    order = kept[np.argsort(number[kept], kind="stable")]
    return both.iloc[order].reset_index(drop=True)
