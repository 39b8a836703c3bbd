"""Decisions of an earlier plan: kept, promised at a price, and held against the plan.

The line of tests/line.py over three years: west wants 60, east 40, in all of them. One
oven in w alone is best (110 a year); then east grows to 140 and wants its own.
"""

from threading import Event
from typing import Any

import pandas as pd
import pytest

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.errors import InstanceError
from dmopt.plan.costs import cost_table, total_cost
from dmopt.plan.plan import Plan
from dmopt.plan.verify import verify
from dmopt.runs.fingerprint import instance_hash
from dmopt.solving.builder import make_problem
from dmopt.solving.highs import Limits
from dmopt.solving.run import PATHS as SOLVERS
from dmopt.studies.keeping import with_promises
from tests.line import Rows, changed, line
from tests.plan.damage import changed as damaged
from tests.solving.optimum import plan_of

YEARS: Rows = [
    {"period": name, "start_year": 2030 + n, "years": 1} for n, name in enumerate("abc")
]


def years(east: float = 40, **more: Any) -> Instance:
    return line(
        periods=YEARS,
        demand=changed("demand", "east", quantity_per_yr=east),
        **more,
    )


def standing(plan: Plan) -> set[tuple[str, str]]:
    rows = plan.tables["modules"].query("modules > 0")
    return set(zip(rows.site, rows.period, strict=True))


def before() -> Plan:
    plan = plan_of(years())
    assert standing(plan) == {("w", t) for t in "abc"}
    return plan


def turned() -> Instance:
    """West and east have changed places: e alone would be best, 110; w alone 130."""
    return line(
        periods=YEARS,
        demand=[
            {"zone": "west", "commodity": "bread", "quantity_per_yr": 40},
            {"zone": "east", "commodity": "bread", "quantity_per_yr": 60},
        ],
    )


def test_what_is_kept_stays_and_the_rest_is_planned_anew() -> None:
    assert total_cost(plan_of(turned())) == pytest.approx(110)
    held = with_promises(turned(), before(), until="b")
    plan = plan_of(held)
    assert standing(plan) == {("w", "a"), ("w", "b"), ("e", "c")}
    assert total_cost(plan) == pytest.approx((2 * 130 + 110) / 3)


@pytest.mark.parametrize(("price", "moved"), [(19.0, True), (21.0, False), (0.0, True)])
def test_a_promise_is_broken_where_that_saves_more_than_it_costs(
    price: float, moved: bool
) -> None:
    # e in place of w saves 20 in c, and the broken promise costs its price
    held = with_promises(turned(), before(), until="b", change_cost=price)
    plan = plan_of(held)
    assert (("e", "c") in standing(plan)) == moved
    last = 110 + price if moved else 130
    assert total_cost(plan) == pytest.approx((2 * 130 + last) / 3)
    costs = cost_table(plan).set_index(["period", "kind"]).cost_per_yr
    assert costs["c", "rules"] == pytest.approx(price if moved else 0)


def test_more_than_was_promised_breaks_nothing() -> None:
    # with 140 in the east both sites work, and an oven more than promised is bought
    goods = changed("technologies", max_modules=2)
    grown = years(140, technologies=goods)
    held = with_promises(grown, before(), change_cost=1e6)
    plan = plan_of(held)
    assert cost_table(plan).query("kind == 'rules'").cost_per_yr.sum() == 0
    assert total_cost(plan) == pytest.approx(total_cost(plan_of(grown)))


def test_the_price_is_paid_once_a_period_whatever_its_length() -> None:
    long = [{"period": "a", "start_year": 2030, "years": 4}]
    given = line(periods=long, demand=changed("demand"))
    plan = plan_of(given)
    rows = [
        {"site": "w", "technology": "oven", "period": "a", "count": 2, "change_cost": 8}
    ]
    missed = plan_of(line(periods=long, promises=rows))
    # one of two is there: 8 over 4 years
    assert total_cost(missed) == pytest.approx(total_cost(plan) + 2)


def test_both_paths_keep_what_is_kept() -> None:
    held = with_promises(turned(), before(), until="a", change_cost=19.0)
    problem = make_problem(held, ())
    for name in ("exact", "coarse"):
        done = SOLVERS[name](problem, Limits(20.0, 0.0, 0, 1), lambda *_: None, Event())
        # w in a; then e, at 19 in each of b and c in place of 20
        assert done.cost == pytest.approx((130 + 2 * 129) / 3)
        assert done.bound == pytest.approx(done.cost, rel=1e-6)


def test_a_plan_that_does_not_keep_it_is_found() -> None:
    held = with_promises(turned(), before(), until="b")
    other = plan_of(turned())
    broken = {each.where for each in verify(held, other) if each.row == "firm"}
    assert broken == {
        (s, *k, t) for s in "we" for k in ((), ("oven",)) for t in "ab"
    } - {("e", "oven", t) for t in "ab"}
    plan = plan_of(held)
    assert verify(held, plan) == []
    more = damaged(plan, "modules", "w a", modules=2, bought=2)
    assert "firm" in {each.row for each in verify(held, more)}


def test_what_nothing_can_be_done_about_has_no_plan() -> None:
    # the oven in w is promised for good, and w may not open any more
    shut = changed("sites", "w", status="excluded")
    rows = [{"site": "w", "technology": "oven", "period": "a", "count": 1}]
    for name in ("exact", "coarse"):
        problem = make_problem(line(sites=shut, periods=YEARS, promises=rows), ())
        done = SOLVERS[name](problem, Limits(20.0, 0.0, 0, 1), lambda *_: None, Event())
        assert done.x is None


def test_a_period_or_a_site_that_is_not_there_is_told() -> None:
    with pytest.raises(InstanceError, match="a period out of a, b, c"):
        with_promises(turned(), before(), until="d")
    alone = line(periods=YEARS, sites=changed("sites")[1:])
    with pytest.raises(InstanceError) as caught:
        with_promises(alone, before(), until="a")
    assert len(caught.value.faults) == 3  # the oven at w in each period
    assert "oven at w, a" in str(caught.value)


def test_what_is_held_is_written_and_read_back(tmp_path: Any) -> None:
    held = with_promises(turned(), before(), until="a", change_cost=5.0)
    write_instance(held, tmp_path / "held")
    again = read_instance(tmp_path / "held")
    assert instance_hash(again) == instance_hash(held)
    pd.testing.assert_frame_equal(again.promises, held.promises)
    assert instance_hash(held) != instance_hash(turned())
