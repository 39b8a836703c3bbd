"""Writing an instance in any of its forms."""

from pathlib import Path

from dmopt.data.folder import write_folder
from dmopt.data.geopackage import write_geopackage
from dmopt.data.instance import Instance
from dmopt.data.raw import cannot, one_fault


def _write_workbook(instance: Instance, path: Path) -> None:
    from dmopt.data.workbook import write_workbook  # its library takes long to load

    write_workbook(instance, path)


WRITERS = {"": write_folder, ".gpkg": write_geopackage, ".xlsx": _write_workbook}
"""Writer of a form, by the suffix of the path."""


def write_instance(instance: Instance, path: str | Path) -> None:
    """Write an instance as a folder (no suffix), a GeoPackage (.gpkg) or a workbook
    (.xlsx), whole or not at all. An old instance there is replaced.

    Raises InstanceError where that cannot be, e.g. a folder that holds something else.
    """
    target = Path(path)
    writer = WRITERS.get(target.suffix.lower())
    if writer is None and not target.is_dir():
        expected = "a name without suffix (a folder), or with .gpkg or .xlsx"
        raise one_fault(str(target), expected, repr(target.suffix))
    try:
        (writer or write_folder)(instance, target)
    except OSError as error:
        raise one_fault(
            str(target), "a place to write to", "", cannot(error)
        ) from error
