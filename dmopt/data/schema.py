"""The tables of an instance: one declaration for reading, checking, templates, help.

Units stand in column names. `_per_yr` is per year, `_cost` and `_price` are money
in the instance's one currency, `_kg` is kilograms of CO2 equivalent. Every table
may also carry `source`, `confidence` and `note` (`PROVENANCE`): where a figure is
from. A blank cell takes the column's default; a column without a default and
without `optional` must be filled.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["key", "text", "number", "integer", "flag", "choice", "geometry"]

INF = float("inf")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    name: column name, unit included.
    kind: key (text that names the row), text, number, integer, flag (yes/no),
        choice (one of `choices`), geometry (WKT polygon, instance CRS).
    meaning: what it says, in words, for templates and help.
    default: value of a blank cell; None means the cell must be filled,
        unless `optional`.
    optional: a blank cell means "none" (NaN for numbers, "" for text).
    low, high: least and greatest number allowed (`above`: low itself is not).
    choices: allowed texts of a choice.
    refers: table whose key this cell must be, or "".
    """

    name: str
    kind: Kind
    meaning: str
    default: float | int | bool | str | None = None
    optional: bool = False
    low: float = 0.0
    high: float = INF
    above: bool = False
    choices: tuple[str, ...] = ()
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: columns in order; `unique` columns together name a row."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    required: bool = False
    column: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {c.name: c for c in self.columns})

    @property
    def key(self) -> str:
        """Name of the key column, or "" for a table whose rows have no name."""
        return next((c.name for c in self.columns if c.kind == "key"), "")


CONFIDENCE = ("measured", "published", "derived", "modelled", "assumption")

PROVENANCE = (
    Column("source", "text", "where the figures of this row are from", default=""),
    Column(
        "confidence",
        "choice",
        "how far the figures can be trusted",
        optional=True,
        choices=CONFIDENCE,
    ),
    Column("note", "text", "anything a reader should know", default=""),
)


def _table(
    name: str,
    meaning: str,
    *columns: Column,
    unique: tuple[str, ...] = (),
    required: bool = False,
) -> Table:
    key = tuple(c.name for c in columns if c.kind == "key")
    return Table(name, meaning, columns + PROVENANCE, unique or key, required)


def _key(name: str, meaning: str) -> Column:
    return Column(name, "key", meaning)


def _ref(name: str, table: str, meaning: str, optional: bool = False) -> Column:
    return Column(name, "text", meaning, refers=table, optional=optional)


def _text(name: str, meaning: str, default: str | None = "") -> Column:
    return Column(name, "text", meaning, default=default)


def _num(
    name: str,
    meaning: str,
    default: float | None = None,
    *,
    optional: bool = False,
    low: float = 0.0,
    high: float = INF,
    above: bool = False,
) -> Column:
    return Column(
        name, "number", meaning, default, optional, low=low, high=high, above=above
    )


def _share(name: str, meaning: str, default: float) -> Column:
    return _num(name, meaning, default, high=1.0)


_X = _num("x", "easting or longitude in the instance's CRS", low=-INF)
_Y = _num("y", "northing or latitude in the instance's CRS", low=-INF)
_SETUP = _num("setup_yr", "years from order to running", 0.0)
_PUBLIC = _share("public_share", "share of the capital that is public money", 0.0)

TRAITS = (
    "standard",
    "personalised",
    "perishable",
    "digital",
    "modular",
    "local_input",
)
"""What a commodity may be like, for rules on which products suit."""

WORDS = {
    ("infrastructure", "kind"): (
        "power",
        "data",
        "skills",
        "quality",
        "licence",
        "logistics",
        "recovery",
    ),
    ("technologies", "size_class"): ("micro", "meso", "plant"),
}
"""Words that a column usually has. Rules may name them though no row does: production
models speak of all instances in them."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "periods",
            "The years planned for, in order. One row: a single typical year.",
            _key("period", "name of the period"),
            Column("start_year", "integer", "first year", low=1900, high=3000),
            _num("years", "length in years", above=True),
            _num("emission_price_per_t", "price of a tonne of CO2e", 0.0),
            _num("capital_budget", "most capital spent in it", optional=True),
            _num("public_budget", "most public capital spent in it", optional=True),
            required=True,
        ),
        _table(
            "zones",
            "Areas with people, where demand arises.",
            _key("zone", "name of the zone"),
            _text("name", "name for people"),
            _text("district", "district it lies in"),
            _num("population", "residents", 0.0),
            _num(
                "deprivation_decile",
                "1 most deprived .. 10",
                optional=True,
                low=1,
                high=10,
            ),
            _X,
            _Y,
            Column("geometry", "geometry", "outline, polygon as WKT", optional=True),
            required=True,
        ),
        _table(
            "commodities",
            "Products, intermediates, inputs and by-products.",
            _key("commodity", "name of the commodity"),
            _text("name", "name for people"),
            _text("unit", "what one unit is: loaf, t, piece", "unit"),
            _num("t_per_unit", "tonnes one unit weighs", 0.0),
            _num("units_per_drop", "units left at one delivery stop", 1.0, above=True),
            _num("price", "market value of one unit", 0.0),
            _num(
                "unmet_price",
                "cost of one unit not supplied; blank: must be met",
                optional=True,
            ),
            _num(
                "disposal_cost",
                "cost of getting rid of one unit, negative if sold; "
                "blank: not possible",
                optional=True,
                low=-INF,
            ),
            _num(
                "max_delivery_h", "longest delivery, hours; blank: any", optional=True
            ),
            _text("traits", f"what it is like, separated by ';': {', '.join(TRAITS)}"),
            required=True,
        ),
        _table(
            "demand",
            "What zones want. A blank period means every period.",
            _ref("zone", "zones", "zone"),
            _ref("commodity", "commodities", "commodity"),
            _ref("period", "periods", "period; blank: all", optional=True),
            _num("quantity_per_yr", "units wanted per year"),
            unique=("zone", "commodity", "period"),
            required=True,
        ),
        _table(
            "sites",
            "Where production can stand, inside the region or outside.",
            _key("site", "name of the site"),
            _text("name", "name for people"),
            _text("class", "kind of site; technologies can be limited to classes"),
            _text("district", "district it lies in"),
            Column("in_region", "flag", "lies in the region", default=True),
            Column(
                "status",
                "choice",
                "candidate may open; existing stands, may close; "
                "committed is fixed; excluded never opens",
                default="candidate",
                choices=("candidate", "existing", "committed", "excluded"),
            ),
            _X,
            _Y,
            _num("opening_cost", "capital to open it", 0.0),
            _num(
                "life_yr", "years over which opening capital is paid", 25.0, above=True
            ),
            _num("closing_cost", "cost of closing it", 0.0),
            _num("fixed_cost_per_yr", "cost of keeping it open", 0.0),
            _PUBLIC,
            _ref(
                "opens",
                "periods",
                "committed: first period open; blank: the first",
                optional=True,
            ),
            _text("owner", "who runs it"),
            Column(
                "land_use",
                "choice",
                "what the land may be used for",
                optional=True,
                choices=(
                    "town_centre",
                    "light_industrial",
                    "general_industrial",
                    "institution",
                    "rural",
                ),
            ),
            _text("reason", "why it is excluded or committed"),
            required=True,
        ),
        _table(
            "technologies",
            "Modules of production, placed at sites in whole numbers.",
            _key("technology", "name of the technology"),
            _text("name", "name for people"),
            _text("family", "technologies that do the same work share a family"),
            _text("size_class", "micro, meso, plant ..."),
            _text("automation", "automation step"),
            _num(
                "capacity_per_yr",
                "capacity of one module, units of its recipes' capacity_use",
                above=True,
            ),
            _share("least_use", "viable minimum use, share of capacity", 0.0),
            _num(
                "availability",
                "share of capacity that is there",
                1.0,
                high=1.0,
                above=True,
            ),
            _num("capital_cost", "capital of one module", 0.0),
            _num("life_yr", "years over which capital is paid", 10.0, above=True),
            _num("fixed_cost_per_yr", "cost of keeping one module", 0.0),
            _share(
                "resale_share",
                "share of the remaining annuity that a sale recovers",
                0.0,
            ),
            _num(
                "move_cost",
                "cost of moving one module to another site; blank: fixed",
                optional=True,
            ),
            _SETUP,
            Column(
                "max_modules",
                "integer",
                "most modules at one site",
                default=1,
                low=1,
                high=10_000,
            ),
            _num("jobs_per_module", "jobs one module brings", 0.0),
            _PUBLIC,
            _text(
                "site_classes",
                "classes of site it may stand at, separated by ';'; blank: all",
            ),
            required=True,
        ),
        _table(
            "recipes",
            "What a technology can do. Its recipes share its capacity.",
            _key("recipe", "name of the recipe"),
            _ref("technology", "technologies", "technology that runs it"),
            _num(
                "capacity_use", "capacity one unit of activity takes", 1.0, above=True
            ),
            _num(
                "variable_cost",
                "cost of one unit of activity besides services and inputs",
                0.0,
            ),
            _num("emissions_kg", "direct kg CO2e of one unit of activity", 0.0),
            _num("stock_days", "days its output is held in stock", 0.0),
            _num("make_h", "hours from order to ready, for rules on response", 0.0),
            required=True,
        ),
        _table(
            "recipe_items",
            "Inputs (negative) and outputs (positive) of one unit of activity.",
            _ref("recipe", "recipes", "recipe"),
            _ref("commodity", "commodities", "commodity"),
            _num("quantity", "units: > 0 made, < 0 used up", low=-INF),
            unique=("recipe", "commodity"),
            required=True,
        ),
        _table(
            "services",
            "What sites need beside materials: power, people, land, data, licence ...",
            _key("service", "name of the service"),
            _text("name", "name for people"),
            _text("unit", "what is counted: kW, kWh, m2, h", "unit"),
            Column(
                "kind",
                "choice",
                "for the breakdown of cost and the indicators",
                default="other",
                choices=(
                    "energy",
                    "power",
                    "labour",
                    "skills",
                    "land",
                    "water",
                    "data",
                    "quality",
                    "licence",
                    "logistics",
                    "recovery",
                    "other",
                ),
            ),
            _num("price", "price of one unit used in a year", 0.0),
            _num("emissions_kg", "kg CO2e of one unit used", 0.0),
            Column("limited", "flag", "a site can use only what it has", default=True),
        ),
        _table(
            "technology_needs",
            "Services one module needs all year.",
            _ref("technology", "technologies", "technology"),
            _ref("service", "services", "service"),
            _num("per_module", "units one module needs in a year"),
            unique=("technology", "service"),
        ),
        _table(
            "recipe_needs",
            "Services one unit of activity uses.",
            _ref("recipe", "recipes", "recipe"),
            _ref("service", "services", "service"),
            _num("per_unit", "units one unit of activity uses"),
            unique=("recipe", "service"),
        ),
        _table(
            "site_services",
            "What each site already has of a service, and its own price.",
            _ref("site", "sites", "site"),
            _ref("service", "services", "service"),
            _num("base", "units there is in a year", 0.0),
            _num("price", "price at this site; blank: the service's", optional=True),
            unique=("site", "service"),
        ),
        _table(
            "standing_modules",
            "Modules that stand at existing sites, or will at committed ones.",
            _ref("site", "sites", "site (existing or committed)"),
            _ref("technology", "technologies", "technology"),
            Column("modules", "integer", "modules", low=1, high=10_000),
            unique=("site", "technology"),
        ),
        _table(
            "infrastructure",
            "Shared means that provide services to sites in reach.",
            _key("infrastructure", "name of the infrastructure"),
            _text("name", "name for people"),
            _text("kind", ", ".join(WORDS["infrastructure", "kind"])),
            Column(
                "reach",
                "choice",
                "who can use one: its site, sites within radius_km, "
                "its district's sites, or every site in the region",
                choices=("site", "radius", "district", "region"),
            ),
            _num("radius_km", "reach in km, great circle (radius only)", optional=True),
            _num("capital_cost", "capital of one step", 0.0),
            _num("life_yr", "years over which capital is paid", 20.0, above=True),
            _num("fixed_cost_per_yr", "cost of keeping one step", 0.0),
            _num(
                "max_users",
                "most sites one step serves; blank: any",
                optional=True,
                low=1,
            ),
            _num("connection_cost", "capital to connect one site", 0.0),
            _num("fee_per_yr", "yearly cost of one site's use", 0.0),
            _num("least_km", "least distance between two of them", 0.0),
            _SETUP,
            _num("jobs_per_step", "jobs one step brings", 0.0),
            _PUBLIC,
        ),
        _table(
            "infrastructure_services",
            "What one step of an infrastructure provides in a year.",
            _ref("infrastructure", "infrastructure", "infrastructure"),
            _ref("service", "services", "service"),
            _num(
                "per_step",
                "units per step, shared by its users; blank: as much as asked",
                optional=True,
            ),
            unique=("infrastructure", "service"),
        ),
        _table(
            "prerequisites",
            "Infrastructure that another needs first.",
            _ref("infrastructure", "infrastructure", "infrastructure"),
            _ref("requires", "infrastructure", "one of these must reach its location"),
            unique=("infrastructure", "requires"),
        ),
        _table(
            "locations",
            "Where infrastructure can be built. Ids are unique per infrastructure.",
            _ref("infrastructure", "infrastructure", "infrastructure"),
            _text("location", "name of the location", None),
            _ref("site", "sites", "site (reach = site)", optional=True),
            _text("district", "district (reach = district, and for maps)"),
            _num(
                "x",
                "easting or longitude (reach = radius, and for maps)",
                optional=True,
                low=-INF,
            ),
            _num("y", "northing or latitude", optional=True, low=-INF),
            Column("max_steps", "integer", "most steps", default=1, low=1, high=10_000),
            Column(
                "existing_steps",
                "integer",
                "steps that stand already",
                default=0,
                high=10_000,
            ),
            _num("cost_factor", "capital here compared with elsewhere", 1.0),
            unique=("infrastructure", "location"),
        ),
        _table(
            "suppliers",
            "Where inputs come from.",
            _key("supplier", "name of the supplier"),
            _text("name", "name for people"),
            Column("in_region", "flag", "lies in the region", default=False),
            _X,
            _Y,
        ),
        _table(
            "supplies",
            "What suppliers sell. A blank period means every period.",
            _ref("supplier", "suppliers", "supplier"),
            _ref("commodity", "commodities", "commodity"),
            _ref("period", "periods", "period; blank: all", optional=True),
            _num("price", "price of one unit at the gate"),
            _num("max_per_yr", "most units per year; blank: any", optional=True),
            _num("emissions_kg", "kg CO2e of one unit at the gate", 0.0),
            unique=("supplier", "commodity", "period"),
        ),
        _table(
            "modes",
            "Ways to move things.",
            _key("mode", "name of the mode"),
            _text("name", "name for people"),
            _num("cost_per_tkm", "cost of one tonne-km", 0.0),
            _num("cost_per_km", "cost of one vehicle-km", 0.0),
            _num("cost_per_drop", "cost of one delivery stop", 0.0),
            _num(
                "payload_t",
                "tonnes one vehicle takes; blank: no limit",
                optional=True,
                above=True,
            ),
            _num(
                "drops_per_trip",
                "stops of one trip; blank: no limit",
                optional=True,
                above=True,
            ),
            _num("speed_kmh", "average speed", above=True),
            _num("handling_h", "hours besides driving", 0.0),
            _num("kg_per_tkm", "kg CO2e of one tonne-km", 0.0),
            _num("kg_per_km", "kg CO2e of one vehicle-km", 0.0),
            _num("kg_per_drop", "kg CO2e of one delivery stop", 0.0),
            _num("max_km", "longest trip; blank: any", optional=True),
            Column("low_carbon", "flag", "bike, electric van ...", default=False),
            required=True,
        ),
        _table(
            "lanes",
            "Which commodity may go by which mode, from what to what.",
            _ref("commodity", "commodities", "commodity"),
            _ref("mode", "modes", "mode"),
            Column(
                "origin",
                "choice",
                "from suppliers, sites in the region, or sites outside",
                choices=("supplier", "site_inside", "site_outside"),
            ),
            Column(
                "destination",
                "choice",
                "to sites or to zones",
                choices=("site", "zone"),
            ),
            _num("max_km", "longest trip for it; blank: any", optional=True),
            unique=("commodity", "mode", "origin", "destination"),
            required=True,
        ),
        _table(
            "distances",
            "Travel between places, where the instance says distance = table. "
            "A pair that is not listed is not reachable.",
            _text("origin", "id of a site or supplier", None),
            _text("destination", "id of a site or zone", None),
            _num("km", "km by road"),
            _num("minutes", "minutes; blank: km at the mode's speed", optional=True),
            unique=("origin", "destination"),
        ),
        _table(
            "areas",
            "Places that rules speak of: flood plains, conservation areas, schools ...",
            _key("area", "name of the area"),
            _text("name", "name for people"),
            _text("kind", "flood, heritage, zoning, school, homes ...", None),
            _text("reason", "why it matters, quoted for the sites it excludes"),
            _num("x", "easting or longitude of a point", optional=True, low=-INF),
            _num("y", "northing or latitude of a point", optional=True, low=-INF),
            Column("geometry", "geometry", "outline, polygon as WKT", optional=True),
        ),
        _table(
            "rules",
            "Design and planning rules that hold in this instance.",
            _key("id", "name of the rule, quoted wherever it speaks"),
            _text("rule", "which rule of the catalogue", None),
            _text("parameters", "name=value pairs separated by ';'"),
            Column("on", "flag", "no: kept here but switched off", default=True),
            _text("districts", "districts it covers, separated by ';'; blank: all"),
            _text("areas", "areas it covers, separated by ';'; blank: everywhere"),
            _text("periods", "periods it covers, separated by ';'; blank: all"),
            _text("products", "products it covers, separated by ';'; blank: all"),
            _num(
                "soft_price",
                "price of one unit of excess in a year; blank: the rule is hard",
                optional=True,
            ),
            Column(
                "status",
                "choice",
                "confirmed: read in its source; reconstructed: not; "
                "blank: as the catalogue says",
                optional=True,
                choices=("confirmed", "reconstructed"),
            ),
            _text("owner", "who asked for it and may change it"),
            _text("author", "who wrote the source"),
            _text("dated", "date of the source"),
            _text("clause", "clause, page or table of the source"),
        ),
    )
}
