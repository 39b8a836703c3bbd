"""Options side by side: what can be compared, and what is certain of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmopt.errors import InstanceError
from dmopt.report.beside import (
    Column,
    columns_of_runs,
    columns_of_study,
    difference,
    options_table,
    read_comparison,
)
from dmopt.report.option import as_option, other_tables, refuse_other_accounts
from dmopt.report.summary import verdict_sentences
from dmopt.runs import instance_hash
from tests.line import changed
from tests.report.towns import option, result, towns
from tests.rules.plans import baked


def column(cost: float | None, bound: float | None) -> Column:
    return Column("x", "", cost, bound, {})


@pytest.mark.parametrize(
    ("mine", "other", "says"),
    [
        # 140 at least against 110: certain
        ((110, 105), (145, 140), "GBP 35 more"),
        # the other may cost 105 as well
        ((110, 100), (145, 105), "GBP 35 more (not certain: within the gaps)"),
        # 80 against at least 100
        ((110, 100), (80, 70), "GBP 30 less"),
        ((110, 75), (80, 70), "GBP 30 less (not certain: within the gaps)"),
        ((110, None), (80, 70), "GBP 30 less (not certain: within the gaps)"),
        ((110, 100), (110, 100), "the same"),
    ],
)
def test_a_difference_is_certain_only_outside_the_gaps(mine, other, says):
    assert difference(column(*mine), column(*other), towns().settings) == says


def test_runs_stand_beside_each_other_with_what_differs():
    dear = towns(technologies=changed("technologies", capital_cost=9000))
    options = [option("w"), as_option(result(baked(dear, "e")), "dear ovens")]
    refuse_other_accounts(options)
    table = options_table(columns_of_runs(options), towns().settings)
    rows = {row[0]: row[1:] for row in table.rows}
    assert table.head == ["", "this plan", "dear ovens"]
    assert rows["Cost, a year"][0] == "GBP 210"
    assert rows["Note"] == ["", "other data: technologies"]
    assert rows["Jobs in the region"] == ["3", "0"]
    assert rows["Made in the region, by value"] == ["100 %", "100 %"]
    assert rows["Capital spent, all periods"][0] == "GBP 1,000"


def test_an_option_without_a_plan_is_shown_and_not_counted():
    none = as_option(
        replace(option("w").result, plan=None, cost=None, status="infeasible"),
        "none",
        towns(),
    )
    table = options_table(columns_of_runs([option("w"), none]), towns().settings)
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["How firm"][1] == "no plan exists (proven)"
    assert rows["Cost, a year"] == ["GBP 210", "\N{EN DASH}"]
    assert rows["Jobs in the region"] == ["3", "\N{EN DASH}"]


@pytest.mark.parametrize(
    ("settings", "tables", "what"),
    [
        ({"currency": "EUR"}, {}, "currency"),
        ({"discount_rate": 0.05}, {}, "discount rate"),
        ({"money": "discounted"}, {}, "money"),
        ({}, {"demand": changed("demand", quantity_per_yr=50)}, "demand"),
        ({}, {"commodities": changed("commodities", price=3, unit="t")}, "commodities"),
    ],
)
def test_other_accounts_are_refused_by_name(settings, tables, what):
    other = as_option(result(baked(towns(settings, **tables), "w")), "other")
    with pytest.raises(InstanceError) as raised:
        refuse_other_accounts([option("w"), other])
    assert any(f"the same {what} " in str(fault) for fault in raised.value.faults)


def test_rules_may_differ():
    ruled = towns(rules=[{"id": "a", "rule": "site_count", "parameters": "least=1"}])
    assert other_tables(towns(), ruled) == []


def study(**changes: Any) -> dict[str, Any]:
    """As `dmopt compare --out` writes it, of two models."""
    models = [
        {
            "model": name,
            "label": name.title(),
            "rules_status": "reconstructed",
            "status": status,
            "cost": cost,
            "bound": bound,
            "gap": gap,
            "indicators": {"jobs": 3.0, "people_10km": None},
        }
        for name, status, cost, bound, gap in (
            ("free", "optimal", 110.0, 110.0, 0.0),
            ("distributed", "no_plan_found", None, None, None),
        )
    ]
    verdict = {
        "product": None,
        "winner": "free",
        "second": "distributed",
        "cost": 110.0,
        "second_cost": 140.0,
        "per_unit": None,
        "certain": False,
        "why": "it is cheaper in labour",
    }
    about = {"name": "line", "sha256": instance_hash(towns())}
    return {"instance": about, "models": models, "verdicts": [verdict]} | changes


def written(folder: Path, content: object) -> Path:
    (folder / "study.json").write_text(json.dumps(content))
    return folder


def test_a_comparison_is_read_and_shown(tmp_path):
    found = read_comparison(written(tmp_path, study()), [towns()])
    free, spread = columns_of_study(found, "here")
    assert (free.badge, free.note) == ("proven optimal", "")
    assert (spread.badge, spread.cost) == ("no plan found in the time given", None)
    assert spread.note == "rules reconstructed"
    assert verdict_sentences(found, option("w")) == [
        "Compared for everything together: free is cheapest, by GBP 30 before "
        "distributed (reconstructed); it is cheaper in labour; not certain within the "
        "gaps."
    ]


def test_a_verdict_marks_the_models_whose_rules_are_reconstructed_and_no_others():
    found = study()
    verdict = found["verdicts"][0] | {"winner": "distributed", "second": "centralised"}
    read_there = found["models"][1] | {
        "model": "centralised",
        "label": "Centralised",
        "rules_status": "confirmed",
    }
    found |= {"models": [*found["models"], read_there], "verdicts": [verdict]}
    [says] = verdict_sentences(found, option("w"))
    assert "distributed (reconstructed) is cheapest" in says
    assert "before centralised;" in says


@pytest.mark.parametrize(
    "content",
    [
        study(instance={"name": "line", "sha256": "0" * 64}),
        study(instance="another"),
        study(models=None),
        {"over": "crew", "table": []},
        [],
    ],
)
def test_a_study_of_other_data_or_of_another_kind_is_refused(content, tmp_path):
    with pytest.raises(InstanceError):
        read_comparison(written(tmp_path, content), [towns()])


def test_a_comparison_with_parts_missing_is_refused_and_no_traceback():
    with pytest.raises(InstanceError, match="KeyError"):
        columns_of_study({"models": [{"model": "free"}]}, "here")
