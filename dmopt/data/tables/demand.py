"""Who wants what, and when."""

from dmopt.data.column import INF, Column, Table, key, num, ref, table, text
from dmopt.data.tables.common import X, Y
from dmopt.data.tables.words import TRAITS

DEMAND: tuple[Table, ...] = (
    table(
        "periods",
        "The years planned for, in order. One row: a single typical year.",
        key("period", "name of the period"),
        Column("start_year", "integer", "first year", low=1900, high=3000),
        num("years", "length in years", above=True),
        num("emission_price_per_t", "price of a tonne of CO2e", 0.0),
        num("capital_budget", "most capital spent in it", optional=True),
        num("public_budget", "most public capital spent in it", optional=True),
        required=True,
    ),
    table(
        "zones",
        "Areas with people, where demand arises.",
        key("zone", "name of the zone"),
        text("name", "name for people"),
        text("district", "district it lies in"),
        num("population", "residents", 0.0),
        num(
            "deprivation_decile",
            "1 most deprived .. 10",
            optional=True,
            low=1,
            high=10,
        ),
        X,
        Y,
        Column("geometry", "geometry", "outline, polygon as WKT", optional=True),
        required=True,
    ),
    table(
        "commodities",
        "Products, intermediates, inputs and by-products.",
        key("commodity", "name of the commodity"),
        text("name", "name for people"),
        text("unit", "what one unit is: loaf, t, piece", "unit"),
        num("t_per_unit", "tonnes one unit weighs", 0.0),
        num("units_per_drop", "units left at one delivery stop", 1.0, above=True),
        num("price", "market value of one unit", 0.0),
        num(
            "unmet_price",
            "cost of one unit not supplied; blank: must be met",
            optional=True,
        ),
        num(
            "disposal_cost",
            "cost of getting rid of one unit, negative if sold; blank: not possible",
            optional=True,
            low=-INF,
        ),
        num("max_delivery_h", "longest delivery, hours; blank: any", optional=True),
        text("traits", f"what it is like, separated by ';': {', '.join(TRAITS)}"),
        required=True,
    ),
    table(
        "demand",
        "What zones want. A blank period means every period.",
        ref("zone", "zones", "zone"),
        ref("commodity", "commodities", "commodity"),
        ref("period", "periods", "period; blank: all", optional=True),
        num("quantity_per_yr", "units wanted per year"),
        unique=("zone", "commodity", "period"),
        required=True,
    ),
)
