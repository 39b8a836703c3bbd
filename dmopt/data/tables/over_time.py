"""What one period leaves to later ones."""

from dmopt.data.column import Column, Table, num, ref, share, table

OVER_TIME: tuple[Table, ...] = (
    table(
        "stocks",
        "What sites may hold from one period to a later one. A blank site means every "
        "site; a row that names the site wins.",
        ref("commodity", "commodities", "commodity"),
        ref("site", "sites", "site; blank: all", optional=True),
        num(
            "shelf_periods",
            "most periods between making or buying and use; blank: any",
            optional=True,
            low=1,
        ),
        num("holding_cost_per_yr", "cost of holding one unit for a year", 0.0),
        share("loss_per_yr", "share of what is held that is lost in a year", 0.0),
        num(
            "max_units",
            "most units held from one period to the next; blank: any",
            optional=True,
        ),
        unique=("commodity", "site"),
    ),
    table(
        "returns",
        "What comes back of what zones got: some periods later, at the same zone, as a "
        "commodity that lanes from zones bring to sites.",
        ref("commodity", "commodities", "what zones got"),
        ref("returns_as", "commodities", "what comes back of it"),
        num("quantity", "units that come back of one unit delivered", above=True),
        Column(
            "lag_periods",
            "integer",
            "periods from delivery to coming back; 0: the same",
            default=1,
            high=1_000,
        ),
        unique=("commodity", "returns_as"),
    ),
    table(
        "disposals",
        "Limits on getting rid of things, and what it costs where they came back to "
        "zones and no site took them. A blank period means every period.",
        ref("commodity", "commodities", "commodity"),
        ref("period", "periods", "period; blank: all", optional=True),
        num("zone_cost", "cost of one unit that came back and no site took", 0.0),
        num(
            "max_per_yr",
            "most units a year got rid of at all sites and zones; blank: any",
            optional=True,
        ),
        unique=("commodity", "period"),
    ),
    table(
        "module_prices",
        "Prices of modules that fall with the number bought, at all sites and in all "
        "periods together: learning, or a discount on volume.",
        ref("technology", "technologies", "technology"),
        Column(
            "bought",
            "integer",
            "modules bought already when the price begins to hold",
            low=1,
            high=1_000_000,
        ),
        num("capital_cost", "capital of each module from then on"),
        unique=("technology", "bought"),
    ),
    table(
        "promises",
        "What was decided before and is to stay: a site that is open (site), modules "
        "there (site, technology), or steps (infrastructure, location), in a period.",
        ref("site", "sites", "site", optional=True),
        ref("technology", "technologies", "technology", optional=True),
        ref("infrastructure", "infrastructure", "infrastructure", optional=True),
        Column("location", "text", "location of the infrastructure", optional=True),
        ref("period", "periods", "period"),
        Column(
            "count",
            "integer",
            "modules or steps that stand; a site: 1 open, 0 shut",
            high=10_000,
        ),
        num(
            "change_cost",
            "cost of each one that is not there in the period; blank: firm, exactly "
            "so many stand",
            optional=True,
        ),
        unique=("site", "technology", "infrastructure", "location", "period"),
    ),
)
