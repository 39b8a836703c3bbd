"""Notebooks are narrative: they keep no outputs, use the api, and run."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dmopt
from tests.importers.published import SHARED

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WANTED = {
    "first_plan",
    "local_or_central",
    "five_cases",
    "firm_sites",
    "fifty_worlds",
    "frontier",
    "own_rule",
    "mathematics",
}
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def code(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def ran(path, folder):
    """Run it where `../instances` is the repository's and all else is empty."""
    here = folder / "notebooks"
    here.mkdir()
    (folder / "instances").symlink_to(ROOT / "instances")
    settings = {"MPLBACKEND": "Agg", "DMOPT_SHARED_DATA": str(SHARED)}
    return subprocess.run(
        [sys.executable, str(ROOT / "tests" / "run_notebook.py"), str(path), str(here)],
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_the_notebooks_are_there():
    assert {path.stem for path in NOTEBOOKS} >= WANTED


@each_notebook
def test_a_notebook_keeps_no_outputs(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code_cells = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code_cells and not any(cell["outputs"] for cell in code_cells)
    assert all(cell["execution_count"] is None for cell in code_cells)


@each_notebook
def test_a_notebook_uses_names_that_are_there(path):
    for node in ast.walk(ast.parse("\n".join(code(path)))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "dmopt" or node.attr in {*dmopt.__all__, "rules"}


@each_notebook
def test_a_notebook_runs(path, tmp_path):
    done = ran(path, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]


def test_an_error_in_a_cell_is_an_error_of_the_run(tmp_path):
    cells = [{"cell_type": "code", "source": ["x = 1\n", "x / 0"]}]
    path = tmp_path / "broken.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    done = ran(path, tmp_path)
    assert done.returncode != 0
    assert "broken.ipynb, cell 0" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_the_first_plan_is_ten_lines():
    first = code(ROOT / "notebooks" / "first_plan.ipynb")[0]
    assert len([line for line in first.splitlines() if line.strip()]) <= 10


def test_a_rule_of_ones_own_is_twenty_lines():
    rule = code(ROOT / "notebooks" / "own_rule.ipynb")[1]
    assert re.match(r"@dmopt\.register_rule", rule)
    assert len([line for line in rule.splitlines() if line.strip()]) <= 20
