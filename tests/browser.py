"""A real browser for tests of pages: headless Chromium that never leaves the machine.

In the conftest.py of a test folder:

    from tests.browser import browser, chromium

    __all__ = ["browser", "chromium"]

and in a test:

    def test_the_page_opens(browser, tmp_path):
        seen = browser.open(tmp_path / "page.html")
        assert seen.page.title() == "A title"
        assert seen.outside == [] and seen.errors == []

Requests that are not for a file, for data in the page or for this machine are stopped
and written down in `seen.outside`. Where playwright or a browser is missing the test is
skipped and says why (with DMOPT_NEEDS_BROWSER set, as in CI, a missing browser fails).
DMOPT_BROWSER names a browser to use instead of the first found.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
IN_THE_PAGE = {"about", "blob", "data", "file"}
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


@dataclass
class Seen:
    """One open page, and what happened on it.

    requests: every address asked for. outside: those that would have left the machine;
    they were stopped. errors: console errors and exceptions, as text.
    """

    page: Any
    requests: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def note(self, url: str) -> None:
        """Write down one request."""
        if url not in self.requests:
            self.requests.append(url)
        if leaves(url) and url not in self.outside:
            self.outside.append(url)

    def hear(self, message: Any) -> None:
        """Write down what the console says, where it is an error."""
        if message.type == "error":
            self.errors.append(message.text)


@dataclass
class Browser:
    """A running browser; `open` gives each test a page with nothing remembered."""

    chromium: Any
    contexts: list[Any] = field(default_factory=list)

    def new(self, **options: Any) -> Seen:
        """An empty page in a context of its own.

        options: of playwright's `new_context`, such as viewport, color_scheme,
        java_script_enabled, accept_downloads.
        """
        context = self.chromium.new_context(service_workers="block", **options)
        self.contexts.append(context)
        seen = Seen(context.new_page())

        def pass_or_stop(route: Any) -> None:
            seen.note(route.request.url)
            if leaves(route.request.url):
                route.abort()
            else:
                route.continue_()

        def socket(route: Any) -> None:
            seen.note(route.url)
            if not leaves(route.url):
                route.connect_to_server()

        context.route("**/*", pass_or_stop)
        context.route_web_socket("**/*", socket)
        context.on("request", lambda request: seen.note(request.url))
        seen.page.on("console", seen.hear)
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        return seen

    def open(self, where: str | Path, **options: Any) -> Seen:
        """A page at a file's path or a local address, loaded."""
        seen = self.new(**options)
        seen.page.goto(address(where))
        return seen

    def forget(self) -> None:
        """Close all pages opened so far."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def leaves(url: str) -> bool:
    """Whether a request for this address would leave the machine."""
    parts = urlsplit(url)
    return parts.scheme not in IN_THE_PAGE and parts.hostname not in LOOPBACK


def address(where: str | Path) -> str:
    """The address of a file, or the address given."""
    return where.absolute().as_uri() if isinstance(where, Path) else where


def executable() -> str | None:
    """The browser to use: DMOPT_BROWSER, or the first of the usual names."""
    if named := os.environ.get("DMOPT_BROWSER"):
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def flags() -> list[str]:
    """Chromium's sandbox does not work for root; only there is it switched off."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [OFFLINE, "--disable-dev-shm-usage", *(["--no-sandbox"] if root else [])]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser's process, started once for each test file.

    Not once for all: playwright's loop runs as long as the browser does, and tests
    of other files may need a loop of their own.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    path = executable()
    if path is None:
        missing = "no Chromium or Chrome found; DMOPT_BROWSER can name one"
        if os.environ.get("DMOPT_NEEDS_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=flags())
        yield started
        started.close()


@pytest.fixture
def browser(chromium: Any) -> Iterator[Browser]:
    """The browser for one test; its pages are closed when the test ends."""
    mine = Browser(chromium)
    yield mine
    mine.forget()
