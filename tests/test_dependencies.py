"""What the package imports is what pyproject.toml asks for, and nothing by luck.

A package that only comes along with another one (or with the tools of developers) is
missing where somebody installs dmopt alone.
"""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTRAS_OF = {
    "web": {"web"},
    "regions": {"regions", "roads"},
    "report": {"web"},
    "cli": {"web", "regions"},
    "solving": {"fast"},
    "studies": {"study"},
    "sweeps": {"cluster"},
}
"""Packages of dmopt that may import what these extras bring."""


def _asked(wanted: list[str]) -> set[str]:
    return {
        re.split(r"[<>=!~;\[ ]", each, maxsplit=1)[0].lower().replace("_", "-")
        for each in wanted
    }


def _imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found - {"dmopt"} - sys.stdlib_module_names


def test_all_imports_are_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    core, extras = project["dependencies"], project["optional-dependencies"]
    of_module = packages_distributions()
    missing = []
    for file in sorted((ROOT / "dmopt").rglob("*.py")):
        part = file.relative_to(ROOT / "dmopt").parts[0]
        allowed = _asked(core)
        for extra in EXTRAS_OF.get(part, set()):
            allowed |= _asked(extras[extra])
        for module in sorted(_imported(file)):
            names = {
                name.lower().replace("_", "-") for name in of_module.get(module, [])
            }
            if not names & allowed:
                missing.append(f"{file.relative_to(ROOT)}: {module}")
    assert missing == []
