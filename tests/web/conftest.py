"""Servers that several tests share."""

from collections.abc import Iterator

import pytest

from tests.web.server import TOKEN, TOWN, TOWNS, Here, Live, private, shared, users


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A server for this machine alone, with two towns."""
    config = private(tmp_path_factory.mktemp("here"), upload_mb=2, unpacked_mb=40)
    server = Here(config, TOWNS)
    yield server
    server.close()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A server with users and a token, with a town of rules."""
    server = Here(shared(tmp_path_factory.mktemp("office")), TOWN)
    yield server
    server.close()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server as the program starts it, with users and a token."""
    folder = tmp_path_factory.mktemp("live")
    file = folder / "users.txt"
    file.write_text("".join(f"{name}:{kept}\n" for name, kept in users().items()))
    server = Live(folder / "data", "--users", file, TOWNS, DMOPT_TOKEN=TOKEN)
    yield server
    server.end()
