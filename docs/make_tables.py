"""docs/tables.md: every setting, table and column, from the schema."""

from dmopt.data.column import CONFIDENCE, PROVENANCE, Column, Table
from dmopt.data.instance import Settings
from dmopt.data.schema import TABLES
from dmopt.data.template import blank_means

KINDS = {
    "key": "name of the row",
    "text": "text",
    "number": "number",
    "integer": "whole number",
    "flag": "yes or no",
    "geometry": "outline (WKT)",
}
INTRODUCTION = """\
# Tables and columns

*Written by `docs/make_pages.py` from `dmopt/data/tables/`; not to be edited.*

An instance is one set of tables. It may be a folder of CSV files (with the settings in
`instance.toml`), an Excel workbook (one sheet a table) or a GeoPackage (one layer a
table): the columns are the same in all of them. [Your own data](data.md) shows how to
fill them.

Units stand in the names of columns: `_t` tonnes, `_km` kilometres, `_h` hours, `_min`
minutes, `_kwh` kilowatt-hours, `_kg` kilograms of CO2 equivalent, `_yr` years,
`_per_yr` for each year; `share` is from 0 to 1; `_cost` and `_price` are money in the
instance's one currency. A blank cell means what stands under *blank*. A cell of
**must be filled** may not be blank.

Every table may also have these columns:

| column | what it says |
|---|---|
"""


def document() -> str:
    """The whole of docs/tables.md."""
    own = [f"| `{each.name}` | {_meaning(each)} |" for each in PROVENANCE]
    lines = [INTRODUCTION + "\n".join(own), "", "## The tables", ""]
    lines += ["| table | what it holds | must be there |", "|---|---|---|"]
    for table in TABLES.values():
        needed = "yes" if table.required else ""
        lines.append(
            f"| [`{table.name}`](#{table.name}) | {table.meaning} | {needed} |"
        )
    lines += ["", "## settings", "", "What holds for the whole instance.", ""]
    lines += ["| setting | what it says | blank |", "|---|---|---|"]
    lines += [_setting(name) for name in Settings.model_fields]
    for table in TABLES.values():
        lines += _table(table)
    return "\n".join(lines) + "\n"


def _setting(name: str) -> str:
    field = Settings.model_fields[name]
    if field.is_required():
        blank = "**must be filled**"
    else:
        blank = "none" if field.default in (None, "") else f"`{field.default}`"
    choices = getattr(field.annotation, "__args__", ())
    named = [f"`{each}`" for each in choices if isinstance(each, str)]
    says = f"{field.description}" + (f": {', '.join(named)}" if named else "")
    return f"| `{name}` | {says} | {blank} |"


def _table(table: Table) -> list[str]:
    lines = ["", f"## {table.name}", "", table.meaning, ""]
    lines += [f"A row is named by {' and '.join(f'`{n}`' for n in table.unique)}.", ""]
    lines += ["| column | what it says | kind | blank |", "|---|---|---|---|"]
    own = [each for each in table.columns if each not in PROVENANCE]
    return lines + [_row(column) for column in own]


def _row(column: Column) -> str:
    blank = blank_means(column)
    if blank == "must be filled":
        blank = "**must be filled**"
    return f"| `{column.name}` | {_meaning(column)} | {_kind(column)} | {blank} |"


def _meaning(column: Column) -> str:
    listed = column.choices == CONFIDENCE
    return column.meaning + (f": {', '.join(CONFIDENCE)}" if listed else "")


def _kind(column: Column) -> str:
    if column.kind == "choice":
        return " or ".join(f"`{each}`" for each in column.choices)
    if column.refers:
        return f"one of [`{column.refers}`](#{column.refers})"
    if column.kind not in ("number", "integer"):
        return KINDS[column.kind]
    return KINDS[column.kind] + _range(column)


def _range(column: Column) -> str:
    """Where a number must lie, in words; nothing where any will do."""
    low, high = f"{column.low:g}", f"{column.high:,g}".replace(",", " ")
    if column.low == -float("inf"):
        return ""
    if column.kind == "integer":
        high = f"{column.high:.0f}"
    if column.high == float("inf"):
        return f", more than {low}" if column.above else f", {low} or more"
    return (
        f", more than {low}, at most {high}" if column.above else f", {low} to {high}"
    )
