"""Reading an instance, whatever form it has."""

from pathlib import Path

from dmopt.data.folder import SETTINGS_FILE, read_folder
from dmopt.data.geopackage import read_geopackage
from dmopt.data.instance import Instance
from dmopt.data.raw import Raw, cannot, one_fault
from dmopt.data.scenario import SCENARIO_FILE, read_scenario, scenario_content
from dmopt.data.validate import make_instance


def _read_workbook(path: Path) -> Raw:
    from dmopt.data.workbook import read_workbook  # its libraries take long to load

    return read_workbook(path)


READERS = {".gpkg": read_geopackage, ".xlsx": _read_workbook}
"""Reader of a file, by its suffix."""


def read_instance(path: str | Path) -> Instance:
    """Read an instance: a folder, a GeoPackage (.gpkg), a workbook (.xlsx), or a
    folder with a scenario.

    Raises InstanceError with every fault found.
    """
    try:
        raw = read_raw(Path(path))
    except OSError as error:
        expected = "an instance that can be read"
        raise one_fault(str(path), expected, "", cannot(error)) from error
    return make_instance(raw.settings, raw.tables, raw.place, raw.faults)


def read_raw(path: Path, within: tuple[Path, ...] = ()) -> Raw:
    """Raw cells, whatever form they have. within: scenarios that lead here."""
    if path.suffix.lower() in READERS and not path.is_dir():
        return READERS[path.suffix.lower()](path)
    if not path.exists():
        raise one_fault(
            str(path), "an instance: a folder, .gpkg or .xlsx", "nothing there"
        )
    if not path.is_dir():
        raise one_fault(path.name, "a folder, a .gpkg or an .xlsx file")
    is_scenario = (path / SCENARIO_FILE).exists()
    if is_scenario == (path / SETTINGS_FILE).exists():
        expected = f"{SETTINGS_FILE} or {SCENARIO_FILE} in this folder"
        read = "both" if is_scenario else ""
        raise one_fault(path.name or str(path), expected, read)
    return _read_scenario(path, within) if is_scenario else read_folder(path)


def _read_scenario(path: Path, within: tuple[Path, ...]) -> Raw:
    """A scenario on its base, which may be a scenario too, but not this one."""
    content = scenario_content(path)
    base = path / content["scenario"]["base"]
    here = (*within, path.resolve())
    if base.resolve() in here:
        raise one_fault(SCENARIO_FILE, "a base that does not lead back here", str(base))
    raw = read_raw(base, here)
    instance = make_instance(
        raw.settings, raw.tables, lambda name: f"{base}: {raw.place(name)}", raw.faults
    )
    return read_scenario(path, instance, content)
