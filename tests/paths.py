"""What every run tries, and what only the thorough one does (`make test-all`).

Rules are tried by hand on the exact path in every run, on the others in the thorough
one: random instances with every rule (tests/rules/test_agreement.py) hold all paths
equal in both.
"""

import os

import pytest

THOROUGH = bool(os.environ.get("DMOPT_THOROUGH"))


def examples(count: int) -> int:
    """How many random examples to try: all in the thorough run, an eighth in others."""
    return count if THOROUGH else max(1, count // 8)


thorough = pytest.mark.thorough
PATHS = pytest.mark.parametrize(
    "path",
    [
        "exact",
        pytest.param("reference", marks=thorough),
        pytest.param("coarse", marks=thorough),
    ],
)
"""For tests with an argument `path`."""
MODEL_PATHS = pytest.mark.parametrize(
    "path", ["exact", pytest.param("reference", marks=thorough)]
)
"""Where the coarse path has nothing to merge."""
