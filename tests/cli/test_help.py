import subprocess
import sys
import tomllib

import pytest

import dmopt
from tests.cli.program import ROOT
from tests.cli.program import dmopt as run

COMMANDS = [
    ("check",),
    ("convert",),
    ("template",),
    ("region",),
    ("solve",),
    ("verify",),
    ("map",),
    ("rules",),
    ("compare",),
    ("explain",),
    ("price",),
    ("why",),
    ("firm",),
    ("breakeven",),
    ("frontier",),
    ("screen",),
    ("worlds",),
    ("prefer",),
    ("alternatives",),
    ("diff",),
    ("stress",),
    ("withstand",),
    ("sweep",),
    ("runs",),
    ("whatif",),
    ("import", "orlib-cap"),
    ("import", "orlib-pmed"),
    ("import", "cflp-single-source"),
]
HEAVY = ("geopandas", "highspy", "matplotlib", "numpy", "pandas", "pydantic", "pyomo")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example(command):
    told = run(*command, "--help")
    assert told.exit_code == 0
    assert f"dmopt {' '.join(command)} " in told.stdout


def test_the_program_tells_its_version():
    assert run("--version").stdout.strip() == f"dmopt {dmopt.__version__}"


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == dmopt.__version__


@pytest.mark.parametrize("text", ["import dmopt", "import dmopt.cli"])
def test_nothing_heavy_is_imported_before_it_is_needed(text):
    code = f"{text}; import sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    assert loaded and not set(HEAVY) & set(loaded)
