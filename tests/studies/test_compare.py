"""Comparison of production models, and the six tests a solver of them must pass.

The six are those of the literature notes behind the models: free is cheapest; relaxing
a dimension never costs more; the distributed model with its rules opened up reproduces
central siting; dearer transport or cheaper machines give more sites; plain bread goes
central and the personalised product does not; nothing opens without power, data,
licence cover and crew.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.errors import InstanceError
from dmopt.explaining.why import working
from dmopt.models import PURE, read_model, with_model
from dmopt.plan.costs import total_cost
from dmopt.plan.ledger import Ledger
from dmopt.plan.products import product_costs
from dmopt.plan.verify import verify
from dmopt.rules import edit_rules, make_rules
from dmopt.rules.catalogue import dimension_of
from dmopt.solving.result import Result
from dmopt.solving.run import solve
from dmopt.studies.breakeven import machine_price, transport_price
from dmopt.studies.compare import Comparison, compare
from dmopt.studies.tables import (
    comparison_object,
    comparison_table,
    product_table,
    sentences,
)
from tests.cli.program import ROOT
from tests.line import changed, line
from tests.plan.town import town_plan

GAP = 2e-3


def town() -> Instance:
    return read_instance(ROOT / "instances" / "rule-town")


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return compare(town(), gap=GAP, time_limit_s=60)


def test_free_costs_no_more_than_any_model(compared):
    free = compared.entry("free").result
    for entry in compared.entries:
        if entry.cost is not None:
            assert free.bound <= entry.cost * (1 + 1e-9)
            assert free.cost <= entry.cost * (1 + GAP)


def test_every_plan_is_verified_under_its_own_rules(compared):
    for entry in compared.entries:
        plan = entry.result.plan
        if plan is not None:
            assert verify(entry.instance, plan, make_rules(entry.instance)) == []
            assert total_cost(plan) == pytest.approx(entry.cost)


def test_the_hybrid_is_no_dearer_than_the_best_pure_model(compared):
    pure = [compared.entry(name).cost for name in PURE]
    best = min(cost for cost in pure if cost is not None)
    assert compared.entry("hybrid").cost <= best * (1 + 1e-9)


@cache
def distributed() -> Result:
    """The town under the distributed model, with all its rules."""
    instance = with_model(town(), read_model("distributed"))
    return solve(instance, gap=GAP, time_limit_s=60)


@pytest.mark.parametrize("dimension", [f"D{n}" for n in range(1, 8)])
def test_relaxing_a_dimension_never_costs_more(dimension):
    instance = with_model(town(), read_model("distributed"))
    rules = make_rules(instance)
    off = [r.id for r in rules if dimension_of(r.kind.name) == dimension]
    assert off
    with_it = distributed()
    without = solve(edit_rules(instance, off=off), gap=GAP, time_limit_s=60)
    if with_it.cost is not None:
        assert without.bound <= with_it.cost * (1 + 1e-9)


def test_the_distributed_rules_opened_up_reproduce_central_siting():
    # kappa = 1, nu = 0, rho without end, classes = plant, and the rest off
    instance = with_model(town(), read_model("distributed"))
    keep = {
        "distributed R1.1",
        "distributed R1.2",
        "distributed R1.3",
        "distributed R1.4",
    }
    off = [rule.id for rule in make_rules(instance) if rule.id not in keep]
    opened = edit_rules(
        instance,
        off=[*off, "distributed R1.3"],
        change=[
            "distributed R1.1.within_km=2000",
            "distributed R1.2.share=1",
            "distributed R1.4.size_classes=plant",
            "distributed R1.4.least=0",
        ],
    )
    central = with_model(town(), read_model("centralised"))
    one, other = (solve(each, gap=1e-4, time_limit_s=60) for each in (opened, central))
    assert working(one.plan) == working(other.plan) == {"plant"}


def test_dearer_transport_or_cheaper_machines_give_more_sites():
    # an oven is 500 over 10 years. w alone 50 + 20 + 40 = 110, both 140
    oven = changed("technologies", capital_cost=500, life_yr=10, fixed_cost_per_yr=0)
    instance = line(technologies=oven)

    def sites(varied: Instance) -> int:
        return len(working(solve(varied, gap=0).plan))

    assert sites(instance) == 1
    # w alone 70 + 80 = 150 when transport is twice as dear
    assert sites(transport_price(instance, 2.0)) == 2
    # both 2 x (10 + 20) = 60, w alone 30 + 40 = 70, when an oven costs a fifth
    assert sites(machine_price(instance, 0.2)) == 2


def test_plain_bread_goes_central_and_the_personalised_product_does_not():
    instance = read_instance(ROOT / "instances" / "case-bread")
    plan = solve(instance, gap=5e-3, time_limit_s=60).plan
    flows = Ledger(instance, plan).flows
    to_zone = flows[flows.destination_kind == "zone"]
    local = to_zone.origin_inside.groupby(to_zone.commodity).mean()
    assert local["plain_bread"] == 0
    assert local["fresh_bread"] == 1

    printing = read_instance(ROOT / "instances" / "case-orthotics")
    plan = solve(printing, gap=5e-3, time_limit_s=60).plan
    flows = Ledger(printing, plan).flows
    to_zone = flows[flows.destination_kind == "zone"]
    by_units = to_zone.assign(local=to_zone.quantity_per_yr * to_zone.origin_inside)
    share = by_units.groupby("commodity")[["local", "quantity_per_yr"]].sum()
    local = share["local"] / share.quantity_per_yr
    personal = [
        c for c in local.index if "personalised" in printing.commodities.traits[c]
    ]
    standard = [c for c in local.index if "standard" in printing.commodities.traits[c]]
    assert max(local[personal]) > 0.5 > max(local[standard])


@pytest.mark.parametrize("service", ["kw", "link", "cover", "crew"])
def test_nothing_opens_without_power_data_licence_cover_and_crew(service):
    # nobody has any of it, and nothing brings it: what needs it stands nowhere
    instance = town()
    tables = dict(instance.tables)
    none = tables["site_services"].copy()
    none.loc[none.service == service, "base"] = 0.0
    services = tables["infrastructure_services"]
    tables |= {
        "site_services": none,
        "infrastructure_services": services[services.service != service],
    }
    plan = solve(Instance(instance.settings, tables), gap=1e-3, time_limit_s=60).plan
    needs = instance.technology_needs
    needing = set(needs.technology[needs.service == service])
    assert not needing & set(plan.tables["modules"].technology)


def test_costs_by_kind_and_by_product_add_up_to_the_cost(compared):
    for entry in compared.entries:
        if entry.result.plan is None:
            continue
        assert sum(entry.cost_kinds.values()) == pytest.approx(entry.cost)
        assert entry.products.to_numpy().sum() == pytest.approx(entry.cost)
        assert sum(entry.shared.values()) == pytest.approx(
            entry.cost_kinds["infrastructure"]
        )


def test_product_costs_of_a_hand_made_plan_are_all_on_its_one_product():
    plan = town_plan()
    costs = product_costs(plan)
    assert list(costs.index) == ["bread"]
    assert costs.to_numpy().sum() == pytest.approx(total_cost(plan))


def test_the_tables_have_a_row_for_each_model_and_product(compared):
    table = comparison_table(compared)
    assert list(table.model) == [entry.name for entry in compared.entries]
    plans = [e for e in compared.entries if e.result.plan is not None]
    assert len(product_table(compared)) == 4 * len(plans)


def test_the_object_is_plain_and_says_null_where_there_is_no_plan(compared):
    about = json.loads(json.dumps(comparison_object(compared), allow_nan=False))
    assert [m["model"] for m in about["models"]] == [e.name for e in compared.entries]
    for model in about["models"]:
        assert {"status", "cost", "bound", "gap", "verified"} <= set(model)
        assert (model["cost"] is None) == (not model["verified"])
        if model["cost"] is None:
            assert model["explanation"]["conflicts"]


def test_every_product_has_a_winner_told_in_words(compared):
    text = list(sentences(compared))
    products = set(town().demand.commodity)
    assert {verdict.product for verdict in compared.verdicts} == {"", *products}
    for product in products:
        assert any(line.startswith(f"{product}: ") for line in text)


def test_a_margin_within_the_gaps_is_not_called_certain(compared):
    for verdict in compared.verdicts:
        others = [
            compared.entry(name)
            for name in PURE
            if name != verdict.winner and compared.entry(name).cost is not None
        ]
        if not verdict.product and verdict.certain:
            assert all(each.result.bound > verdict.cost for each in others)
        gaps = [each.cost - each.result.bound for each in others]
        margin = verdict.second_cost - verdict.cost
        if verdict.product and verdict.certain and others:
            assert margin > max(gaps) or np.isinf(margin)


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (("free", "hybrid"), "beside hybrid"),
        (("centralised", "centralised"), "each name once"),
        (("somewhere/free.toml",), "no shipped model"),
    ],
)
def test_models_that_make_no_comparison_are_refused(models, said):
    with pytest.raises(InstanceError, match=said):
        compare(town(), models)


def test_models_that_cost_the_same_are_called_equal(tmp_path):
    names = []
    for name in ("north", "south"):
        names.append(str(tmp_path / f"{name}.toml"))
        text = f'[model]\nlabel = "{name.title()}"\n'
        Path(names[-1]).write_text(text, encoding="utf-8")
    text = list(sentences(compare(line(), names, gap=GAP)))
    assert "Everything together: north and south cost the same." in text
    assert any(
        each.startswith("bread: north and south cost the same, ") for each in text
    )
