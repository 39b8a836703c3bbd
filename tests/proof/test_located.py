"""Bounds from multipliers of demands: what they prove by hand, and damage found."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dmopt.flows.flows import Flows
from dmopt.proof import knapsacks
from dmopt.proof import located as located_module
from dmopt.proof.arrays import from_arrays, to_arrays
from dmopt.proof.certificate import Certificate
from dmopt.proof.located import Located
from dmopt.solving.again import check_bound, model_of
from dmopt.solving.decomposed.structure import structure_of
from dmopt.solving.highs import Limits
from dmopt.solving.problem import Problem
from dmopt.solving.start import NOTHING
from tests.line import line
from tests.solving.decomposed.cases import Case, instance_of, problem_of

pytest.importorskip("numba")
from dmopt.solving.decomposed.path import search_of


def proven(multipliers: list[float]) -> float:
    structure = structure_of(problem_of(line()))
    located = structure.located
    rows = np.zeros(len(located.linking))
    values = located.values(np.array(multipliers), rows)
    of = located.found.of
    least = [values.option[of == part].min() for part in range(of.max() + 1)]
    return values.base + sum(least)


def test_multipliers_prove_what_they_prove_by_hand():
    # An oven at w costs 70 and makes 100 t; serving west costs it 0, east 40.
    # u = (50, 60): w gains 50 + 20 = 70, e 60 (west costs it 60: nothing).
    #   50 + 60 + min(0, 70 - 70) + min(0, 70 - 60) = 110, the optimum
    assert proven([50, 60]) == pytest.approx(110, rel=1e-6)
    # u = (60, 60): w gains 80, 10 more than it costs; e gains 60
    assert proven([60, 60]) == pytest.approx(110, rel=1e-6)
    assert proven([0, 0]) == pytest.approx(0, abs=1e-6)
    # all of 100 t at 3 a tonne: w gains 180 + 80, e 120 + 120
    assert proven([180, 120]) == pytest.approx(300 - 190 - 170, rel=1e-6)


def test_capacity_limits_what_a_site_gains():
    # 50 t an oven, u = 3 a tonne: w takes 50 of west's 60 t: 150, e 40 t of east and
    # 10 t of west at 2: 140;  300 - (150 - 70) - (140 - 70)
    small = line(technologies=[{"technology": "oven", "capacity_per_yr": 50,
                                "fixed_cost_per_yr": 50}])  # fmt: skip
    structure = structure_of(problem_of(small))
    located = structure.located
    values = located.values(np.array([180.0, 120.0]), np.zeros(len(located.linking)))
    of = located.found.of
    least = [values.option[of == part].min() for part in range(of.max() + 1)]
    assert values.base + sum(least) == pytest.approx(150, rel=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_a_list_of_deliveries_and_blocks_of_them_prove_the_same(seed, monkeypatch):
    case = Case(seed=seed, sites=6, zones=9, levels=1 + seed % 3, room=1.5,
                one_only=seed % 2 == 0, dear=seed % 4 > 1)  # fmt: skip
    structure = structure_of(problem_of(instance_of(case)))
    if isinstance(structure, str):
        pytest.skip(structure)
    located = structure.located
    r, rows = np.random.default_rng(seed), np.zeros(len(located.linking))
    some = located.cost[np.isfinite(located.cost)]
    demand = r.uniform(0, 2 * some.max(), (5, len(located.demands.quantity)))
    whole = [located.values(u, rows) for u in demand]
    monkeypatch.setattr(located_module, "BLOCK", 1)  # a site at a time
    blocks = [located.values(u, rows) for u in demand]
    monkeypatch.undo()
    # of the first three only: what the others need besides is looked for
    located.list_to(demand[:3].max(axis=0))
    listed = [located.values(u, rows) for u in demand]
    for values in (blocks, listed):
        for one, other in zip(whole, values, strict=True):
            assert other.base == one.base
            assert other.option == pytest.approx(one.option, rel=1e-9)


@pytest.fixture(scope="module")
def split() -> tuple[Problem, Certificate]:
    """A problem whose bound takes several parts."""
    for seed in range(40):
        case = Case(seed=seed, sites=6, zones=9, levels=2, room=1.3, one_only=True)
        problem = problem_of(instance_of(case))
        structure = structure_of(problem)
        limits = Limits(10.0, 1e-7, 0, 1)
        outcome = search_of(structure, limits, lambda *told: None, Event(), NOTHING)
        certificate = outcome.certificate
        if certificate is not None and certificate.parts > 2:
            assert check_bound(problem, certificate).faults == ()
            return problem, certificate
    raise AssertionError("no instance of several parts")


def faults_of(split: tuple[Problem, Certificate], **changes: object) -> str:
    """What the check says of multipliers, bound or tree that are changed."""
    problem, certificate = split
    given = certificate.located
    assert given is not None
    if "bound" in changes:
        given = replace(given, bound=changes.pop("bound"))
    if "tree" in changes:
        certificate = replace(certificate, tree=changes.pop("tree"))
    given = replace(given, multipliers=replace(given.multipliers, **changes))
    checked = check_bound(problem, replace(certificate, located=given))
    return "; ".join(checked.faults)


def test_it_comes_back_from_arrays_as_it_was(split):
    problem, certificate = split
    kept = from_arrays(to_arrays(certificate))
    assert kept.bound == certificate.bound
    assert check_bound(problem, kept).faults == ()
    assert kept.trusting == []


def test_a_higher_bound_is_not_proven(split):
    assert "do not prove" in faults_of(split, bound=split[1].bound * 1.001)


def test_a_bound_that_is_no_number_is_refused(split):
    assert "no number" in faults_of(split, bound=np.nan)


def test_other_multipliers_prove_less(split):
    given = split[1].located.multipliers
    assert "do not prove" in faults_of(split, demand=given.demand * 0.5)


def test_multipliers_of_a_node_that_are_missing_are_seen(split):
    given = split[1].located.multipliers
    last = given.node != given.node.max()
    assert "do not prove" in faults_of(
        split, node=given.node[last], demand=given.demand[last],
        rows=given.rows[last], totals=given.totals[last],
    )  # fmt: skip


def test_multipliers_that_fit_nothing_are_seen(split):
    given = split[1].located.multipliers
    assert "expected" in faults_of(split, demand=given.demand[:, 1:])
    assert "expected" in faults_of(split, demand=given.demand * np.nan)


def test_a_side_of_a_split_left_out_is_seen(split):
    tree = split[1].tree
    one_side = replace(
        tree, parent=tree.parent[:-1], total=tree.total[:-1], at=tree.at[:-1],
        above=tree.above[:-1],
    )  # fmt: skip
    assert "not split in two" in faults_of(split, tree=one_side)


def test_a_linking_row_the_model_does_not_have_is_seen(split):
    given = split[1].located.multipliers
    assert "none of the model's" in faults_of(split, linking=given.linking + 10**6)


def test_sites_that_rows_join_are_refused():
    rules = [{"id": "n", "rule": "site_count", "parameters": "most=1"}]
    problem = problem_of(line(rules=rules))
    flows, none = problem.flows, np.empty(0, np.int64)
    located = Located(problem.decisions, flows.demands, flows.costs, none)
    assert "together" in located.unfit()


def test_another_instance_is_told(split):
    problem = problem_of(instance_of(Case(seed=99, sites=3, zones=4)))
    assert "other data" in check_bound(problem, split[1]).faults[0]


def test_an_instance_with_other_ways_is_told(split):
    seen = 0
    for seed in range(40):
        case = Case(seed=seed, sites=6, zones=9, levels=2, room=1.3, one_only=True)
        some, other = (
            problem_of(instance_of(replace(case, reach=ends))) for ends in (0, 1)
        )
        if some.flows.deliveries == other.flows.deliveries:
            continue
        certificate = replace(split[1], model=model_of(some, split[1]))
        assert "other data" in check_bound(other, certificate).faults[0]
        seen += 1
    assert seen


@pytest.mark.parametrize("seed", range(30))
def test_knapsacks_are_as_full_as_one_by_one(seed, monkeypatch):
    """Of many things and few, by samples of every second or twentieth."""
    r = np.random.default_rng(seed)
    monkeypatch.setattr(knapsacks, "SAMPLE", int(r.choice([2, 20])))
    part = np.sort(r.integers(0, 4, int(r.integers(1, 400)))).astype(np.int32)
    weight, gain = r.uniform(1, 9, len(part)) ** 2, r.uniform(0, 50, len(part))
    of = np.repeat(np.arange(5), 3)
    capacity = r.choice([0.0, 5.0, 40.0, 400.0, 1e6], len(of))
    above = np.where(capacity > 0, r.choice([0.0, 0.0, 2.0], len(of)), 0.0)
    found, error = knapsacks.knapsacks(
        knapsacks.Things(part, weight, gain), knapsacks.Takers(of, capacity, above), 0.0
    )
    for n in np.flatnonzero(capacity > 0):
        left, best = capacity[n], 0.0
        mine = np.flatnonzero(part == of[n])
        for k in mine[np.argsort(-gain[mine] / weight[mine])]:
            taken = min(left, weight[k])
            best += taken * max(gain[k] / weight[k] - above[n], 0.0)
            left -= taken
        assert found[n] + error[n] >= best * (1 - 1e-14)
        assert found[n] == pytest.approx(best, rel=1e-9)


def test_what_earns_by_being_sent_is_looked_for_farther():
    """A site that earns 3 a unit gains by deliveries that cost up to 3 more a unit."""
    located = structure_of(problem_of(line())).located
    u = np.array([10.0, 10.0])
    located.list_to(u)  # each town from its own site
    (near,) = located._near_to(u, np.zeros(2), 0.0)
    assert sorted(near.demand.tolist()) == [0, 1]
    farther = located._near_to(u, np.full(2, -3.0), 0.0)
    # east from w costs 40 < 10 + 40 x 3, west from e 60 < 10 + 60 x 3
    assert sum(len(near.demand) for near in farther) == 4


def test_two_kinds_of_proof_at_once_are_refused(split):
    problem, certificate = split
    both = replace(certificate, cells=certificate.located)
    assert "one is expected" in check_bound(problem, both).faults[0]


def test_without_demand_nothing_is_proven(split):
    flows, none = split[0].flows, np.empty(0, np.int64)
    located = Located(split[0].decisions, flows.demands, flows.costs[:, :0], none)
    assert "no demand" in located.unfit()


def test_goods_that_move_between_sites_are_refused(split):
    problem, certificate = split
    layer, one = problem.layer, np.zeros(1, int)
    moved = replace(layer, y_from=one, y_to=one, y_cost=np.zeros(1))
    other = replace(problem, flows=Flows(problem.arcs, moved))
    assert "between sites" in check_bound(other, certificate).faults[0]


def test_without_the_price_of_a_total_less_is_proven(split):
    # the least number of sites that have room for all demand is a split over all sites
    given = split[1].located.multipliers
    assert given.totals.any()
    assert "do not prove" in faults_of(split, totals=given.totals * 0)


def test_prices_of_totals_must_fit_the_tree(split):
    given = split[1].located.multipliers
    assert "expected" in faults_of(split, totals=given.totals[:, 1:])
