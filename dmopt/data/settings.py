"""Settings from raw values, and their faults."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pyproj import CRS
from pyproj.exceptions import CRSError

from dmopt.data.cells import UNWRITABLE
from dmopt.data.instance import Settings
from dmopt.data.rows import nearest, show
from dmopt.errors import Fault

SETTINGS = "settings"
"""Name of the sheet or layer with the settings, and of their place in faults."""


def read_settings(
    raw: Mapping[str, Any], place: str
) -> tuple[Settings | None, list[Fault]]:
    """The settings, or None with every fault in them. Blank means not given."""
    given = {str(name): value for name, value in raw.items() if not _blank(value)}
    faults = [
        Fault(place, None, name, show(value), "text without control characters")
        for name, value in given.items()
        if isinstance(value, str) and UNWRITABLE.search(value)
    ]
    faults += _flags_as_numbers(given, place)
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults += [_fault(dict(detail), given, place) for detail in error.errors()]
        return None, faults
    faults += _crs_faults(settings, place)
    return (None if faults else settings), faults


def _blank(value: Any) -> bool:
    return (
        value is None
        or value != value
        or (isinstance(value, str) and not value.strip())
    )


def _flags_as_numbers(given: Mapping[str, Any], place: str) -> list[Fault]:
    """True would pass for the number 1."""
    return [
        Fault(place, None, name, show(value), "a number or text")
        for name, value in given.items()
        if isinstance(value, bool)
    ]


def _fault(detail: dict[str, Any], given: Mapping[str, Any], place: str) -> Fault:
    name = str(detail["loc"][0])
    if detail["type"] == "missing":
        return Fault(place, None, name, "", "this setting to be given")
    if detail["type"] == "extra_forbidden":
        known = list(Settings.model_fields)
        return Fault(place, None, name, "", "only known settings", nearest(name, known))
    message = detail["msg"][0].lower() + detail["msg"][1:]
    expected = message.removeprefix("input should be ").replace("'", "")
    choices = detail.get("ctx", {}).get("expected", "").replace("'", "")
    options = choices.replace(" or ", ", ").split(", ")
    hint = nearest(str(given[name]), options) if choices else ""
    return Fault(place, None, name, show(given[name]), expected, hint)


def _crs_faults(settings: Settings, place: str) -> list[Fault]:
    """The CRS must be known, of a map, and fit the way distances are found."""
    read = show(settings.crs)
    try:
        crs = CRS.from_user_input(settings.crs)
    except CRSError:
        expected = "a coordinate reference system, such as EPSG:27700"
        return [Fault(place, None, "crs", read, expected)]
    if not (crs.is_geographic or crs.is_projected):
        expected = "a coordinate reference system of x and y on a map"
        return [Fault(place, None, "crs", read, expected)]
    metres = crs.is_projected and crs.axis_info[0].unit_name == "metre"
    if settings.distance == "projected" and not metres:
        expected = "a projected CRS in metres, since distance = projected"
        return [Fault(place, None, "crs", read, expected)]
    return []


def settings_of_rows(rows: list[list[Any]]) -> dict[str, Any]:
    """Settings from the cells of a sheet with columns setting, value (others are
    notes). A name typed as a number is text again."""
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    if "setting" not in header or "value" not in header:
        return {}
    name, value = header.index("setting"), header.index("value")
    return {
        str(row[name]): _plain(row[value])
        for row in rows[1:]
        if not _blank(row[name]) and not _blank(row[value])
    }


def _plain(cell: Any) -> Any:
    """Numbers as text: pydantic reads either kind of setting from it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, bool) else str(cell)
