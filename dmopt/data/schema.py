"""The tables of an instance: one declaration for reading, checking, templates, help.

Units stand in column names. `_per_yr` is per year, `_cost` and `_price` are money
in the instance's one currency, `_kg` is kilograms of CO2 equivalent. Every table
may also carry `source`, `confidence` and `note` (`PROVENANCE`): where a figure is
from. A blank cell takes the column's default; a column without a default and
without `optional` must be filled.
"""

from dmopt.data.column import Table
from dmopt.data.tables.demand import DEMAND
from dmopt.data.tables.infrastructure import INFRASTRUCTURE
from dmopt.data.tables.over_time import OVER_TIME
from dmopt.data.tables.production import PRODUCTION
from dmopt.data.tables.rules import RULES
from dmopt.data.tables.services import SERVICES
from dmopt.data.tables.transport import TRANSPORT
from dmopt.data.tables.uncertain import UNCERTAIN

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *DEMAND,
        *PRODUCTION,
        *SERVICES,
        *INFRASTRUCTURE,
        *TRANSPORT,
        *RULES,
        *UNCERTAIN,
        *OVER_TIME,
    )
}
