"""The order in which tests run, and how much is looked through for garbage."""

import gc

import pytest

FIRST = ("tests/web/", "tests/test_notebooks.py")
"""Tests that wait for processes of their own. Each worker begins with as many
tests as the others: first of all, these stay with one, which shares its servers among
them, and none of them is left for the end."""
YOUNG = 20_000
"""Objects made between two looks for garbage: tables make and drop thousands."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_configure() -> None:
    gc.set_threshold(YOUNG)


def pytest_collection_finish() -> None:
    # modules and tests stay: not to be looked through again each time
    gc.collect()
    gc.freeze()
