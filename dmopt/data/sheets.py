"""What is inside a workbook file, before anything reads its cells.

A workbook is a zip of XML. Its unpacked size is known from its directory, so a
zip bomb is found before it goes off; formulas stand in the XML only, since readers
of values hand on what a formula last came to.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from dmopt.data.raw import MOST_BYTES, cannot, check_file, one_fault

BROKEN = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    KeyError,
    ValueError,
    RuntimeError,
    ElementTree.ParseError,
)
"""What a zip of XML raises where it is damaged."""

_CELL = re.compile(
    rb'<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?(f)[\s>/]|<(?:\w+:)?c\b([^>]*\st="(e)"[^>]*)>'
)
_SPOT = re.compile(rb'\sr="([A-Z]+)(\d+)"')
_ODD = re.compile(rb'<(?:\w+:)?f[\s>/]|\st="e"')


def check_workbook(path: Path) -> None:
    """Raise InstanceError unless `path` is a workbook of a sensible size."""
    check_file(path)
    try:
        with ZipFile(path) as zipped:
            size = sum(part.file_size for part in zipped.infolist())
            names = zipped.namelist()
    except OSError as error:
        raise one_fault(
            path.name, "a file that can be read", "", cannot(error)
        ) from error
    except BROKEN as error:
        hint = "it may be cut short, protected by a password, or another kind of file"
        raise one_fault(path.name, "an Excel workbook (.xlsx)", "", hint) from error
    if size > MOST_BYTES:
        raise one_fault(
            path.name, f"at most {MOST_BYTES:,} bytes unpacked", f"{size:,}"
        )
    if "xl/workbook.xml" not in names:
        raise one_fault(path.name, "an Excel workbook (.xlsx)", "another zip file")


def odd_cells(path: Path) -> Iterator[tuple[str, str, int, str]]:
    """Cells that hold no plain value: sheet, column letters, row, what they hold."""
    with ZipFile(path) as zipped:
        for sheet, part in _parts(zipped):
            content = zipped.read(part)
            if not _ODD.search(content):
                continue
            for cell in _CELL.finditer(content):
                spot = _SPOT.search(cell[1] or cell[3])
                if spot:
                    kind = "a formula" if cell[2] else "an error value"
                    yield sheet, spot[1].decode(), int(spot[2]), kind


def _parts(zipped: ZipFile) -> Iterator[tuple[str, str]]:
    """Names of the sheets and of the parts of the zip that hold them."""
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in ElementTree.fromstring(zipped.read("xl/_rels/workbook.xml.rels"))
    }
    for sheet in ElementTree.fromstring(zipped.read("xl/workbook.xml")).iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((v for k, v in sheet.items() if k.rpartition("}")[2] == "id"), "")
        part = normpath(join("xl", targets.get(link, ""))).lstrip("/")
        if part in zipped.namelist():
            yield sheet.get("name", ""), part
