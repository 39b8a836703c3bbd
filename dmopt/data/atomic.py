"""Files and folders written whole: under another name beside the old, then renamed.

Whoever looks sees the old one or the new one, never a part; when writing fails,
nothing is left behind. A killed writer leaves its room, `.dmopt-PROCESS-NAME-*`; the
next writer of the same name clears it away. No rename replaces a folder with something
in it, so an old one is set aside first: killed just then, a writer leaves nothing under
the name, but the old folder whole in its room, from where `recover` takes it back.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

FLUSHED_AT_ONCE = 8


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """A path to write to, of the same name and suffix; it becomes `path` at the end.

    Raises OSError where `path` is a folder or cannot be written.
    """
    target = Path(path).resolve()
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a folder")
    recover(target)
    with _room_beside(target) as room:
        yield room / target.name
        _flush(room / target.name)
        os.replace(room / target.name, target)
        _flush(target.parent)


@contextmanager
def atomic_folder(
    path: str | Path, replaceable: Callable[[Path], Collection[str]]
) -> Iterator[Path]:
    """An empty folder to write into; it becomes `path` at the end.

    replaceable: from an old folder at `path` to the files in it that may be thrown
        away, by their paths in it.

    Raises FileExistsError naming the first thing in the old folder that is none of
    these, OSError where `path` is a file, or cannot be written.
    """
    target = Path(path).resolve()
    recover(target)
    refuse_others(path, replaceable)
    with _room_beside(target) as room:
        new, old = room / "new" / target.name, room / "old"
        new.mkdir(parents=True)
        yield new
        _flush_all([*new.rglob("*"), new])
        if target.is_dir():
            os.rename(target, old)
        try:
            os.rename(new, target)
        except OSError:
            if old.exists():
                os.rename(old, target)
            raise
        _flush(target.parent)


def refuse_others(
    path: str | Path, replaceable: Callable[[Path], Collection[str]]
) -> None:
    """Raise what `atomic_folder` would raise of what is at `path` now."""
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{path} is a file")
    if not folder.is_dir():
        return
    stranger = _stranger(folder, replaceable(folder))
    if stranger is not None:
        raise FileExistsError(f"{path} holds something else: {stranger}")


def _stranger(folder: Path, known: Collection[str], within: str = "") -> str | None:
    """The first thing in a folder that is no known file, nor on the way to one."""
    for entry in sorted(folder.iterdir()):
        name = within + entry.name
        if not entry.is_dir() or entry.is_symlink():
            found = None if name in known else name
        elif any(file.startswith(f"{name}/") for file in known):
            found = _stranger(entry, known, f"{name}/")
        else:
            found = name
        if found is not None:
            return found
    return None


def recover(path: str | Path) -> None:
    """Clear away what killed writers of `path` left; take back an old folder that one
    of them had set aside and not replaced. Rooms of running writers stay."""
    target = Path(path).resolve()
    if not target.parent.is_dir():
        return
    name = re.compile(rf"\.dmopt-(\d+)-{re.escape(target.name)}-[a-z0-9_]{{8}}")
    for room in sorted(target.parent.iterdir()):
        left = name.fullmatch(room.name)
        if left is None or _is_running(int(left[1])):
            continue
        if (room / "old").is_dir() and not target.exists():
            os.rename(room / "old", target)
        shutil.rmtree(room, ignore_errors=True)


def _is_running(process: int) -> bool:
    """Whether a process runs. Windows cannot tell without harm: it counts as ended."""
    if process == os.getpid():
        return True
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _room_beside(target: Path) -> Iterator[Path]:
    """A hidden folder on the same disk, gone at the end."""
    room = Path(
        tempfile.mkdtemp(
            dir=target.parent, prefix=f".dmopt-{os.getpid()}-{target.name}-"
        )
    )
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _flush_all(paths: Sequence[Path]) -> None:
    """`_flush` each, several at once: a disk takes many in the time of one."""
    with ThreadPoolExecutor(min(len(paths), FLUSHED_AT_ONCE)) as pool:
        list(pool.map(_flush, paths))


def _flush(path: Path) -> None:
    """Have the disk keep what was written (folders can be flushed on POSIX only)."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
