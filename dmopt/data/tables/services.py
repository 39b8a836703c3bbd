"""What sites need beside materials, and what they have already."""

from dmopt.data.column import Column, Table, key, num, ref, table, text

SERVICES: tuple[Table, ...] = (
    table(
        "services",
        "What sites need beside materials: power, people, land, data, licence ...",
        key("service", "name of the service"),
        text("name", "name for people"),
        text("unit", "what is counted: kW, kWh, m2, h", "unit"),
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
        num("price", "price of one unit used in a year", 0.0),
        num("emissions_kg", "kg CO2e of one unit used", 0.0),
        Column("limited", "flag", "a site can use only what it has", default=True),
    ),
    table(
        "technology_needs",
        "Services one module needs all year.",
        ref("technology", "technologies", "technology"),
        ref("service", "services", "service"),
        num("per_module", "units one module needs in a year"),
        unique=("technology", "service"),
    ),
    table(
        "recipe_needs",
        "Services one unit of activity uses.",
        ref("recipe", "recipes", "recipe"),
        ref("service", "services", "service"),
        num("per_unit", "units one unit of activity uses"),
        unique=("recipe", "service"),
    ),
    table(
        "site_services",
        "What each site already has of a service, and its own price.",
        ref("site", "sites", "site"),
        ref("service", "services", "service"),
        num("base", "units there is in a year", 0.0),
        num("price", "price at this site; blank: the service's", optional=True),
        unique=("site", "service"),
    ),
    table(
        "standing_modules",
        "Modules that stand at existing sites, or will at committed ones.",
        ref("site", "sites", "site (existing or committed)"),
        ref("technology", "technologies", "technology"),
        Column("modules", "integer", "modules", low=1, high=10_000),
        unique=("site", "technology"),
    ),
)
