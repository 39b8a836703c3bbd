"""Flows straight from sites to zones: what lanes alone say, against arcs and layer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dmopt.data.instance import Instance
from dmopt.flows import straight
from dmopt.flows.flows import Flows, delivery_costs
from dmopt.flows.straight import Straight
from dmopt.solving.again import check_bound
from dmopt.solving.problem import InUse
from dmopt.solving.run import solve
from tests.line import line
from tests.paths import examples
from tests.solving.decomposed.cases import Case, instance_of, problem_of


def any_straight(seed: int) -> Instance:
    """Sites of which some lie outside, two modes, lanes and hours that end, an emission
    price, by any of the three distances."""
    r = np.random.default_rng(seed)
    case = Case(seed=seed, sites=int(r.integers(1, 7)), zones=int(r.integers(1, 10)))
    plain = instance_of(case)
    ends = {"commodity": "bread", "destination": "zone"}
    lanes = [
        {**ends, "mode": mode, "origin": origin, "max_km": km}
        for mode in ("van", "bike")
        for origin in ("site_inside", "site_outside")
        if r.random() < 0.8
        for km in (r.choice([np.nan, 8.0]),)
    ]
    modes = [
        {"mode": "van", "cost_per_tkm": 0.3, "speed_kmh": 20, "kg_per_km": 0.4,
         "payload_t": 1.5, "cost_per_km": 0.2},
        {"mode": "bike", "cost_per_tkm": 0.5, "speed_kmh": 9, "cost_per_drop": 0.1},
    ]  # fmt: skip
    order = r.permutation(len(plain.demand))[: max(1, len(plain.demand) - 1)]
    hours = {"max_delivery_h": 0.6} if r.random() < 0.5 else {}
    tables = {
        "lanes": lanes,
        "modes": modes,
        "periods": [{"period": "y", "start_year": 2030, "years": 4,
                     "emission_price_per_t": float(r.choice([0.0, 80.0]))}],
        "commodities": [{"commodity": "bread", "t_per_unit": 0.5, **hours}],
        "sites": plain.tables["sites"].assign(
            in_region=r.random(len(plain.sites)) < 0.6
        ),
        # not every zone wants some, and not in the order of zones
        "demand": plain.demand.iloc[order],
    }  # fmt: skip
    distance = str(r.choice(["projected", "great_circle", "table"]))
    if distance == "table":
        pairs = pd.MultiIndex.from_product([plain.sites.index, plain.zones.index])
        listed = pd.DataFrame(list(pairs), columns=["origin", "destination"])
        listed = listed.assign(
            km=r.uniform(1, 12, len(listed)),
            minutes=np.where(r.random(len(listed)) < 0.5, 30.0, np.nan),
        )[r.random(len(listed)) < 0.8]
        tables["distances"] = listed
    plain = instance_of(case, **tables)
    settings = plain.settings.model_copy(update={"distance": distance})
    return replace(plain, settings=settings)


@pytest.mark.parametrize("seed", range(examples(160)))
def test_costs_from_lanes_are_those_of_the_layer(seed):
    problem = problem_of(any_straight(seed))
    flows, arcs, layer = problem.flows, problem.arcs, problem.layer
    # without any pair there is nothing to be spared
    assert isinstance(flows, Straight) or not len(arcs)
    assert len(arcs) == len(layer.x_to) == flows.deliveries
    np.testing.assert_array_equal(flows.costs, delivery_costs(layer))


@pytest.mark.parametrize("seed", range(examples(160)))
def test_deliveries_in_use_are_arcs_of_all(seed):
    """The same arcs, and what is brought by them stands where it belongs."""
    problem = problem_of(any_straight(seed))
    layer, r = problem.layer, np.random.default_rng(seed)
    used = r.permutation(len(layer.x_to))[: 1 + len(layer.x_to) // 3]
    share = r.random(len(used))
    short = r.random(len(layer.quantity))
    decisions = r.random(problem.decisions.size)
    ends = layer.x_from[used], layer.x_to[used]
    straight = InUse(problem, decisions, *ends, share, short)
    listed = replace(problem, flows=Flows(problem.arcs, layer))
    for solution in (straight, replace(straight, problem=listed)):
        only, x = solution.columns()
        order = np.argsort(used)
        expected = problem.arcs.iloc[used[order]].reset_index(drop=True)
        pd.testing.assert_frame_equal(only.arcs, expected)
        np.testing.assert_array_equal(x, [*decisions, *share[order], *short])
        np.testing.assert_array_equal(only.layer.x_cost, layer.x_cost[used[order]])


def test_arcs_of_all_are_never_made_to_solve_and_to_check(monkeypatch):
    pytest.importorskip("numba")

    def refuse(*given: object) -> None:
        raise AssertionError("the table of all arcs is made")

    monkeypatch.setattr(straight, "candidate_arcs", refuse)
    instance = instance_of(Case(seed=3, sites=6, zones=9, levels=2, one_only=True))
    result = solve(instance, path="decomposed", gap=1e-7)
    assert result.status == "optimal"
    assert check_bound(problem_of(instance), result.certificate).faults == ()


@pytest.mark.parametrize(
    "tables",
    [
        {"periods": [{"period": y, "start_year": 2030 + n, "years": 1}
                     for n, y in enumerate("yz")]},
        {"suppliers": [{"supplier": "mill", "x": 0, "y": 0}],
         "supplies": [{"supplier": "mill", "commodity": "bread", "price": 1}],
         "lanes": [{"commodity": "bread", "mode": "van", "origin": origin,
                    "destination": "zone"} for origin in ("site_inside", "supplier")]},
        {"commodities": [{"commodity": c, "t_per_unit": 1} for c in ("bread", "flour")],
         "recipe_items": [
             {"recipe": "bake", "commodity": "bread", "quantity": 1},
             {"recipe": "bake", "commodity": "flour", "quantity": -1}]},
    ],
    ids=["two periods", "a supplier delivers", "flour that nobody brings"],
)  # fmt: skip
def test_what_does_not_go_straight_has_all_arcs_made(tables):
    assert isinstance(problem_of(line(**tables)).flows, Flows)


def test_a_rule_on_flows_has_all_arcs_made():
    near = [
        {
            "id": "near",
            "rule": "proximity_service",
            "parameters": "within_km=5; share=1",
        }
    ]
    problem = problem_of(line(rules=near))
    assert isinstance(problem.flows, Flows)
    # neither town may be served from the other
    assert problem.flows.costs.tolist() == [[0, np.inf], [np.inf, 0]]
