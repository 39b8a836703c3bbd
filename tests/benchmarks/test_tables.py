"""Tables of outcomes: medians, ratios, disagreements, and losses told."""

import numpy as np
import pytest
from peers.agreement import disagreements
from peers.chart import gap_chart, no_gap, points, spread
from peers.outcome import Outcome, Task
from peers.table import as_markdown, losses, middle, ratio, rows_of


def outcome(peer, seed=0, status="optimal", cost=100.0, bound=100.0, s=2.0, mb=200.0):
    task = Task("ufl", 60, 300, seed)
    return Outcome(task, peer, status, cost, bound, seconds=s, peak_mb=mb)


def test_a_seed_that_did_not_get_there_counts_as_never():
    two = [outcome("highs", n, s=n + 1.0) for n in range(2)]
    third = outcome("highs", 2, status="feasible", bound=80.0, s=60.0)
    assert middle([*two, third]).seconds == 2.0  # 1, 2, never
    late = outcome("highs", 1, status="feasible", bound=80.0, s=60.0)
    found = middle([two[0], late, third])
    assert found.seconds == np.inf and found.gap == pytest.approx(0.2)


def test_ratios_are_one_sided_where_a_limit_cut_one_off():
    fast, slow = middle([outcome("a", s=2.0)]), middle([outcome("a", s=30.0)])
    never = middle([outcome("a", status="feasible", bound=50.0, s=60.0)])
    assert ratio(fast, slow, 60) == "15 x"
    assert ratio(fast, never, 60) == "> 30 x"
    assert ratio(never, fast, 60) == "< 0.0333 x"
    assert ratio(never, never, 60) == "neither"


def test_a_bound_above_the_cost_of_another_is_a_disagreement():
    ours = outcome("dmopt", cost=100.0, bound=99.95)
    assert (
        disagreements([ours, outcome("scip", cost=99.96, bound=99.9)], gap=1e-3) == []
    )
    cheaper = outcome("scip", cost=99.9, bound=99.9)
    (said,) = disagreements([ours, cheaper], gap=1e-3)
    assert "dmopt says none costs less than 99.950000, scip has one for 99.9" in said


def test_solved_without_a_bound_claims_the_gap():
    spopt = outcome("spopt", cost=100.2, bound=None)
    assert not disagreements([spopt, outcome("highs", cost=100.15)], gap=1e-3)
    assert disagreements([spopt, outcome("highs", cost=100.0, bound=None)], gap=1e-3)


def test_wrong_plans_and_false_alarms_of_infeasibility_are_disagreements():
    wrong = outcome("scip", status="wrong_plan", cost=1.0, bound=None)
    none = outcome("highs", status="infeasible", cost=None, bound=None)
    assert len(disagreements([wrong, none, outcome("dmopt")], gap=1e-3)) == 2


def test_what_we_lose_is_told():
    runs = [
        outcome("dmopt", s=5.0, mb=300.0),
        outcome("highs", s=2.0, mb=400.0),
        outcome("scip", s=9.0, mb=100.0),
        outcome("linopy", status="feasible", bound=50.0, s=60.0, mb=900.0),
    ]
    said = losses(runs)
    assert said == [
        "ufl 60 x 300: faster: highs 2.00 s; dmopt 5.00 s",
        "ufl 60 x 300: less memory: scip 100 MB; dmopt 300 MB",
    ]
    ours = outcome("dmopt", status="feasible", bound=90.0, s=60.0, mb=300.0)
    said = losses([ours, outcome("highs", status="feasible", bound=95.0, mb=500.0)])
    assert "reached the asked gap on 0 of 1 seeds" in said[0]
    assert said[1].endswith("nearer at the limit: highs 5.00%; dmopt gap 10.00%")


def test_the_table_has_seeds_medians_and_ratios():
    runs = [outcome("dmopt", n, s=1.0) for n in range(3)]
    runs += [outcome("highs", n, s=4.0) for n in range(3)]
    runs += [Outcome(Task("ufl", 60, 300, n), "spopt", "cannot_express") for n in (0,)]
    text = as_markdown(rows_of(runs, ["dmopt", "highs", "spopt"], 60.0))
    lines = [[part.strip() for part in line.split("|")] for line in text.splitlines()]
    assert lines[2][2:6] == ["0", "1.00 s", "4.00 s", "cannot say it"]
    assert lines[5][2:6] == ["median", "1.00 s", "4.00 s", ""]
    assert lines[6][2:6] == ["ratio", "1 x", "4 x", ""]


def test_the_chart_draws_gaps_from_where_a_plan_and_a_bound_are_there(tmp_path):
    curve = ((0.1, None, 50.0), (0.2, 100.0, 50.0), (0.5, 100.0, 90.0))
    one = Outcome(
        Task("ufl", 60, 300, 0), "scip", "optimal", 100.0, 99.95, seconds=1.0,
        peak_mb=1.0, curve=curve,
    )  # fmt: skip
    at, gap = points(one)
    assert at.tolist() == [0.2, 0.5, 1.0]
    assert gap == pytest.approx([0.5, 0.1, 0.0005])
    silent = outcome("spopt", bound=None)
    assert no_gap([one, silent]) == ["spopt"]
    gap_chart([one, silent], 1e-3, tmp_path / "gap.png")
    assert (tmp_path / "gap.png").stat().st_size > 10_000


def test_labels_keep_apart_and_inside():
    low, high = spread({"b": 0.2, "a": 0.2}), spread({"c": 0.9, "a": 0.99, "b": 0.98})
    assert sorted(low.values()) == pytest.approx([0.2, 0.255])
    assert [high[k] for k in "cba"] == pytest.approx([0.89, 0.945, 1.0])
