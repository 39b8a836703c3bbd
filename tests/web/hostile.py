"""Files that somebody might upload to do harm; name -> (file name, content)."""

import io
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openpyxl import load_workbook

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from tests.web.server import TOWNS

SCRIPT = '<script>fetch("/api/session")</script>'
IMAGE = '"><img src=x onerror=alert(1)>'
FORMULA = '=HYPERLINK("http://evil.example","x")'


def workbook() -> bytes:
    return _written(".xlsx")


def geopackage() -> bytes:
    return _written(".gpkg")


def _written(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"towns{suffix}"
        write_instance(read_instance(TOWNS), path)
        return path.read_bytes()


def parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in content.items():
            zipped.writestr(name, text)
    return file.getvalue()


def with_part(name: str, text: bytes) -> bytes:
    return packed({**parts(workbook()), name: text})


def with_cells(change: Callable[[object], None]) -> bytes:
    book = load_workbook(io.BytesIO(workbook()))
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def with_sql(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "towns.gpkg"
        path.write_bytes(geopackage())
        with _opened(path) as file:
            file.execute("PRAGMA writable_schema=ON")
            for each in statements:
                file.execute(each)
        return path.read_bytes()


def lying_bomb() -> bytes:
    """A part of 60 MB that says it unpacks to one byte."""
    book = bytearray(with_part("xl/bomb.xml", b" " * 60_000_000))
    true = struct.pack("<I", 60_000_000)
    at = book.find(true)
    while at >= 0:
        book[at : at + 4] = struct.pack("<I", 1)
        at = book.find(true, at + 4)
    return bytes(book)


def locked() -> bytes:
    """A workbook that says it is encrypted."""
    book = bytearray(workbook())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = book.find(mark)
        while at >= 0:
            book[at + flags] |= 1
            at = book.find(mark, at + 4)
    return bytes(book)


LAUGHS = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "lol">',
        *(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)),
        b"]><workbook>&a11;</workbook>",
    ]
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<workbook>&x;</workbook>"
)


def _formula(book: object) -> None:
    book["zones"]["B2"] = "=cmd|'/c calc'!A1"  # type: ignore[index]


REFUSED: dict[str, Callable[[], tuple[str, bytes]]] = {
    "no suffix": lambda: ("towns", workbook()),
    "a program": lambda: ("towns.exe", b"MZ" + b"\0" * 200),
    "two suffixes": lambda: ("towns.xlsx.exe", workbook()),
    "macros": lambda: ("towns.xlsm", workbook()),
    "an old workbook": lambda: ("towns.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
    "csv": lambda: ("towns.csv", b"a,b\n1,2\n"),
    "empty": lambda: ("towns.xlsx", b""),
    "a page": lambda: ("towns.xlsx", b"<html><script>alert(1)</script></html>"),
    "a database as a workbook": lambda: ("towns.xlsx", geopackage()),
    "a workbook as a database": lambda: ("towns.gpkg", workbook()),
    "a database that is no GeoPackage": lambda: (
        "towns.gpkg",
        b"SQLite format 3\x00" + b"\0" * 4080,
    ),
    "cut short": lambda: ("towns.xlsx", workbook()[:-300]),
    "a zip of nothing": lambda: ("towns.xlsx", packed({"a.txt": b"a"})),
    "a zip bomb": lambda: ("t.xlsx", with_part("xl/bomb.xml", b" " * 60_000_000)),
    "a zip bomb that lies": lambda: ("t.xlsx", lying_bomb()),
    "very many parts": lambda: (
        "t.xlsx",
        packed({**parts(workbook()), **{f"x/{n}": b"" for n in range(2_500)}}),
    ),
    "a part outside": lambda: ("t.xlsx", with_part("../../evil.py", b"x")),
    "a part at the root": lambda: ("t.xlsx", with_part("/etc/cron.d/evil", b"x")),
    "a part on a drive": lambda: ("t.xlsx", with_part("c:\\evil.dll", b"x")),
    "encrypted": lambda: ("t.xlsx", locked()),
    "a billion laughs": lambda: ("t.xlsx", with_part("xl/workbook.xml", LAUGHS)),
    "a file of the server": lambda: ("t.xlsx", with_part("xl/workbook.xml", OUTSIDE)),
    "a formula": lambda: ("t.xlsx", with_cells(_formula)),
    "a view": lambda: (
        "t.gpkg",
        with_sql(
            "ALTER TABLE commodities RENAME TO hidden",
            "CREATE VIEW commodities AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL "
            "SELECT x + 1 FROM n) SELECT x FROM n",
        ),
    ),
    "a virtual table": lambda: (
        "t.gpkg",
        with_sql("CREATE VIRTUAL TABLE evil USING fts5(x)"),
    ),
    "a layer that runs code": lambda: (
        "t.gpkg",
        with_sql(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
            "('x\" UNION SELECT load_extension(''evil'') --', 'attributes', 'x')"
        ),
    ),
    "pages of noise": lambda: (
        "t.gpkg",
        geopackage()[:4096] + b"\x07" * (len(geopackage()) - 4096),
    ),
    "half a database": lambda: ("t.gpkg", geopackage()[: len(geopackage()) // 2]),
    "too large": lambda: ("t.xlsx", workbook() + b"\0" * 3_000_000),
}
"""What must be refused, whole."""


def named_with_evil() -> bytes:
    """A workbook that is sound, with names that are scripts and formulas."""

    def change(book: object) -> None:
        for sheet, cell, text in (
            ("settings", "B2", SCRIPT),
            ("zones", "B2", IMAGE),
            ("sites", "B2", FORMULA),
            ("sites", "B3", SCRIPT),
            ("technologies", "B2", "@SUM(1+1)"),
            ("commodities", "B2", "+1+1"),
        ):
            found = book[sheet][cell]  # type: ignore[index]
            found.value, found.data_type = text, "s"

    return with_cells(change)
