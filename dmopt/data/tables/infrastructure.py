"""Shared means that give services."""

from dmopt.data.column import INF, Column, Table, key, num, ref, table, text
from dmopt.data.tables.common import PUBLIC, SETUP
from dmopt.data.tables.words import WORDS

INFRASTRUCTURE: tuple[Table, ...] = (
    table(
        "infrastructure",
        "Shared means that provide services to sites in reach.",
        key("infrastructure", "name of the infrastructure"),
        text("name", "name for people"),
        text("kind", ", ".join(WORDS["infrastructure", "kind"])),
        Column(
            "reach",
            "choice",
            "who can use one: its site, sites within radius_km, "
            "its district's sites, or every site in the region",
            choices=("site", "radius", "district", "region"),
        ),
        num("radius_km", "reach in km, great circle (radius only)", optional=True),
        num("capital_cost", "capital of one step", 0.0),
        num("life_yr", "years over which capital is paid", 20.0, above=True),
        num("fixed_cost_per_yr", "cost of keeping one step", 0.0),
        num(
            "max_users",
            "most sites one step serves; blank: any",
            optional=True,
            low=1,
        ),
        num("connection_cost", "capital to connect one site", 0.0),
        num("fee_per_yr", "yearly cost of one site's use", 0.0),
        num("least_km", "least distance between two of them", 0.0),
        SETUP,
        num("jobs_per_step", "jobs one step brings", 0.0),
        PUBLIC,
    ),
    table(
        "infrastructure_services",
        "What one step of an infrastructure provides in a year.",
        ref("infrastructure", "infrastructure", "infrastructure"),
        ref("service", "services", "service"),
        num(
            "per_step",
            "units per step, shared by its users; blank: as much as asked",
            optional=True,
        ),
        unique=("infrastructure", "service"),
    ),
    table(
        "prerequisites",
        "Infrastructure that another needs first.",
        ref("infrastructure", "infrastructure", "infrastructure"),
        ref("requires", "infrastructure", "one of these must reach its location"),
        unique=("infrastructure", "requires"),
    ),
    table(
        "locations",
        "Where infrastructure can be built. Ids are unique per infrastructure.",
        ref("infrastructure", "infrastructure", "infrastructure"),
        text("location", "name of the location", None),
        ref("site", "sites", "site (reach = site)", optional=True),
        text("district", "district (reach = district, and for maps)"),
        num(
            "x",
            "easting or longitude (reach = radius, and for maps)",
            optional=True,
            low=-INF,
        ),
        num("y", "northing or latitude", optional=True, low=-INF),
        Column("max_steps", "integer", "most steps", default=1, low=1, high=10_000),
        Column(
            "existing_steps",
            "integer",
            "steps that stand already",
            default=0,
            high=10_000,
        ),
        num("cost_factor", "capital here compared with elsewhere", 1.0),
        unique=("infrastructure", "location"),
    ),
)
