"""Run a notebook's cells in order, in a process of its own.

    python tests/run_notebook.py NOTEBOOK FOLDER

FOLDER is where it runs and writes. The last expression of a cell is shown as a notebook
would show it, so that what cannot be shown is an error too. Cells are plain Python.
"""

import ast
import json
import os
import sys
from pathlib import Path
from typing import Any


def run(path: Path) -> None:
    """Raises what the first failing cell raises, with its number."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = json.loads(path.read_text("utf-8"))["cells"]
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            run_cell("".join(cell["source"]), f"{path.name}, cell {number}", names)


def run_cell(text: str, place: str, names: dict[str, Any]) -> None:
    """Run one cell and show its last expression."""
    body = ast.parse(text, place).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), place, "exec"), names)
    if isinstance(last, ast.Expr):
        show(eval(compile(ast.Expression(last.value), place, "eval"), names))


def show(value: Any) -> None:
    """Print it, and make the HTML that a notebook would show."""
    if value is None:
        return
    if hasattr(value, "_repr_html_"):
        value._repr_html_()
    print(value)


if __name__ == "__main__":
    notebook = Path(sys.argv[1]).resolve()
    os.chdir(sys.argv[2])
    run(notebook)
