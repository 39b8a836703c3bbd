"""The documentation: made pages are what the code makes, what is shown exists, and the
site builds without a warning and without a network."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import dmopt
from dmopt.cli.app import app
from tests.browser import browser, chromium

__all__ = ["browser", "chromium"]

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE = ("api.md", "assumptions.md", "commands.md", "examples.md", "mathematics.md")
MADE += ("tables.md",)
BY_HAND = sorted(
    {path for path in DOCS.glob("*.md") if path.name not in (*MADE, "rules.md")}
    | {ROOT / "README.md"}
)
PROGRAM = typer.main.get_command(app)


@pytest.fixture(scope="module")
def pages():
    """Name of each made page -> the function that makes it."""
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("pages", DOCS / "make_pages.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.PAGES
    finally:
        sys.path.remove(str(DOCS))


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_what_the_code_makes(pages, name):
    # if not: python docs/make_pages.py
    assert set(pages) == set(MADE)
    assert (DOCS / name).read_text("utf-8") == pages[name]()


def test_every_table_and_column_is_in_the_reference():
    from dmopt.data.column import PROVENANCE
    from dmopt.data.schema import TABLES

    text = (DOCS / "tables.md").read_text("utf-8")
    for table in TABLES.values():
        part = text.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        for column in table.columns:
            if column not in PROVENANCE:
                assert f"| `{column.name}` |" in part, (table.name, column.name)


def test_every_formulation_module_is_in_the_mathematics():
    frame = (DOCS / "mathematics_frame.md").read_text("utf-8")
    no_rows = {"__init__", "build", "compiled", "scope"}
    for path in (ROOT / "dmopt" / "formulation").glob("*.py"):
        if path.stem not in no_rows:
            assert f"{{{{ dmopt.formulation.{path.stem} }}}}" in frame


def shown_commands():
    """(file, command line) of each line of a code block that begins with dmopt."""
    for path in BY_HAND:
        fenced = False
        text = path.read_text("utf-8").replace("\\\n", " ")  # lines that run on
        for line in text.splitlines():
            fenced ^= line.lstrip().startswith("```")
            in_block = fenced or line.startswith("    ")
            if in_block and re.match(r"\s*(\.venv/bin/)?dmopt [a-z]", line):
                yield path.name, line.strip()


@pytest.mark.parametrize(("place", "line"), sorted(set(shown_commands())))
def test_a_command_that_is_shown_exists_with_its_options(place, line):
    words = shlex.split(line, comments=True)[1:]
    command = PROGRAM
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    known = {name for each in command.params for name in each.opts}
    for word in words:
        if word.startswith("-") and not re.fullmatch(r"-\d.*", word):
            assert word.partition("=")[0] in known, (place, line)


def test_a_function_that_is_shown_exists():
    for path in BY_HAND:
        for name in re.findall(r"\bdmopt\.([a-z_]+)\(", path.read_text("utf-8")):
            assert name in dmopt.__all__, (path.name, name)


def test_the_page_of_notebooks_has_all_of_them():
    text = (DOCS / "notebooks.md").read_text("utf-8")
    there = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"`(\w+\.ipynb)`", text)) == there


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("mkdocs", reason="mkdocs is not installed (the extra docs)")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_the_site_has_a_page_for_each_page(site):
    made = {path.stem for path in site.glob("*.html")} - {"404"}
    frames = {path.stem for path in DOCS.glob("*_frame.md")}
    assert made == {path.stem for path in DOCS.glob("*.md")} - frames
    assert not list(site.glob("*.py"))


def test_the_site_loads_nothing_from_elsewhere(site):
    loads = re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"?(https?:)?//"
    )
    for path in site.rglob("*.html"):
        assert not loads.search(path.read_text("utf-8")), path.name


def test_search_works_where_the_site_is_opened_from_a_folder(site, browser):
    seen = browser.open(site / "index.html")
    seen.page.fill("input.md-search__input", "proximity")
    first = seen.page.wait_for_selector(".md-search-result__item", timeout=20_000)
    assert "roximity" in first.inner_text()
    assert seen.outside == [] and seen.errors == []
