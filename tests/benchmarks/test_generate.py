"""Generated instances: the same for a seed, valid, of the size asked for."""

import sys

import generate
import numpy as np
import pytest
from generators.location import location_instance, location_problem
from generators.places import national, whatif_city
from generators.points import clustered_points, kilometres

from dmopt.data.arithmetic import arithmetic_findings
from dmopt.data.distances import travel
from dmopt.data.read import read_instance
from dmopt.rules import make_rules
from dmopt.solving.builder import make_problem
from dmopt.solving.run import solve
from tests.benchmarks.brute import least_cost

NOWHERE = generate.Path("no such folder")
SMALL = [
    ("ufl", 6, 15),
    ("p-median", 7, 15),
    ("modular", 6, 15),
    ("whatif", 6, 15),
    ("national", 12, 40),
]


@pytest.mark.parametrize(("kind", "sites", "zones"), SMALL)
def test_a_seed_gives_one_instance_of_the_size_asked_for(kind, sites, zones):
    one, same, other = (
        generate.generate(kind, sites, zones, seed, NOWHERE) for seed in (3, 3, 4)
    )
    assert (len(one.sites), len(one.zones)) == (sites, zones)
    assert one.settings == same.settings
    for name, table in one.tables.items():
        assert table.equals(same.tables[name]), name
    assert not one.zones[["x", "y"]].equals(other.zones[["x", "y"]])


def test_people_are_log_normal_and_zones_are_clustered():
    points = clustered_points(5000, 50, np.random.default_rng(0))
    logs = np.log(points.people - 1 + 0.5)
    assert logs.mean() == pytest.approx(6.5, abs=0.05)
    assert logs.std() == pytest.approx(0.8, abs=0.05)
    # spread evenly, each of 100 squares would have 50 zones, give or take 7
    squares = np.histogram2d(*points.zones.T, bins=10, range=[[0, 1e5]] * 2)[0]
    assert squares.std() > 20


def test_the_instance_has_the_costs_of_the_arrays():
    # cost of a unit is km / mean(D), so that of a zone is km D / mean(D): to the bit
    problem = location_problem("ufl", 5, 9, seed=1)
    instance = location_instance(problem)
    m, n = problem.cost.shape
    km, _ = travel(
        instance,
        np.repeat(instance.sites.index.to_numpy(), n),
        np.tile(instance.zones.index.to_numpy(), m),
    )
    exact = kilometres(problem.points.sites, problem.points.zones)
    assert (km.reshape(m, n) == exact).all()
    assert instance.modes.cost_per_tkm.iloc[0] == 1 / problem.demand.mean()


@pytest.mark.parametrize(("kind", "sites"), [("ufl", 5), ("p-median", 7)])
def test_the_optimum_is_that_of_all_sets_of_sites(kind, sites):
    problem = location_problem(kind, sites, 12, seed=2)
    result = solve(location_instance(problem), gap=1e-7)
    assert result.status == "optimal"
    assert result.cost == pytest.approx(least_cost(problem), rel=1e-6)


def test_each_level_of_capacity_is_larger_and_cheaper_for_its_size():
    problem = location_problem("modular", 6, 30, seed=0)
    assert (np.diff(problem.capacity, axis=1) > 0).all()
    assert (np.diff(problem.fixed / problem.capacity, axis=1) < 0).all()
    # a site takes one of its own three technologies
    scope = make_problem(location_instance(problem), ()).scope
    assert len(scope.most_modules) == 18
    assert all(k.startswith(f"{s}-level") for s, k in scope.most_modules)


def test_a_city_has_every_arc_and_infrastructure_of_each_reach():
    city = whatif_city(sites=6, zones=15, seed=0)
    problem = make_problem(city, make_rules(city))
    assert len(problem.layer.x_to) == 6 * 15 * 4 * 3  # products, periods
    assert set(city.infrastructure.reach) == {"site", "district", "region"}
    assert list(city.prerequisites.infrastructure) == ["hub"]
    assert arithmetic_findings(city) == []  # room, power and reach for all demand


def test_a_country_says_that_its_zones_are_made_up_where_they_are():
    country = national(sites=12, zones=40, seed=0, data=NOWHERE)
    assert country.settings.description.endswith("on clustered points.")
    assert len(make_rules(country)) == 3


def test_the_command_writes_what_dmopt_reads(tmp_path, monkeypatch, capsys):
    asked = "generate.py modular --sites 6 --zones 15 --seed 5 --out"
    monkeypatch.setattr(sys, "argv", [*asked.split(), str(tmp_path / "m")])
    generate.main()
    assert "6 sites, 15 zones" in capsys.readouterr().out
    again = read_instance(tmp_path / "m")
    made = generate.generate("modular", 6, 15, 5)
    assert (again.sites == made.sites).all(axis=None)


def test_sizes_and_kinds_that_make_no_problem_are_refused():
    with pytest.raises(ValueError, match="at least 5"):
        location_problem("ufl", 4, 10, seed=0)
    with pytest.raises(ValueError, match="expected one of"):
        location_problem("p-centre", 10, 10, seed=0)
