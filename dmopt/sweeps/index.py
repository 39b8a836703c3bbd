"""Every run under a folder in one SQLite file, RUNS/index.sqlite, to be asked.

It is a cache and nothing else: the folders are what counts. Whatever is missing in it,
too much or damaged is put right from them; deleted, it is made again. Several processes
may write at once (write-ahead log, short transactions, patience for each other).

The file is told from others of that name by SQLite's application_id. What is not ours
is left alone, and the index kept in memory; so it is where the file cannot be used.
"""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from dmopt.sweeps.looking import Found, Row, rows_of, runs_below
from dmopt.sweeps.store import MEMBERS, is_complete

INDEX, MEMORY = "index.sqlite", ":memory:"
FORMAT = 1
APPLICATION = int.from_bytes(b"dmop", "big")
"""Stands in the header of an index: SQLite's application_id."""
HEADER, AT = b"SQLite format 3\0", slice(68, 72)
"""How a database file begins, and its application_id in it (sqlite.org/fileformat)."""
LEAST_HASH = 6
"""Digits of a SHA-256 that tell an instance."""
PATIENCE_S = 30.0
"""Longest wait for another process to finish writing."""
COLUMNS = {
    "folder": "TEXT PRIMARY KEY",
    "sweep": "TEXT",
    "member": "TEXT",
    "instance": "TEXT",
    "sha256": "TEXT",
    "model": "TEXT",
    "status": "TEXT",
    "cost": "REAL",
    "bound": "REAL",
    "gap": "REAL",
    "seconds": "REAL",
    "written": "TEXT",
    "version": "TEXT",
    "stamp": "INTEGER",
}
"""Folder and sweep are relative to RUNS; sweep and member are "" for a single run;
stamp as in looking.py."""
SHOWN = tuple(name for name in COLUMNS if name != "stamp")
TABLE = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
PUT = f"INSERT OR REPLACE INTO runs VALUES ({', '.join(f':{n}' for n in COLUMNS)})"

T = TypeVar("T")


class Index:
    """The runs under one folder. To be used in a `with`, by one thread."""

    def __init__(self, runs: str | Path) -> None:
        self.runs = Path(runs).resolve()
        # a run holds its own files only, else none could be written in its place
        inside_a_run = is_complete(self.runs)
        self._file = _connected(MEMORY) if inside_a_run else _opened(self.runs / INDEX)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, folder: str | Path, *, model: str | None = None) -> None:
        """Put in the run, or all runs of the sweep, in a folder below RUNS.

        model: production model of a sweep's member, read from its sweep unless given.
        Where the index cannot be written nothing is lost: it is put right when asked.
        """
        top = Path(folder).resolve()
        if not top.is_relative_to(self.runs):  # by a link to elsewhere
            return
        sweep = top.parent.parent if top.parent.name == MEMBERS else None
        with suppress(sqlite3.Error):
            self._update(list(runs_below(top, sweep=sweep)), top, model)

    def refresh(self) -> None:
        """Make it say what the folders say; only files that are new are read."""
        self._or_in_memory(self._refresh)

    def _refresh(self) -> None:
        self._update(list(runs_below(self.runs)), self.runs)

    def rebuild(self) -> None:
        """Make it anew from the folders."""
        self._or_in_memory(self._forget)
        self.refresh()

    def _forget(self) -> None:
        with self._file:
            self._file.execute("DELETE FROM runs")

    def find(
        self,
        *,
        status: str | None = None,
        instance: str | None = None,
        sort: str = "written",
        limit: int | None = None,
    ) -> list[Row]:
        """Runs of a status, of an instance (its name, or how its SHA-256 begins), in
        the order of a column: the newest first, else the smallest, unknown ones last.

        Raises ValueError for a column that there is not.
        """
        if sort not in SHOWN:
            raise ValueError(f"sort = {sort!r}, expected one of {', '.join(SHOWN)}")
        asked, values = ["1"], list[Any]()
        if status is not None:
            asked.append("status = ?")
            values.append(status)
        if instance is not None:
            asked.append("(instance = ? OR substr(sha256, 1, ?) = ?)")
            values += [instance, max(len(instance), LEAST_HASH), instance]
        down = " DESC" if sort == "written" else ""
        text = (
            f"SELECT {', '.join(SHOWN)} FROM runs WHERE {' AND '.join(asked)} "
            f"ORDER BY {sort} IS NULL, {sort}{down}, folder LIMIT ?"
        )
        values.append(-1 if limit is None else limit)
        found = self._or_in_memory(lambda: self._file.execute(text, values).fetchall())
        return [dict(zip(SHOWN, row, strict=True)) for row in found]

    def _or_in_memory(self, ask: Callable[[], T]) -> T:
        """What is asked of the file; where that fails by now (it is locked, the disk is
        full, it was damaged), of an index in memory of what the folders say."""
        try:
            return ask()
        except sqlite3.DatabaseError:
            self._file.close()
            self._file = _connected(MEMORY)
            self._refresh()
            return ask()

    def _update(
        self, there: Sequence[Found], top: Path, model: str | None = None
    ) -> None:
        """Put in what is there and new, take out what is gone; all below `top`."""
        names = [each.folder.relative_to(self.runs).as_posix() for each in there]
        known = self._known(top)
        new = [
            each
            for name, each in zip(names, there, strict=True)
            if known.get(name) != each.stamp
        ]
        gone = known.keys() - set(names)
        self._put(list(rows_of(new, self.runs, model)), gone)

    def _known(self, top: Path) -> dict[str, int]:
        """Folder -> stamp of what the index has of a folder and what is in it."""
        text, name = "SELECT folder, stamp FROM runs", top.relative_to(self.runs)
        if top == self.runs:
            return dict(self._file.execute(text))
        # '0' comes after '/': all that begins with the folder's name and a '/'
        text += " WHERE folder = ?1 OR (folder > ?1 || '/' AND folder < ?1 || '0')"
        return dict(self._file.execute(text, [name.as_posix()]))

    def _put(self, rows: Iterable[Row], gone: Collection[str]) -> None:
        if not rows and not gone:
            return
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany(PUT, rows)
            self._file.executemany(
                "DELETE FROM runs WHERE folder = ?", [(name,) for name in gone]
            )


def _opened(path: Path) -> sqlite3.Connection:
    """The file; made where it is missing, made anew where it is damaged or of another
    format, and one in memory where it is not ours or cannot be used."""
    try:
        return _connected(path)
    except sqlite3.OperationalError:
        return _connected(MEMORY)
    except sqlite3.DatabaseError:
        pass
    try:
        if not _is_ours(path):
            return _connected(MEMORY)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return _connected(path)
    except (OSError, sqlite3.DatabaseError):
        return _connected(MEMORY)


def _is_ours(path: Path) -> bool:
    """Whether a file that cannot be used as an index began as one."""
    with path.open("rb") as file:
        header = file.read(AT.stop)
    begun = header.startswith(HEADER)
    return begun and int.from_bytes(header[AT], "big") == APPLICATION


def _connected(path: Path | str) -> sqlite3.Connection:
    """A connection to an index that is sound, with its table.

    Raises sqlite3.OperationalError where it is not ours (nothing in it is touched
    then), or cannot be opened or written; sqlite3.DatabaseError where it is damaged or
    of another format.
    """
    file = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
    try:
        if _is_new(file):
            _make(file)
        if file.execute("PRAGMA application_id").fetchone() != (APPLICATION,):
            raise sqlite3.OperationalError(f"{path} is not an index of runs")
        _use_log(file)
        format = file.execute("PRAGMA user_version").fetchone()
        sound = file.execute("PRAGMA quick_check").fetchone()
        if (format, sound) != ((FORMAT,), ("ok",)):
            raise sqlite3.DatabaseError("damaged, or of another format")
        return file
    except BaseException:
        file.close()
        raise


def _is_new(file: sqlite3.Connection) -> bool:
    """Whether there is nothing in a database, nor anybody's mark on it."""
    if file.execute("SELECT 1 FROM sqlite_master").fetchone():
        return False
    marks = (file.execute(f"PRAGMA {n}") for n in ("application_id", "user_version"))
    return all(mark.fetchone() == (0,) for mark in marks)


def _make(file: sqlite3.Connection) -> None:
    """The table and our mark, unless another process is first. Before the log is used,
    so that the mark is in the file itself."""
    with file:
        file.execute("BEGIN IMMEDIATE")
        if _is_new(file):
            file.execute(f"CREATE TABLE runs ({TABLE})")
            file.execute(f"PRAGMA application_id = {APPLICATION}")
            file.execute(f"PRAGMA user_version = {FORMAT}")


def _use_log(file: sqlite3.Connection) -> None:
    """Switch to the write-ahead log: here SQLite itself does not wait for others."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = NORMAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
