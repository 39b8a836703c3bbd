"""Modules that libraries load on the side are spared, and there for who wants them."""

import subprocess
import sys

import pytest

from dmopt.spared import spared

UNUSED = ("scipy.stats", "scipy.integrate", "matplotlib.pyplot", "matplotlib.pylab")


def test_a_solve_and_a_map_load_none_of_them_and_get_the_real_ones_when_asked():
    asked = """
import sys
import dmopt.api, dmopt.maps.static, dmopt.solving.run
print([name for name in {unused} if name in sys.modules])
import matplotlib.pyplot, scipy.stats
print(callable(matplotlib.pyplot.plot), scipy.stats.norm.cdf(0.0))
"""
    command = [sys.executable, "-c", asked.format(unused=UNUSED)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == ["[]", "True 0.5"]


def test_what_is_loaded_already_stays_and_what_is_not_is_absent_only_inside():
    with spared("json", "not_there"):
        import not_there

        assert sys.modules["json"].loads("1") == 1
        assert not_there.switch("anything") is None
    with pytest.raises(ImportError):
        import not_there
