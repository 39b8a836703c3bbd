"""docs/mathematics.md: docs/mathematics_frame.md with the docstrings that it names.

A line `{{ dmopt.formulation.siting }}` stands for the docstring of that module: rows
are stated where they are written, and nowhere else by hand.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

FRAME = Path(__file__).with_name("mathematics_frame.md")
NAMED = re.compile(r"^\{\{ (dmopt[\w.]+) \}\}$", re.MULTILINE)


def document() -> str:
    """The whole of docs/mathematics.md. Raises ModuleNotFoundError for a name that is
    no module, ValueError for a module that says nothing."""
    return NAMED.sub(lambda found: _said(found[1]), FRAME.read_text("utf-8"))


def _said(name: str) -> str:
    module = import_module(name)
    text = inspect.getdoc(module)
    if not text:
        raise ValueError(f"{name} has no docstring")
    return f"`{name.replace('.', '/')}.py`\n\n```text\n{text}\n```"
