"""What each site has of each service, and its own prices.

Figures of space, power and people are assumptions for a typical place of the
class; rents and electricity prices are published ones where the source says so.
"""

import pandas as pd

LARGE = "first industrial estate of a district: room for one bread line; assumption"
RENT_CITY = "Allsop: Birmingham prime industrial 12 GBP/sq ft = 129 GBP/m2"
RENT_OTHER = "Allsop: Liverpool 108 GBP/m2, taken for the other districts; assumption"
RENT_MULTI = (
    "Colliers H1 2024 (logisticsmanager.com): multi-let 14.80 GBP/sq ft = 159 GBP/m2"
)
RENT_BIG = "Colliers H1 2024 (logisticsmanager.com): large 11.50 GBP/sq ft = 124 GBP/m2"
STANDS = "stands already; assumption"
TARIFF = "purelyenergy.co.uk, Nov 2024: {} business {} p/kWh"

SPACE = {
    # class: kW, m2, trained staff, tonnes dispatched per year
    "high_street": (60, 250, 3, 300),
    "hospital": (40, 120, 2, 20),
    "makerspace": (60, 360, 3, 150),
    "industrial": (500, 4_500, 12, 12_000),
    "depot": (200, 3_000, 6, 6_000),
}
LARGE_ESTATE = (800, 14_000, 15, 60_000)
STANDING_BAKERY = (1_600, 14_000, 60, 60_000)

SIZE = {
    "high_street": ("micro", 24.4),
    "makerspace": ("micro", 24.4),
    "hospital": ("medium", 22.8),
    "depot": ("small", 23.1),
    "industrial": ("medium", 22.8),
}

RENT = {
    "high_street": (220.0, "shop rent outside the prime pitch; assumption"),
    "hospital": (150.0, "internal charge for clinical support space; assumption"),
    "makerspace": (159.0, RENT_MULTI),
    "depot": (90.0, "council's own land, valued below the market; assumption"),
}
RATES_OF_RENT = 0.5

OUTSIDE = {
    "national-bakery": {
        "power_kw": 60_000,
        "floor_m2": 200_000,
        "trained_staff": 1_500,
        "dispatch_t": 500_000,
    },
    "am-bureau": {
        "power_kw": 5_000,
        "floor_m2": 10_000,
        "trained_staff": 200,
        "platform_seat": 100,
        "data_link": 100,
    },
}


def site_services(site: pd.DataFrame) -> pd.DataFrame:
    """Rows of `site_services` for sites in the region and outside."""
    rows = [row for key, place in site.iterrows() for row in _inside(str(key), place)]
    for key, base in OUTSIDE.items():
        rows += _outside(key, base)
    rows += [
        _row(
            "am-bureau",
            "release",
            500_000,
            2.5,
            "bureau's own quality unit, shared with its other customers; assumption",
            "assumption",
        ),
        _row(
            "birmingham-hospital-1",
            "release",
            1_200,
            3.0,
            "the committed cell's own review board; assumption",
            "assumption",
        ),
        _row(
            "birmingham-hospital-1",
            "licence_cover",
            1,
            None,
            "the committed cell has its own licence; assumption",
            "assumption",
        ),
    ]
    for key in ("birmingham-hospital-1", "wolverhampton-depot-1"):
        for service in ("platform_seat", "data_link"):
            rows.append(_row(key, service, 1, None, "comes with its cell; assumption"))
    rows.append(_row("birmingham-makerspace-1", "data_link", 1, None, STANDS))
    return pd.DataFrame(rows)


def _inside(key: str, place: pd.Series) -> list[dict[str, object]]:
    kind = place["class"]
    space, source = SPACE[kind], "typical place of its class; assumption"
    if kind == "makerspace":
        source = "18 x 20 m as the fab lab of the maker.ba guide; the rest assumption"
    if kind == "industrial" and place["number"] == 1:
        space, source = LARGE_ESTATE, LARGE
    if key == "sandwell-industrial-1":
        space, source = STANDING_BAKERY, "what its line needs; assumption"
    rent, rent_source = RENT.get(kind) or (
        (129.0, RENT_CITY) if place["district"] == "Birmingham" else (108.0, RENT_OTHER)
    )
    trust = "assumption" if "assumption" in rent_source else "published"
    kw, m2, staff, tonnes = space
    return [
        _row(key, "power_kw", kw, None, source, "assumption"),
        _row(key, "floor_m2", m2, rent, f"area: {source}. Rent: {rent_source}", trust),
        _row(key, "trained_staff", staff, None, source, "assumption"),
        _row(key, "dispatch_t", tonnes, None, source, "assumption"),
        _row(
            key,
            "business_rates_m2",
            0,
            round(RATES_OF_RENT * rent, 1),
            "about half the rent, as the 2025 multiplier of 0.555 on a rateable value "
            "near the rent; assumption",
            "assumption",
        ),
        _tariff(key, *SIZE[kind]),
    ]


def _outside(key: str, base: dict[str, int]) -> list[dict[str, object]]:
    source = "as much as contracts for the region could need; assumption"
    rows = [
        _row(
            key,
            service,
            units,
            124.0 if service == "floor_m2" else None,
            f"{source}. Rent: {RENT_BIG}" if service == "floor_m2" else source,
            "published" if service == "floor_m2" else "assumption",
        )
        for service, units in base.items()
    ]
    rates = _row(key, "business_rates_m2", 0, 62.0, "about half the rent; assumption")
    return [*rows, rates, _tariff(key, "large", 20.8)]


def _tariff(key: str, size: str, pence: float) -> dict[str, object]:
    source = TARIFF.format(size, pence)
    return _row(key, "electricity_kwh", 0, pence / 100, source, "published")


def _row(
    site: str,
    service: str,
    base: float,
    price: float | None,
    source: str,
    confidence: str = "assumption",
) -> dict[str, object]:
    return {
        "site": site,
        "service": service,
        "base": base,
        "price": "" if price is None else f"{price:g}",
        "source": source,
        "confidence": confidence,
    }
