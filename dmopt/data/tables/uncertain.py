"""What is not known for sure, and the futures that may come."""

from dmopt.data.column import Column, Table, key, num, ref, table, text
from dmopt.data.tables.words import FIGURES

_OF_SITE = ref("site", "sites", "availability: the site; else blank", optional=True)

UNCERTAIN: tuple[Table, ...] = (
    table(
        "uncertain",
        "Figures that are not known for sure: between what they lie. "
        "In times of what the tables say; emission_price in money per t CO2e, "
        "availability as in sites.",
        Column("figure", "choice", "what is uncertain", choices=FIGURES),
        ref("of", "commodities", "demand: the product; blank: all", optional=True),
        _OF_SITE,
        num("low", "lowest value that is thought possible"),
        num("likely", "likeliest value"),
        num("high", "highest value that is thought possible"),
        Column(
            "distribution",
            "choice",
            "how likely the values between are: triangular, most likely in the "
            "middle; uniform, all alike",
            default="triangular",
            choices=("triangular", "uniform"),
        ),
        unique=("figure", "of", "site"),
    ),
    table(
        "worlds",
        "Futures that may come, each with its probability; all add up to 1.",
        key("world", "name of the world"),
        num("probability", "how likely it is", above=True, high=1.0),
        text("name", "name for people"),
    ),
    table(
        "world_changes",
        "What is otherwise in a world; without any rows it is as the tables say. "
        "In times of what the tables say; emission_price in money per t CO2e, "
        "availability as in sites.",
        ref("world", "worlds", "the world"),
        Column("figure", "choice", "what is otherwise", choices=FIGURES),
        ref("of", "commodities", "demand: the product; blank: all", optional=True),
        _OF_SITE,
        num("value", "its value in that world"),
        unique=("world", "figure", "of", "site"),
    ),
)
