"""What is remembered: scenarios, questions about them, instances, sessions.

One SQLite file in WAL mode; each change is on disk before the answer goes out, so that
a server killed at any moment forgets nothing it has told. Big things (plans, maps) are
folders beside it, under names made here.
"""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
    hash TEXT PRIMARY KEY, user TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, owner TEXT, sha256 TEXT NOT NULL, created TEXT NOT NULL,
    about TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scenarios (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, instance TEXT NOT NULL,
    name TEXT NOT NULL, created TEXT NOT NULL, state TEXT NOT NULL,
    status TEXT, cost REAL, bound REAL, gap REAL, verified INTEGER NOT NULL DEFAULT 0,
    wish TEXT NOT NULL, asked_gap REAL NOT NULL, time_limit_s REAL NOT NULL,
    parent TEXT, progress TEXT, error TEXT, faults TEXT, place INTEGER);
CREATE INDEX IF NOT EXISTS of_owner ON scenarios (owner, instance);
CREATE TABLE IF NOT EXISTS questions (
    scenario TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, error TEXT,
    PRIMARY KEY (scenario, kind));
DROP TABLE IF EXISTS log;
"""
INTERRUPTED = "The server was stopped while this ran. Plan again to finish it."
UNFINISHED = ("waiting", "running")
JSONS = ("wish", "faults", "progress", "about")
"""Columns kept as JSON."""

Row = dict[str, Any]


class Store:
    """The file; every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._file = sqlite3.connect(
            path, check_same_thread=False, isolation_level="DEFERRED"
        )
        self._file.row_factory = sqlite3.Row
        for setting in ("journal_mode=WAL", "synchronous=FULL", "trusted_schema=OFF"):
            self._file.execute(f"PRAGMA {setting}")
        self._file.executescript(TABLES)

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def _run(self, text: str, values: Sequence[Any] = ()) -> int:
        with self._lock, self._file:
            return self._file.execute(text, values).rowcount

    def _rows(self, text: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._lock:
            return [_row(each) for each in self._file.execute(text, values)]

    def mark_interrupted(self) -> int:
        """What ran when the server last ended did not end well; how many."""
        states = f"state IN {UNFINISHED}"
        changed = "state = 'failed', error = ?"
        values = [INTERRUPTED]
        self._run(f"UPDATE questions SET {changed} WHERE {states}", values)
        return self._run(f"UPDATE scenarios SET {changed} WHERE {states}", values)

    # sessions

    def add_session(self, hash: str, user: str, expires: float) -> None:
        self._run("DELETE FROM sessions WHERE expires < ?", [time.time()])
        self._run("INSERT INTO sessions VALUES (?, ?, ?)", [hash, user, expires])

    def session_user(self, hash: str) -> str | None:
        found = self._rows(
            "SELECT user FROM sessions WHERE hash = ? AND expires > ?",
            [hash, time.time()],
        )
        return str(found[0]["user"]) if found else None

    def end_session(self, hash: str) -> None:
        self._run("DELETE FROM sessions WHERE hash = ?", [hash])

    # instances

    def add_instance(self, row: Row) -> None:
        self._insert("instances", row)

    def instances(self) -> list[Row]:
        return self._rows("SELECT * FROM instances ORDER BY created, id")

    def delete_instance(self, id: str) -> None:
        self._run("DELETE FROM instances WHERE id = ?", [id])

    # scenarios

    def add_scenario(self, row: Row) -> None:
        """Add one; the newest has the greatest place."""
        with self._lock:
            [[last]] = self._file.execute("SELECT max(place) FROM scenarios")
            self._insert("scenarios", row | {"place": (last or 0) + 1})

    def scenarios(self, owner: str, instance: str | None = None) -> list[Row]:
        """Of one owner, newest first."""
        if instance is None:
            return self._rows(
                "SELECT * FROM scenarios WHERE owner = ? ORDER BY place DESC", [owner]
            )
        return self._rows(
            "SELECT * FROM scenarios WHERE owner = ? AND instance = ? "
            "ORDER BY place DESC",
            [owner, instance],
        )

    def scenario(self, id: str, owner: str) -> Row | None:
        found = self._rows(
            "SELECT * FROM scenarios WHERE id = ? AND owner = ?", [id, owner]
        )
        return found[0] if found else None

    def update_scenario(self, id: str, **values: Any) -> None:
        self._update("scenarios", values, "id = ?", [id])

    def delete_scenario(self, id: str) -> None:
        with self._lock, self._file:
            self._file.execute("DELETE FROM questions WHERE scenario = ?", [id])
            self._file.execute("DELETE FROM scenarios WHERE id = ?", [id])

    # questions about a scenario

    def set_question(
        self, scenario: str, kind: str, state: str, error: str | None = None
    ) -> None:
        self._run(
            "INSERT OR REPLACE INTO questions (scenario, kind, state, error) "
            "VALUES (?, ?, ?, ?)",
            [scenario, kind, state, error],
        )

    def question(self, scenario: str, kind: str) -> Row | None:
        found = self._rows(
            "SELECT * FROM questions WHERE scenario = ? AND kind = ?", [scenario, kind]
        )
        return found[0] if found else None

    def asked(self, owner: str) -> dict[str, dict[str, str]]:
        """Scenario of an owner -> kind of question about it -> its state."""
        found: dict[str, dict[str, str]] = {}
        for row in self._rows(
            "SELECT scenario, kind, questions.state FROM questions "
            "JOIN scenarios ON scenario = id WHERE owner = ? ORDER BY kind",
            [owner],
        ):
            found.setdefault(row["scenario"], {})[row["kind"]] = row["state"]
        return found

    def _insert(self, table: str, row: Row) -> None:
        row = _plain(row)
        marks = ", ".join("?" * len(row))
        self._run(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})",
            list(row.values()),
        )

    def _update(self, table: str, values: Row, where: str, keys: list[Any]) -> None:
        values = _plain(values)
        given = ", ".join(f"{name} = ?" for name in values)
        self._run(
            f"UPDATE {table} SET {given} WHERE {where}", [*values.values(), *keys]
        )


def _plain(row: Mapping[str, Any]) -> Row:
    return {
        name: json.dumps(value, allow_nan=False)
        if name in JSONS and value is not None
        else value
        for name, value in row.items()
    }


def _row(found: sqlite3.Row) -> Row:
    return {
        name: json.loads(found[name])
        if name in JSONS and found[name] is not None
        else found[name]
        for name in found.keys()  # noqa: SIM118 - a Row is no mapping
    }
