"""A run's figures are held against its plan."""

import json

import pytest

from dmopt.plan.costs import total_cost
from dmopt.runs import misstated, write_run
from tests.maps.city import city, plan_of, result_of


@pytest.fixture(scope="module")
def result():
    plan = plan_of(city())
    cost = total_cost(plan)
    return result_of(plan, cost=cost, bound=0.99 * cost)


def rewritten(folder, change):
    path = folder / "plan.json"
    about = json.loads(path.read_text())
    change(about)
    path.write_text(json.dumps(about))
    return folder


def test_what_was_written_is_borne_out(tmp_path, result):
    assert misstated(result.plan, write_run(result, tmp_path / "run")) == []


def first_cost(about):
    about["costs"][0]["cost_per_yr"] += 1000.0


def first_indicator(about):
    row = about["indicators"][0]
    row["all"] = row["all"] * 1.01 + 1


DAMAGE = {
    "cost": lambda about: about.update(cost=about["cost"] * 0.999),
    "costs": first_cost,
    "indicators": first_indicator,
    "gap": lambda about: about.update(gap=0.001),
    "bound": lambda about: about.update(bound=about["cost"] * 1.01),
    "a row less": lambda about: about["costs"].pop(),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_changed_figure_is_found(name, tmp_path, result):
    folder = rewritten(write_run(result, tmp_path / "run"), DAMAGE[name])
    where = "costs" if name == "a row less" else name
    assert any(text.startswith(where) for text in misstated(result.plan, folder))
