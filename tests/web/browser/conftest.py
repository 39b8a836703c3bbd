"""A browser, and a server with a town of rules that the tests share."""

from collections.abc import Iterator

import pytest

from tests.browser import browser, chromium
from tests.web.server import TOWN, Live

__all__ = ["browser", "chromium", "town"]


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of its own process with the town of rules, for this machine alone."""
    server = Live(tmp_path_factory.mktemp("town"), TOWN)
    yield server
    server.end()
