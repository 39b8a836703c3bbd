"""Garbage is looked for seldom: what the libraries have loaded is much, and stays."""

import gc

YOUNG = 50_000
"""Objects made between two looks: imports alone make more than a hundred thousand."""


def look_seldom() -> None:
    """From now on."""
    gc.set_threshold(YOUNG)


def keep_what_is_there() -> None:
    """Whatever is there now is not looked through again: for processes that go on."""
    gc.collect()
    gc.freeze()
