"""Where inputs come from, and how things are moved."""

from dmopt.data.column import Column, Table, key, num, ref, table, text
from dmopt.data.tables.common import X, Y

TRANSPORT: tuple[Table, ...] = (
    table(
        "suppliers",
        "Where inputs come from.",
        key("supplier", "name of the supplier"),
        text("name", "name for people"),
        Column("in_region", "flag", "lies in the region", default=False),
        X,
        Y,
    ),
    table(
        "supplies",
        "What suppliers sell. A blank period means every period.",
        ref("supplier", "suppliers", "supplier"),
        ref("commodity", "commodities", "commodity"),
        ref("period", "periods", "period; blank: all", optional=True),
        num("price", "price of one unit at the gate"),
        num("max_per_yr", "most units per year; blank: any", optional=True),
        num("emissions_kg", "kg CO2e of one unit at the gate", 0.0),
        unique=("supplier", "commodity", "period"),
    ),
    table(
        "modes",
        "Ways to move things.",
        key("mode", "name of the mode"),
        text("name", "name for people"),
        num("cost_per_tkm", "cost of one tonne-km", 0.0),
        num("cost_per_km", "cost of one vehicle-km", 0.0),
        num("cost_per_drop", "cost of one delivery stop", 0.0),
        num(
            "payload_t",
            "tonnes one vehicle takes; blank: no limit",
            optional=True,
            above=True,
        ),
        num(
            "drops_per_trip",
            "stops of one trip; blank: no limit",
            optional=True,
            above=True,
        ),
        num("speed_kmh", "average speed", above=True),
        num("handling_h", "hours besides driving", 0.0),
        num("kg_per_tkm", "kg CO2e of one tonne-km", 0.0),
        num("kg_per_km", "kg CO2e of one vehicle-km", 0.0),
        num("kg_per_drop", "kg CO2e of one delivery stop", 0.0),
        num("max_km", "longest trip; blank: any", optional=True),
        Column("low_carbon", "flag", "bike, electric van ...", default=False),
        required=True,
    ),
    table(
        "lanes",
        "Which commodity may go by which mode, from what to what.",
        ref("commodity", "commodities", "commodity"),
        ref("mode", "modes", "mode"),
        Column(
            "origin",
            "choice",
            "from suppliers, sites in the region, sites outside, or zones "
            "(what came back: see returns)",
            choices=("supplier", "site_inside", "site_outside", "zone"),
        ),
        Column(
            "destination",
            "choice",
            "to sites or to zones",
            choices=("site", "zone"),
        ),
        num("max_km", "longest trip for it; blank: any", optional=True),
        unique=("commodity", "mode", "origin", "destination"),
        required=True,
    ),
    table(
        "distances",
        "Travel between places, where the instance says distance = table. "
        "A pair that is not listed is not reachable.",
        text("origin", "id of a site or supplier", None),
        text("destination", "id of a site or zone", None),
        num("km", "km by road"),
        num("minutes", "minutes; blank: km at the mode's speed", optional=True),
        unique=("origin", "destination"),
    ),
)
