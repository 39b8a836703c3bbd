"""Candidate arcs and the layer over them, against the same one by one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dmopt.data import distances
from dmopt.data.instance import Instance
from dmopt.flows import numbers
from dmopt.flows.arcs import candidate_arcs, cheapest, hours_of
from dmopt.formulation.scope import Scope
from dmopt.solving.builder import make_problem
from tests.flows.plain_arcs import Arc, plain_arcs
from tests.paths import examples
from tests.random_instances import FEATURES, Shape, random_instance

NAMES = ["origin", "destination", "commodity", "mode", "period"]
KINDS = ["origin_kind", "destination_kind"]


def any_instance(seed: int) -> Instance:
    """A random instance by any of the three distances, with lanes that end."""
    r = np.random.default_rng(seed)
    features = {name: bool(r.random() < 0.6) for name in FEATURES}
    zones, sites, periods = (int(r.integers(1, most)) for most in (6, 5, 4))
    instance = random_instance(Shape(seed, zones, sites, periods, **features))
    lanes = instance.lanes.assign(
        max_km=np.where(r.random(len(instance.lanes)) < 0.3, r.uniform(5, 40), np.nan)
    )
    settings = instance.settings
    if settings.distance == "projected":
        way = str(r.choice(["projected", "great_circle"]))
        settings = settings.model_copy(update={"distance": way})
    return replace(
        instance, settings=settings, tables={**instance.tables, "lanes": lanes}
    )


@pytest.fixture(params=[3, 1_000_000])
def block(request, monkeypatch):
    """Pairs and arcs that are looked at in one go: also so few that there are many."""
    monkeypatch.setattr(distances, "BLOCK", request.param)
    monkeypatch.setattr(numbers, "BLOCK", request.param)


@pytest.mark.parametrize("seed", range(examples(300)))
def test_arcs_are_those_told_one_by_one_in_the_same_order(seed, block):
    instance = any_instance(seed)
    scope = Scope(instance)
    found = candidate_arcs(instance, scope)
    told = pd.DataFrame(plain_arcs(instance, scope), columns=list(Arc._fields))
    for name in (*NAMES, *KINDS):
        assert list(found[name]) == list(told[name]), name
    found["hours"] = hours_of(instance, found)
    for name in ("km", "hours", "trips", "cost"):
        values = found[name].to_numpy(float)
        assert values == pytest.approx(told[name].to_numpy(float)), name


@pytest.mark.parametrize("seed", range(examples(120)))
def test_of_arcs_that_differ_in_the_mode_the_first_of_the_cheapest_stays(seed, block):
    instance = any_instance(seed)
    found = candidate_arcs(instance, Scope(instance))
    best: dict[tuple[str, ...], int] = {}
    for n, arc in enumerate(found.itertuples(index=False)):
        key = arc.origin, arc.destination, arc.commodity, arc.period
        if key not in best or arc.cost < found.cost[best[key]]:
            best[key] = n
    assert np.flatnonzero(cheapest(found)).tolist() == sorted(best.values())


@pytest.mark.parametrize("seed", range(examples(120)))
def test_the_layer_joins_what_its_arcs_join(seed, block):
    instance = any_instance(seed)
    problem = make_problem(instance, (), all_arcs=True)
    layer, column = problem.layer, problem.decisions.column
    outputs, inputs = list(column["output"]), list(column["input"])
    demand, sold = instance.demand_by_period, instance.supplies_by_period
    wanted = list(zip(demand.zone, demand.commodity, demand.period, strict=True))
    gates = list(zip(sold.supplier, sold.commodity, sold.period, strict=True))
    back = instance.returned_by_period
    gates += zip(back.zone, back.commodity, back.period, strict=True)
    x = y = 0
    modes: dict[tuple[int, int], list[int]] = {}
    for arc in problem.arcs.itertuples(index=False):
        leaves, comes = ((e, arc.commodity, arc.period) for e in arc[:2])
        to_zone = arc.destination_kind == "zone"
        start = layer.x_from[x] if to_zone else layer.y_from[y]
        assert [*outputs, *gates][start] == leaves
        assert (start >= len(outputs)) == (arc.origin_kind != "site")
        if to_zone:
            assert wanted[layer.x_to[x]] == comes
            modes.setdefault((start, layer.x_to[x]), []).append(layer.x_mode[x])
            x += 1
        else:
            assert inputs[layer.y_to[y]] == comes
            y += 1
    assert (x, y) == (len(layer.x_to), len(layer.y_to))
    for found in modes.values():
        assert found == [0] if len(found) == 1 else 0 < len(set(found)) == len(found)


def test_an_instance_of_which_nothing_is_near_has_no_arcs_but_all_columns():
    instance = any_instance(0)
    lanes = instance.lanes.assign(max_km=-1.0)
    nowhere = replace(instance, tables={**instance.tables, "lanes": lanes})
    found = candidate_arcs(nowhere, Scope(nowhere))
    assert len(found) == 0
    made = [name for name in Arc._fields if name != "hours"]
    assert list(found.columns) == [*made, *(["minutes"] if "minutes" in found else [])]
    assert {str(found[name].dtype) for name in ("km", "cost")} == {"float64"}
    assert len(hours_of(nowhere, found)) == 0
    assert len(make_problem(nowhere, ()).layer.x_to) == 0
