"""What is wrong with an uploaded file, before anything reads its content.

A workbook is a zip: its parts are counted, named, measured as declared and then as they
really unpack. A GeoPackage is a SQLite file: it is opened read-only, nothing in it is
run, and what an instance is read from must be plain tables. The reading itself happens
in a child process within limits (tasks.py).
"""

import sqlite3
import struct
import zlib
from contextlib import closing
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from dmopt.data.raw import one_fault
from dmopt.errors import InstanceError

SUFFIXES = (".xlsx", ".gpkg")
ZIP, SQLITE = b"PK\x03\x04", b"SQLite format 3\x00"
GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")
"""Application ids of GeoPackages, at byte 68."""
MOST_PARTS = 2_000
MOST_RATIO, SMALL = 200, 1_000_000
"""Bytes unpacked for one packed, in parts above SMALL bytes; a sheet of blanks comes
to about 100."""
PIECE = 1 << 20


def suffix_of(filename: str | None) -> str | None:
    """The suffix of an uploaded file's name, if it is one that can be read. All else
    of the name is thrown away: it is never a path."""
    name = (filename or "").lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def has_magic(first: bytes, suffix: str) -> bool:
    """Whether a file's first hundred bytes are those of its kind."""
    if suffix == ".xlsx":
        return first.startswith(ZIP)
    return first.startswith(SQLITE) and first[68:72] in GEOPACKAGES


def check_upload(path: Path, most_bytes: int) -> None:
    """Raise InstanceError where the file must not be read.

    most_bytes: largest size when unpacked.
    """
    with path.open("rb") as file:
        first = file.read(100)
    if not has_magic(first, path.suffix):
        kind = "an Excel workbook" if path.suffix == ".xlsx" else "a GeoPackage"
        raise one_fault("the file", kind, "another kind of file")
    if path.suffix == ".xlsx":
        _check_zip(path, most_bytes)
    else:
        _check_sqlite(path)


def _check_zip(path: Path, most_bytes: int) -> None:
    try:
        with ZipFile(path) as zipped:
            _check_parts(zipped, most_bytes)
            unpacked = 0
            for part in zipped.infolist():
                unpacked += _real_size(zipped, part, most_bytes - unpacked)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _bad("a workbook that is whole", str(error)[:100]) from error
    except (RuntimeError, ValueError, OSError, struct.error) as error:
        raise _bad("a workbook that can be unpacked", str(error)[:100]) from error


def _check_parts(zipped: ZipFile, most_bytes: int) -> None:
    """What the zip says of itself."""
    parts = zipped.infolist()
    if len(parts) > MOST_PARTS:
        raise _bad(f"at most {MOST_PARTS:,} parts", f"{len(parts):,}")
    names = [part.filename for part in parts]
    if len(set(names)) < len(names):
        raise _bad("each part once", "the same name twice")
    for part in parts:
        if part.flag_bits & 1:
            raise _bad("a workbook without a password", "")
        steps = part.filename.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or ":" in steps[0]:
            raise _bad("parts that stay inside the workbook", "a path out of it")
        packed, unpacked = part.compress_size, part.file_size
        if unpacked > SMALL and unpacked > MOST_RATIO * max(packed, 1):
            raise _bad(
                f"at most {MOST_RATIO} bytes for each packed", "far more: a zip bomb"
            )
    declared = sum(part.file_size for part in parts)
    if declared > most_bytes:
        raise _bad(f"at most {most_bytes:,} bytes unpacked", f"{declared:,}")


def _real_size(zipped: ZipFile, part: ZipInfo, most: int) -> int:
    """Bytes that a part unpacks to, never holding more than a piece of it."""
    size = 0
    with zipped.open(part) as content:
        while piece := content.read(PIECE):
            size += len(piece)
            if size > most:
                raise _bad("no more than it says it unpacks to", "a zip bomb")
    return size


def _check_sqlite(path: Path) -> None:
    link = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(link, uri=True)) as file:
            file.execute("PRAGMA trusted_schema=OFF")
            file.execute("PRAGMA cell_size_check=ON")
            rows = file.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE type IN "
                "('table', 'view')"
            ).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _bad("a GeoPackage that is whole", str(error)[:100]) from error
    for kind, name, sql in rows:
        if kind == "view":
            raise _bad("tables only", f"a view {name!r}"[:60])
        virtual = str(sql or "").lstrip().lower().startswith("create virtual")
        if virtual and not str(name).startswith("rtree_"):
            raise _bad("plain tables", f"a virtual table {name!r}"[:60])


def _bad(expected: str, read: str) -> InstanceError:
    return one_fault("the file", expected, read)
