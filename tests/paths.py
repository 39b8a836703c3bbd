"""The solve paths that a rule is tried on, the slower ones in the thorough run only.

Random instances with every rule (tests/rules/test_agreement.py) hold all paths equal in
every run.
"""

import pytest

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
