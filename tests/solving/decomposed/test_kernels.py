"""Compiled parts against plain ones: flows, interchange, choices with a count."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog

pytest.importorskip("numba")
from dmopt.solving.decomposed import location as location_module
from dmopt.solving.decomposed.interchange import interchange, nearest
from dmopt.solving.decomposed.kernels import choose
from dmopt.solving.decomposed.location import Location, merged
from dmopt.solving.decomposed.node import Bounds
from dmopt.solving.decomposed.plans import near_sites
from dmopt.solving.decomposed.transport import transport


@pytest.mark.parametrize("begun_at", ["nothing", "any prices", "great prices"])
@pytest.mark.parametrize("seed", range(6))
def test_flows_are_the_cheapest_and_their_prices_prove_it(seed, begun_at):
    r = np.random.default_rng(seed)
    q, n = 4, 15
    cost, demand = r.random((q, n)) * 10, r.integers(1, 9, n).astype(float)
    cost[0, :3] = np.inf
    K = demand.sum() * np.array([0.2, 0.3, 0.25, 0.4])
    X, u, none = np.zeros((n, q)), np.empty(n), np.full(n, np.inf)
    # dear at sites that will not be full, too: their room must be given back
    pi = {
        "nothing": np.zeros(q),
        "any prices": r.random(q) * 3.0 * (r.random(q) < 0.7),
        "great prices": np.full(q, 1e16),  # costs added to them are rounded to 2
    }[begun_at]
    found = transport(cost, demand, none, np.arange(q), np.zeros(q), K, False, pi, X, u)
    arcs = np.isfinite(cost)
    best = linprog(
        np.where(arcs, cost, 0.0).ravel(),
        A_ub=np.kron(np.eye(q), demand),
        b_ub=K,
        A_eq=np.kron(np.ones(q), np.eye(n)),
        b_eq=np.ones(n),
        bounds=list(zip(np.zeros(q * n), arcs.ravel() * 1.0, strict=True)),
    )
    assert found == pytest.approx(best.fun)
    assert X.sum(axis=1) == pytest.approx(demand)
    assert (X.sum(axis=0) <= K * (1 + 1e-9)).all()
    # what sites could gain at these prices is what the flow pays them for room
    location = Location(
        cost, demand, none, np.arange(q + 1), np.zeros(q), np.zeros(q), K,
        np.zeros(q, bool), 0, q,
    )  # fmt: skip
    assert u.sum() + Bounds(location).values(u).sum() == pytest.approx(found)
    assert (pi >= 0).all() and not pi[X.sum(axis=0) < K * (1 - 1e-9)].any()


@pytest.mark.parametrize("seed", range(6))
def test_demand_that_may_stay_unmet_is_served_where_that_costs_less(seed):
    r = np.random.default_rng(seed)
    q, n = 3, 12
    cost, demand = r.random((q, n)) * 10, r.integers(1, 9, n).astype(float)
    short, slope = r.random(n) * 12, r.random(q) / 4
    K = np.append(demand.sum() * np.array([0.2, 0.1, 0.25]), np.inf)
    X, u, pi = np.zeros((n, q + 1)), np.empty(n), np.append(r.random(q) * 2, 0.0)
    found = transport(cost, demand, short, np.arange(q), slope, K, True, pi, X, u)
    best = linprog(
        np.vstack([cost + np.outer(slope, demand), short]).ravel(),
        A_ub=np.kron(np.eye(q, q + 1), demand),
        b_ub=K[:q],
        A_eq=np.kron(np.ones(q + 1), np.eye(n)),
        b_eq=np.ones(n),
    )
    assert found == pytest.approx(best.fun)
    assert X.sum(axis=1) == pytest.approx(demand)


@pytest.mark.parametrize("prices", [(0.0, 0.0), (3.0, 0.0), (0.0, 3.0)])
def test_flows_that_cannot_be_are_told_with_what_is_short(prices):
    # zones 0 and 1 can be served by site 0 only, which has room for one of them
    cost = np.array([[1.0, 1.0, 1.0], [np.inf, np.inf, 1.0]])
    X, u, demand = np.zeros((3, 2)), np.empty(3), np.array([4.0, 5.0, 6.0])
    none = np.full(3, np.inf)
    K = np.array([5.0, 50.0])
    pi = np.array(prices)
    found = transport(cost, demand, none, np.arange(2), np.zeros(2), K, False, pi, X, u)
    assert found == np.inf
    assert u.tolist() == [4, 5, 0]


@pytest.mark.parametrize("seed", range(4))
def test_no_single_exchange_is_better_than_what_interchange_finds(seed):
    r = np.random.default_rng(seed)
    m, n, p = 9, 25, 3
    cost, fixed = r.random((m, n)), np.zeros(m)
    opened = np.zeros(m, bool)
    opened[:p] = True
    found = interchange(
        cost, np.full(n, 9.0), fixed, p, p, np.ones(m, bool), opened, 1e-9, 100
    )
    assert opened.sum() == p
    assert found == pytest.approx(cost[opened].min(axis=0).sum())
    for i, k in product(np.flatnonzero(~opened), np.flatnonzero(opened)):
        other = opened.copy()
        other[i], other[k] = True, False
        assert cost[other].min(axis=0).sum() >= found - 1e-9


def test_nearest_sites_and_second_ones_are_told():
    cost = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 9.0]])
    at, d1, d2 = np.empty(2, np.int64), np.empty(2), np.empty(2)
    total = nearest(cost, np.full(2, 7.0), np.array([True, False, True]), at, d1, d2)
    assert (at.tolist(), d1.tolist(), d2.tolist()) == ([0, 0], [1, 5], [3, 7])
    assert total == 6


@pytest.mark.parametrize("seed", range(8))
def test_a_choice_with_a_count_is_the_best_and_its_price_proves_it(seed):
    r = np.random.default_rng(seed)
    m = 6
    V, first = r.normal(size=2 * m), np.arange(m + 1) * 2
    counted, allow = np.tile([False, True], m), r.random(2 * m) > 0.15
    allow[first[:-1]] |= ~allow[first[:-1] + 1]
    least, most = 2, 4
    choice = np.zeros(m, np.int64)
    total, price = choose(V, first, allow, counted, least, most, choice)
    options = [np.flatnonzero(allow[2 * i : 2 * i + 2]) + 2 * i for i in range(m)]
    sums = [
        V[list(each)].sum()
        for each in product(*options)
        if least <= counted[list(each)].sum() <= most
    ]
    if not sums:
        assert total == np.inf
        return
    assert total == pytest.approx(min(sums))
    priced = sum((V[each] - price * counted[each]).min() for each in options)
    limit = least if price > 0 else most
    assert priced + price * limit == pytest.approx(total)


@pytest.mark.parametrize("block", [7, 10**6])
def test_zones_merged_cost_what_they_cost_apart(block, monkeypatch):
    monkeypatch.setattr(location_module, "BLOCK", block)
    r = np.random.default_rng(1)
    cost = r.random((5, 40))
    location = Location(
        cost, np.ones(40), np.full(40, np.inf), np.arange(6), np.zeros(5), np.zeros(5),
        np.full(5, 50.0), np.zeros(5, bool), 0, 5,
    )  # fmt: skip
    rough = merged(location)
    assert rough.demand.sum() == 40
    assert rough.cost.sum(axis=1) == pytest.approx(cost.sum(axis=1))
    for pair in combinations(range(5), 2):
        rest = rough.cost[list(pair)].min(axis=0).sum()
        assert rest >= cost[list(pair)].min(axis=0).sum() - 1e-9


def test_sites_that_cost_alike_are_near():
    cost = np.array([[1.0, 2.0, 9.0], [1.1, 2.1, 9.0], [9.0, 8.0, 1.0]])
    location = Location(
        cost, np.ones(3), np.full(3, np.inf), np.arange(4), np.zeros(3), np.zeros(3),
        np.full(3, 9.0), np.zeros(3, bool), 0, 3,
    )  # fmt: skip
    assert near_sites(location, 2)[0].tolist() == [1, 2]
