"""The page itself: its files, and MapLibre from its installed package."""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request, Response

from dmopt.web.routes.common import Trouble

router = APIRouter(include_in_schema=False)
STATIC = Path(__file__).parents[1] / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
VENDOR = {
    "maplibre-gl.js": "srcjs/maplibre-gl.js",
    "maplibre-gl.css": "srcjs/maplibre-gl.css",
}
PACKABLE = (".html", ".css", ".js", ".json", ".svg", ".txt")
MISSING = "The page is not installed: dmopt/web/static is empty."


@dataclass(frozen=True)
class Kept:
    """A file in memory, packed too where that helps; changed: when it was."""

    content: bytes
    packed: bytes | None
    etag: str
    changed: float


_kept: dict[Path, Kept] = {}


@router.get("/")
def index(request: Request) -> Response:
    return _file(request, STATIC, "index.html")


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    for name in ("favicon.ico", "favicon.svg"):
        if (STATIC / name).exists():
            return _file(request, STATIC, name)
    return Response(status_code=204)


@router.get("/static/{path:path}")
def static(request: Request, path: str) -> Response:
    return _file(request, STATIC, path)


@router.get("/vendor/{name}")
def vendor(request: Request, name: str) -> Response:
    """MapLibre GL JS (BSD 3-Clause, MapLibre contributors): its licence stands at the
    head of the file."""
    folder = _maplibre()
    if name not in VENDOR or folder is None:
        raise Trouble(404, "There is no such file.")
    return _file(request, folder, VENDOR[name])


def pack_all() -> None:
    """Read and pack every file of the page before anybody asks for it."""
    folder = _maplibre()
    vendor = [] if folder is None else [folder / name for name in VENDOR.values()]
    for path in [*vendor, *STATIC.rglob("*")]:
        if path.is_file() and path.suffix in TYPES:
            _read(path.resolve())


def _maplibre() -> Path | None:
    """Folder of the installed package, found without importing it."""
    spec = find_spec("maplibre")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _file(request: Request, folder: Path, name: str) -> Response:
    """A file inside a folder, whatever its name tries."""
    try:
        path = (folder / name).resolve()
        there = path.is_file()
    except (OSError, ValueError):
        there = False
    if not there or not path.is_relative_to(folder.resolve()):
        raise Trouble(404, MISSING if name == "index.html" else "Nothing there.")
    if path.suffix not in TYPES:
        raise Trouble(404, "Nothing there.")
    kept = _read(path)
    headers = {
        "ETag": kept.etag,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == kept.etag:
        return Response(status_code=304, headers=headers)
    content = kept.content
    if kept.packed and "gzip" in request.headers.get("accept-encoding", ""):
        content = kept.packed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=TYPES[path.suffix], headers=headers)


def _read(path: Path) -> Kept:
    changed = path.stat().st_mtime
    kept = _kept.get(path)
    if kept is None or kept.changed != changed:
        content = path.read_bytes()
        packed = gzip.compress(content, 6) if path.suffix in PACKABLE else None
        etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
        kept = _kept[path] = Kept(content, packed, etag, changed)
    return kept
