"""Printing to PDF, with the browser that is there, and without one."""

from pathlib import Path

import pytest

from dmopt.report import write_report
from dmopt.report.printing import NoBrowser, find_browser, print_pdf
from tests.browser import executable
from tests.report.towns import option


def test_the_report_is_printed_whole(tmp_path: Path, monkeypatch) -> None:
    if executable() is None:
        pytest.skip("no Chromium or Chrome found")
    monkeypatch.setattr("dmopt.report.write.picture", lambda *given: "data:,")
    page = write_report(option("w"), tmp_path / "page.html")
    pdf = print_pdf(page, tmp_path / "page.pdf", executable())
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert sorted(tmp_path.iterdir()) == [page, pdf]


def test_the_browser_named_is_the_one_taken(tmp_path: Path) -> None:
    mine = tmp_path / "my-browser"
    mine.write_text("#!/bin/sh\nexit 0\n")
    mine.chmod(0o755)
    assert find_browser({"DMOPT_BROWSER": str(mine)}) == str(mine)
    assert find_browser({"DMOPT_BROWSER": str(tmp_path / "none")}) is None


def test_without_a_browser_it_says_how_to_print(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("dmopt.report.printing.find_browser", lambda: None)
    with pytest.raises(NoBrowser, match="choose Print"):
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf")


@pytest.mark.parametrize("script", ["echo no display >&2; exit 3", "exit 0"])
def test_a_browser_that_fails_leaves_no_file(tmp_path: Path, script: str) -> None:
    mine = tmp_path / "my-browser"
    mine.write_text(f"#!/bin/sh\n{script}\n")
    mine.chmod(0o755)
    with pytest.raises(NoBrowser, match="did not print"):
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf", str(mine))
    assert list(tmp_path.iterdir()) == [mine]
