import subprocess
import sys
from pathlib import Path

import pytest

import dmopt
import dmopt.api
from tests.cli.program import two_bakeries

ROOT = Path(__file__).parents[1]


def test_every_name_of_the_package_is_there():
    assert dmopt.__all__ == dmopt.api.__all__
    for name in dmopt.__all__:
        assert callable(getattr(dmopt, name)), name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        dmopt.nonsense  # noqa: B018


@pytest.mark.parametrize("first", ["import dmopt.solving.run", "dmopt.read"])
def test_solve_is_the_function_whatever_was_imported_before(first):
    # there is a subpackage of the same name
    code = f"import dmopt; {first}; from dmopt.solving.run import solve; "
    code += "print(dmopt.solve is solve)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout == "True\n", done.stderr


def test_an_instance_is_read_solved_checked_drawn_and_saved(tmp_path):
    dmopt.write(two_bakeries(), tmp_path / "two")
    instance = dmopt.read(tmp_path / "two")
    result = dmopt.solve(instance)
    # the first site alone: 40 + 10 + 6 + 30
    assert result.cost == pytest.approx(86)
    assert dmopt.costs(result.plan).cost_per_yr.sum() == pytest.approx(86)
    assert dmopt.verify(instance, result.plan) == []
    dmopt.plot(result.plan, path=tmp_path / "map.png")
    run = dmopt.save(result, tmp_path / "runs" / "first")
    assert (run / "map.png").is_file()
    again = dmopt.read_plan(instance, run)
    assert dmopt.verify(instance, again) == []


def test_verify_knows_the_rules_of_the_instance():
    plan = dmopt.solve(two_bakeries()).plan
    both = {"id": "both", "rule": "site_count", "parameters": "least=2"}
    ruled = two_bakeries(rules=[both])
    assert [violation.row for violation in dmopt.verify(ruled, plan)] == ["both"]
