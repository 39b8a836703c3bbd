"""How firm: sites in near-optimal plans, by hand."""

import pytest

from dmopt.explaining.firm import firmness
from dmopt.maps.study import write_firmness
from dmopt.solving.run import solve
from tests.line import line


def table(within: float):
    instance = line()
    found = firmness(instance, solve(instance, gap=0), within=within)
    return found, found.table.set_index("site")


def test_within_a_little_only_the_best_plan_counts():
    # w alone 110; e alone 130 (18 % more), also the cheapest in which e works
    found, rows = table(0.02)
    assert rows.firm.to_dict() == {"w": "always", "e": "never"}
    assert rows.proven.all()
    assert len(found.plans) == 1


def test_within_a_fifth_the_other_site_may_do_it_alone():
    found, rows = table(0.2)
    assert len(found.plans) == 2  # e alone is found twice and counts once
    assert rows.firm.to_dict() == {"w": "often", "e": "often"}
    assert not rows.proven["w"]


def test_a_site_that_the_time_did_not_reach_is_said_not_to_be_tried():
    instance = line()
    base = solve(instance, gap=0)
    found = firmness(instance, base, within=0.02, time_limit_s=0)
    assert (found.searched, found.of) == (0, 2)
    assert set(found.table.firm) == {"not tried"}
    assert not found.table.proven.any()


def test_what_turning_a_site_over_costs_is_told():
    _, rows = table(0.02)
    assert rows.flip_cost["w"] == pytest.approx(20)
    assert rows.flip_cost["e"] == pytest.approx(20)


def test_a_base_without_a_plan_is_refused():
    instance = line()
    nothing = solve(instance, time_limit_s=0, path="coarse")
    if nothing.plan is None:
        with pytest.raises(ValueError, match="no plan"):
            firmness(instance, nothing)


def test_the_study_has_a_table_and_a_map(tmp_path):
    found, _ = table(0.02)
    write_firmness(found, tmp_path / "firm")
    assert {p.name for p in (tmp_path / "firm").iterdir()} == {
        "firm.csv",
        "firm.png",
        "study.json",
    }
