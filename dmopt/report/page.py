"""One HTML file that needs nothing else: no network, no other file.

Everything that comes from data is escaped by jinja2. Scripts and styles stand in the
file, and its Content Security Policy names each by its hash: nothing else runs,
nothing is loaded, whatever the data hold.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dmopt.report.library import Library
from dmopt.report.table import Table

BREAKERS = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
"""Characters that could end a script element, or a line of a script."""


def render(
    about: Mapping[str, Any], drawing: Mapping[str, Any], library: Library | None
) -> str:
    """The page.

    about: what the template shows. drawing: what the interactive map draws.
    library: None leaves the printed map alone.
    """
    styles = [_own("report.css")]
    scripts = [_own("page.js")]
    if library is not None:
        styles.append(_inert(library.styles, "style"))
        scripts = [_inert(library.script, "script"), _own("map.js"), *scripts]
    environment = Environment(
        loader=PackageLoader("dmopt.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        **about,
        policy=policy(scripts, styles),
        styles=[Markup(text) for text in styles],
        scripts=[Markup(text) for text in scripts],
        map_data=None if library is None else Markup(embedded(drawing)),
        drawing=drawing,
        Table=Table,
    )


def embedded(values: Any) -> str:
    """JSON that can stand in a script element, whatever texts it holds."""
    text = json.dumps(
        values, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    for character, written in BREAKERS.items():
        text = text.replace(character, written)
    return text


def policy(scripts: list[str], styles: list[str]) -> str:
    """Only these scripts and styles; pictures that stand in the file; MapLibre's
    worker, which it makes itself."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            "img-src data: blob:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _own(name: str) -> str:
    """A script or style of this package."""
    return _one_newline(
        files("dmopt.report").joinpath("static", name).read_text(encoding="utf-8")
    )


def _inert(text: str, element: str) -> str:
    """A script or style of others as it is, but for what would end its element."""
    return _one_newline(text).replace(f"</{element}", f"<\\/{element}")


def _one_newline(text: str) -> str:
    """Line ends as a browser reads them, which is what it hashes."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
