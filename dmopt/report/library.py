"""MapLibre GL JS, taken from the installed package `maplibre`; never from a network.

The package is found and not imported: importing it has side effects.
"""

import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "maplibre"
FILES = ("maplibre-gl.js", "maplibre-gl.css")
VERSION = re.compile(r"maplibre-gl-js/blob/v(\d+(?:\.\d+)*)/")
HOW = "pip install 'dmopt[web]'"


@dataclass(frozen=True)
class Library:
    """script, styles: the files' content. version: of MapLibre GL JS, or "".
    package: name and version of the package it came in."""

    script: str
    styles: str
    version: str
    package: str


def find_library() -> Library | None:
    """The library, or None where the package is missing or has no such files."""
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except (ImportError, ValueError):
        return None
    for root in (spec.submodule_search_locations or []) if spec else []:
        paths = [Path(root) / "srcjs" / name for name in FILES]
        if all(path.is_file() for path in paths):
            script, styles = (path.read_text(encoding="utf-8") for path in paths)
            found = VERSION.search(script[:2000])
            version = found[1] if found else ""
            return Library(script, styles, version, _package())
    return None


def _package() -> str:
    try:
        return f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"
    except importlib.metadata.PackageNotFoundError:
        return PACKAGE
