"""Imports point one way: each package uses only itself and what stands before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "dmopt"
ORDER = [
    "errors",
    "spared",
    "garbage",
    "data",
    "importers",
    "regions",
    "plan",
    "formulation",
    "flows",
    "rules",
    "models",
    "proof",
    "solving",
    "runs",
    "explaining",
    "studies",
    "sweeps",
    "maps",
    "report",
    "api",
    "web",
    "cli",
]
ONLY = {
    "importers": {"errors", "data", "importers"},
    "regions": {"errors", "data", "regions"},
}
"""Layers that use less than all that stands before them."""
ENTRANCES = {"__init__.py", "__main__.py"}
"""They open the package and may name all of it."""

FILES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if not (path.parent == PACKAGE and path.name in ENTRANCES)
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_itself_and_what_stands_before_it(path):
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert layer in ORDER, f"{layer} has no place in the order of layers"
    allowed = ONLY.get(layer) or set(ORDER[: ORDER.index(layer) + 1])
    wrong = {name for name in imported_layers(path) if name not in allowed}
    assert not wrong, f"{layer} may not use {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("text", ["import dmopt", "from dmopt import read"])
def test_no_module_imports_through_the_package_itself(text, tmp_path):
    # the package's own names are those of the api, the last layer but one
    file = tmp_path / "sample.py"
    file.write_text(text)
    assert list(imported_layers(file)) == ["api"]


def test_imports_inside_functions_count(tmp_path):
    file = tmp_path / "sample.py"
    file.write_text("def late():\n    from dmopt.solving.run import solve\n")
    assert list(imported_layers(file)) == ["solving"]


def imported_layers(path: Path) -> Iterator[str]:
    """Layer of each import of dmopt in a file, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import, write it in full"
            names = [f"{node.module}.{each.name}" for each in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "dmopt":
                named = len(parts) > 1 and parts[1] in ORDER
                yield parts[1] if named else "api"
