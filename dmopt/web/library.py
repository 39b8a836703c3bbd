"""The instances that a server knows: those it was started with, and uploaded ones.

Each is kept in the data folder as tables and with what the page shows of it, under an
id with part of its hash: a plan always belongs to the data it was made for.
"""

import gzip
import json
import logging
import re
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from dmopt import __version__
from dmopt.errors import InstanceError
from dmopt.web.store import Row, Store

if TYPE_CHECKING:
    from dmopt.data.instance import Instance

LOGGER = logging.getLogger("dmopt.web")
SHOWN_BY = "shown_by.json.gz"
SHOWN = {"dmopt": __version__, "form": 2}
"""What made the files that the page shows; `form` goes up when they change."""
MOST_READ = 8
"""Instances kept in memory, to check wishes against."""
MOST_FILES = 64
"""Files for the page kept in memory."""


class Library:
    """Instances by id, on disk, a few of them in memory."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store
        self._lock = Lock()
        self._read: OrderedDict[str, Instance] = OrderedDict()
        self._files: OrderedDict[Path, bytes] = OrderedDict()
        self._given: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def add_given(self, path: Path) -> str:
        """Take in an instance that the server is started with; for all users.

        Raises InstanceError with every fault in it.
        """
        from dmopt.data.read import read_instance
        from dmopt.runs.fingerprint import instance_hash
        from dmopt.web.tasks import take_in

        instance = read_instance(path)
        sha256 = instance_hash(instance)
        name = path.resolve()
        id = f"{slug(name.name if name.is_dir() else name.stem)}-{sha256[:8]}"
        known = {row["id"] for row in self._store.instances()}
        if id not in known or not self.folder(id).is_dir():
            part = self._folder / f".part-{secrets.token_hex(8)}"
            take_in(instance, part)
            shutil.rmtree(self.folder(id), ignore_errors=True)
            part.rename(self.folder(id))
        if id not in known:
            self.keep(id, None, sha256)
        with self._lock:
            self._given.add(id)
            self._read[id] = instance
        return id

    def keep(self, id: str, owner: str | None, sha256: str) -> None:
        """Note an instance whose folder is there."""
        about = self.read_json(id, "facts.json.gz")
        kept = ("name", "description", "zones", "sites", "currency", "credit")
        short = {name: about[name] for name in kept}
        short["products"] = [each["name"] for each in about["products"]]
        self._store.add_instance(
            {
                "id": id,
                "owner": owner,
                "sha256": sha256,
                "created": now(),
                "about": short,
            }
        )

    def visible(self, user: str, used: set[str]) -> list[Row]:
        """Instances of a user: given ones, the user's own, and earlier ones that the
        user has scenarios of."""
        rows = self._store.instances()
        anything = bool(self._given)
        return [
            row
            for row in rows
            if row["owner"] == user
            or (
                row["owner"] is None
                and (row["id"] in self._given or row["id"] in used or not anything)
            )
        ]

    def find(self, id: str, user: str) -> Row | None:
        """An instance that a user may see."""
        for row in self._store.instances():
            if row["id"] == id and row["owner"] in (None, user):
                return row
        return None

    def folder(self, id: str) -> Path:
        return self._folder / id

    def tables(self, id: str) -> Path:
        return self._folder / id / "tables"

    def instance(self, id: str) -> "Instance":
        """The instance itself, from memory or disk."""
        from dmopt.data.read import read_instance

        with self._lock:
            if id in self._read:
                self._read.move_to_end(id)
                return self._read[id]
        found = read_instance(self.tables(id))
        with self._lock:
            self._read[id] = found
            while len(self._read) > MOST_READ:
                self._read.popitem(last=False)
        return found

    def packed(self, id: str, name: str) -> bytes:
        """A file for the page, as it is packed on disk."""
        path = self._folder / id / name
        with self._lock:
            if path in self._files:
                self._files.move_to_end(path)
                return self._files[path]
        content = path.read_bytes()
        with self._lock:
            self._files[path] = content
            while len(self._files) > MOST_FILES:
                self._files.popitem(last=False)
        return content

    def read_json(self, id: str, name: str) -> Any:
        return json.loads(gzip.decompress(self.packed(id, name)))

    def forget(self, id: str) -> None:
        """Delete an instance and its folder."""
        self._store.delete_instance(id)
        with self._lock:
            self._read.pop(id, None)
            self._files = OrderedDict(
                (path, content)
                for path, content in self._files.items()
                if path.parent != self.folder(id)
            )
        shutil.rmtree(self.folder(id), ignore_errors=True)

    def show_anew(self) -> None:
        """Make again what another dmopt made for the page, from the tables kept."""
        from dmopt.web.tasks import show

        for row in self._store.instances():
            folder = self.folder(row["id"])
            try:
                if read_packed(folder / SHOWN_BY) == SHOWN:
                    continue
            except (OSError, ValueError):
                pass  # from before this was noted
            try:
                show(self.instance(row["id"]), folder)
            except (OSError, InstanceError) as error:
                # its rows no longer pass the checks: what was shown stays
                LOGGER.warning("%s is shown as before: %s", row["id"], error)

    def clear_parts(self) -> None:
        """Remove what a killed server left half taken in."""
        for part in self._folder.glob(".part-*"):
            shutil.rmtree(part, ignore_errors=True)

    def new_part(self) -> Path:
        """A folder to take an upload in; not there yet."""
        return self._folder / f".part-{secrets.token_hex(8)}"

    def settle(self, part: Path, owner: str, sha256: str) -> str:
        """Give a folder that is taken in its id; gives the id."""
        about: Mapping[str, Any] = read_packed(part / "facts.json.gz")
        id = f"{slug(about['name'])}-{secrets.token_hex(6)}"
        part.rename(self.folder(id))
        self.keep(id, owner, sha256)
        return id


def read_packed(path: Path) -> Any:
    """Content of a packed JSON file."""
    return json.loads(gzip.decompress(path.read_bytes()))


def slug(name: str) -> str:
    """A name as part of an id: plain letters, digits and hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().encode("ascii", "ignore").decode())
    return plain.strip("-")[:40] or "instance"


def now() -> str:
    """Time in UTC, as it is kept and told."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder; what goes away meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
