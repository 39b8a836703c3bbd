"""The order in which tests run."""

import pytest

FIRST = ("tests/web/", "tests/test_notebooks.py")
"""Tests that wait for processes of their own. Each worker begins with as many
tests as the others: first of all, these stay with one, which shares its servers among
them, and none of them is left for the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
