"""The browser of the tests sees what leaves the machine, and stops it."""

from pathlib import Path

import pytest

from tests.browser import Browser, leaves


def test_a_page_that_calls_out_is_caught(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<title>Calls out</title><img src='http://example.org/a.png' alt=''>"
        "<script>new WebSocket('ws://example.net/b')</script>"
        "<script src='https://example.com/c.js'></script>"
    )
    seen = browser.open(page)
    assert seen.page.title() == "Calls out"
    assert sorted(seen.outside) == [
        "http://example.org/a.png",
        "https://example.com/c.js",
        "ws://example.net/b",
    ]
    assert seen.errors  # what was stopped shows on the console


def test_a_page_that_keeps_to_itself_is_clean(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "own.js").write_text("document.title = 'ran'")
    page = tmp_path / "page.html"
    page.write_text("<title>still</title><script src='own.js'></script>")
    seen = browser.open(page)
    assert seen.page.title() == "ran"
    assert seen.outside == [] and seen.errors == []
    assert len(seen.requests) == 2


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("file:///tmp/a.html", False),
        ("data:text/plain,a", False),
        ("blob:null/1", False),
        ("http://127.0.0.1:8000/", False),
        ("http://localhost/", False),
        ("ws://[::1]:80/", False),
        ("https://unpkg.com/maplibre-gl", True),
        ("http://127.0.0.1.example.org/", True),
        ("//example.org/a", True),
    ],
)
def test_what_leaves_the_machine(url: str, answer: bool) -> None:
    assert leaves(url) is answer
