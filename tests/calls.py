"""How much of its work a function does one call at a time.

What arrays do for many rows is a few calls, a loop over rows is some for each. Counting
them tells the two apart on any machine, where a limit in seconds fails on a busy one.
"""

import sys
from collections.abc import Callable


def calls(function: Callable[..., object], *args: object) -> int:
    """Calls, of Python's functions and of C's, made while `function(*args)` runs."""
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(*args)
    finally:
        sys.setprofile(before)
    return counted
