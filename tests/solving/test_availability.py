"""Sites of which only a part can be used: on paper, on every path, and in the check."""

from dataclasses import replace

import pytest

from dmopt.data.instance import Instance
from dmopt.plan.tables import modules_table
from dmopt.plan.verify import verify
from dmopt.solving.again import check_bound
from dmopt.solving.builder import make_problem
from dmopt.solving.highs import Limits
from dmopt.solving.run import solve
from tests.cli.program import two_bakeries
from tests.line import changed, line

EVERY = pytest.mark.parametrize("path", ["exact", "reference", "coarse"])


def half(share: float, **tables: list) -> Instance:
    """The line with a part of site w lost."""
    return line(sites=changed("sites", "w", availability=share), **tables)


@EVERY
@pytest.mark.parametrize(
    ("share", "cost"),
    # w alone makes 100 share t; e alone costs 130 and makes all
    [(1.0, 110), (0.99, 130), (0.0, 130)],
)
def test_a_site_with_too_little_left_is_passed_over(path, share, cost):
    assert solve(half(share), gap=0, path=path).cost == pytest.approx(cost)


@EVERY
def test_what_is_left_of_a_site_is_used(path):
    # e lost: two ovens at w with 0.6 x 100 t each, 50 more than the 110 of one
    sites = [
        each | {"availability": 0.6 if each["site"] == "w" else 0.0}
        for each in changed("sites")
    ]
    ovens = changed("technologies", max_modules=2)
    result = solve(line(sites=sites, technologies=ovens), gap=0, path=path)
    assert result.cost == pytest.approx(160)
    table = modules_table(result.plan).set_index("site")
    assert table.capacity_per_yr["w"] == pytest.approx(120)
    assert table.utilisation["w"] == pytest.approx(100 / 120)


@pytest.mark.parametrize("path", ["exact", "coarse"])
@pytest.mark.parametrize("share", [0.0, 0.6])
def test_the_bound_is_proven_again(path, share):
    given = half(share, technologies=changed("technologies", max_modules=2))
    problem = make_problem(given, [])
    result = solve(given, gap=0, path=path)
    checked = check_bound(problem, result.certificate, Limits(20.0, 0.0))
    assert checked.faults == () and checked.confirmed
    assert checked.bound == pytest.approx(130, rel=1e-6)


def test_the_least_use_is_of_what_is_left():
    # 100 t are 0.5 of two ovens, and 0.83 of 60 % of them
    sites = changed("sites", availability=0.6)
    ovens = changed("technologies", max_modules=2, least_use=0.8)
    given = line(sites=sites[:1], technologies=ovens)
    assert solve(given, gap=0).cost == pytest.approx(160)
    whole = line(sites=changed("sites")[:1], technologies=ovens)
    plan = solve(given, gap=0).plan
    assert [each.row for each in verify(whole, plan, [])] == ["least use"]


def test_a_plan_that_works_beyond_what_is_left_is_told():
    plan = solve(line(), gap=0).plan
    [broken] = verify(half(0.75), plan, [])
    assert (broken.row, broken.excess) == ("capacity", pytest.approx(25))


@pytest.mark.parametrize(
    ("first", "second", "cost"),
    # of 10 units each; the second alone costs 88; both, the first for the 5 units of
    # the first zone: 40 + 50 + 10 + 9 + 4
    [(1.0, 1.0, 86), (0.99, 1.0, 88), (0.0, 1.0, 88), (0.5, 0.6, 113)],
)
def test_location_by_multipliers_sees_it_too(first, second, cost):
    pytest.importorskip("numba")
    town = two_bakeries()
    sites = town.sites.assign(availability=[first, second])
    given = replace(town, tables={**town.tables, "sites": sites})
    for path in ("decomposed", "exact"):
        found = solve(given, gap=0, path=path)
        assert found.cost == pytest.approx(cost), path
        assert found.bound == pytest.approx(cost, rel=1e-6), path
