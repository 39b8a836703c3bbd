"""What is asked of a plan, and the places that it speaks of."""

from dmopt.data.column import INF, Column, Table, key, num, table, text

RULES: tuple[Table, ...] = (
    table(
        "areas",
        "Places that rules speak of: flood plains, conservation areas, schools ...",
        key("area", "name of the area"),
        text("name", "name for people"),
        text("kind", "flood, heritage, zoning, school, homes ...", None),
        text("reason", "why it matters, quoted for the sites it excludes"),
        num("x", "easting or longitude of a point", optional=True, low=-INF),
        num("y", "northing or latitude of a point", optional=True, low=-INF),
        Column("geometry", "geometry", "outline, polygon as WKT", optional=True),
    ),
    table(
        "rules",
        "Design and planning rules that hold in this instance.",
        key("id", "name of the rule, quoted wherever it speaks"),
        text("rule", "which rule of the catalogue", None),
        text("parameters", "name=value pairs separated by ';'"),
        Column("on", "flag", "no: kept here but switched off", default=True),
        text("districts", "districts it covers, separated by ';'; blank: all"),
        text("areas", "areas it covers, separated by ';'; blank: everywhere"),
        text("periods", "periods it covers, separated by ';'; blank: all"),
        text("products", "products it covers, separated by ';'; blank: all"),
        num(
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
        text("owner", "who asked for it and may change it"),
        text("author", "who wrote the source"),
        text("dated", "date of the source"),
        text("clause", "clause, page or table of the source"),
    ),
)
