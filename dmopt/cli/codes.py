"""Exit codes of every command."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dmopt.solving.result import Result

OK = 0
"""What was asked for is done; a plan is verified and within the gap asked for."""
NO_PLAN = 1
"""There is no plan, or the plan at hand does not pass its check."""
BAD_INPUT = 2
"""Something given cannot be used: arguments, files, figures."""
LARGER_GAP = 3
"""A verified plan, but its gap is larger than asked for."""
INTERRUPTED = 130
"""Stopped by a second Ctrl-C."""


def code_of(result: "Result") -> int:
    """The exit code of a command that ends with a result."""
    if result.plan is None:
        return NO_PLAN
    return OK if result.status == "optimal" else LARGER_GAP
