"""Fixtures for tests of the report."""

from tests.browser import browser, chromium

__all__ = ["browser", "chromium"]
