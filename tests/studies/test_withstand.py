"""Plans that withstand losses: by hand, against all choices, and cuts that hold."""

from dataclasses import replace
from itertools import chain, combinations
from threading import Event

import numpy as np
import pytest
from scipy.optimize import linprog

from dmopt.data.instance import Instance
from dmopt.errors import InstanceError, PlanRejected
from dmopt.importers.location import location_instance
from dmopt.plan.verify import verify
from dmopt.solving.run import solve
from dmopt.studies.session import Session
from dmopt.studies.stress.arcs import ONLY_ARCS
from dmopt.studies.stress.losses import Loss, single_losses
from dmopt.studies.stress.study import SAME, stress
from dmopt.studies.withstand.plan import Withstanding, withstand
from dmopt.studies.withstand.shortage import Cut, Shortage
from dmopt.studies.withstand.words import rounds_table, sentences
from tests.cli.program import two_bakeries
from tests.line import TABLES, line
from tests.random_instances import FEATURES, Shape, random_instance

TIGHT = 1e-6


def found_for(instance: Instance, serve: float, **more: object) -> Withstanding:
    given = {"gap": TIGHT, "time_limit_s": 120.0, "threads": 1, **more}
    return withstand(instance, serve, **given)


def test_two_bakeries_where_one_would_do():
    # 86 with the first alone, 110 with both (tests/cli/program.py)
    found = found_for(two_bakeries(), 1.0)
    assert found.free.cost == pytest.approx(86)
    assert found.cost == pytest.approx(110) == found.bound
    assert found.price == pytest.approx((24, 24))
    assert found.best.test.cases[0].served.share == pytest.approx(1)
    assert found.result.status == "optimal" and found.result.certificate is None
    assert verify(found.instance, found.result.plan) == []
    told = " ".join(sentences(found))
    assert "at least 100 % of demand is still served" in told
    assert "units 24 a year (27.9 %) more than the cheapest plan" in told


def test_a_plan_that_holds_already_costs_nothing_more():
    both = {"id": "both", "rule": "site_count", "parameters": "least=2; where=all"}
    found = found_for(two_bakeries(rules=[both]), 0.5)
    assert len(found.rounds) == 1 and found.cost == found.free.cost
    assert found.price == pytest.approx((0, 0), abs=1e-3)


def test_what_no_plan_can_is_refused():
    one = {"id": "one", "rule": "site_count", "parameters": "most=1; where=all"}
    found = found_for(two_bakeries(rules=[one]), 0.1)
    assert found.best is None and found.cost is None and found.price is None
    assert found.refused
    (told,) = sentences(found)
    assert "No plan serves at least 10 % of demand" in told and "proven" in told
    assert not rounds_table(found).holds.any()


def test_a_stop_at_once_leaves_no_plan_and_says_so():
    stop = Event()
    stop.set()
    found = found_for(two_bakeries(), 1.0, cancel=stop)
    assert found.best is None and not found.refused
    assert "was found in the time" in " ".join(sentences(found))


@pytest.mark.parametrize(
    ("serve", "lose"),
    [
        (0.0, ("site",)),
        (1.1, ("site",)),
        (0.5, ()),
        (0.5, ("sea",)),
        (0.5, ("site:site9",)),
        (0.5, ("site:",)),
        (0.5, ("link:zone1",)),
    ],
)
def test_what_cannot_be_asked_is_refused(serve, lose):
    with pytest.raises((ValueError, InstanceError), match="expected"):
        withstand(two_bakeries(), serve, lose)


def test_a_round_that_fails_its_check_is_told_and_ends_it(monkeypatch):
    def refuse(self, *given, **named):
        if self._known:
            raise PlanRejected(["balance of loaves"])
        return ask(self, *given, **named)

    ask = Session.ask
    monkeypatch.setattr(Session, "ask", refuse)
    found = found_for(two_bakeries(), 1.0)
    assert found.best is None and not found.refused and len(found.rounds) == 1
    assert found.bound == pytest.approx(86)
    told = " ".join(sentences(found))
    assert "1 plan is left out" in told and "round 2: balance of loaves" in told


# suppliers and links


@pytest.mark.parametrize(
    ("serve", "lose", "cost"),
    [
        (0.3, "link", 110),  # of w alone the town that wants less is left: 40 of 100
        (0.5, "link", 140),  # only with both can either town be served round
        (0.5, "link:w", 130),  # e alone has no link from w
        (0.5, "link:e", 110),
    ],
)
def test_a_link_that_is_lost(serve, lose, cost):
    found = found_for(line(), serve, lose=[lose])  # tests/line.py
    assert found.cost == pytest.approx(cost) == found.bound


def with_mills(*mills: tuple[str, float, float | None]) -> Instance:
    """The line with flour, 1 t for 1 t of bread, from mills at w (name, price, most a
    year), and a dear machine, 90 a year, that needs none.

    All at w: 50 + 20 + 40 + 100 t of flour in ovens, 90 + 20 + 40 = 150 in machines.
    """
    bread, made = TABLES["commodities"][0], TABLES["recipe_items"][0]
    machine = {"technology": "machine", "capacity_per_yr": 100, "fixed_cost_per_yr": 90}
    return line(
        commodities=[bread, {"commodity": "flour", "t_per_unit": 1}],
        technologies=[*TABLES["technologies"], machine],
        recipes=[*TABLES["recipes"], {"recipe": "mix", "technology": "machine"}],
        recipe_items=[
            made,
            {"recipe": "bake", "commodity": "flour", "quantity": -1},
            {**made, "recipe": "mix"},
        ],
        suppliers=[{"supplier": name, "x": 0, "y": 0} for name, *_ in mills],
        supplies=[
            {"supplier": name, "commodity": "flour", "price": price, "max_per_yr": most}
            for name, price, most in mills
        ],
        lanes=[
            *TABLES["lanes"],
            {
                "commodity": "flour",
                "mode": "van",
                "origin": "supplier",
                "destination": "site",
            },
        ],
    )


@pytest.mark.parametrize(
    ("mills", "serve", "lose", "cost"),
    [
        ([("mill", 0.1, None)], 0.4, "supplier", 150),
        ([("mill", 0.1, None)], 1.0, "supplier:mill", 150),
        ([("mill", 0.1, None), ("far", 0.3, None)], 1.0, "supplier", 120),
        ([("mill", 0.1, None), ("far", 0.3, 50)], 0.5, "supplier", 120),
        ([("mill", 0.1, None), ("far", 0.3, 50)], 0.6, "supplier", 150),
        ([("mill", 0.1, None), ("far", 0.3, 50)], 0.6, "supplier:far", 120),
    ],
)
def test_a_supplier_that_is_lost(mills, serve, lose, cost):
    instance = with_mills(*mills)
    found = found_for(instance, serve, lose=["site:e", lose])
    assert found.free.cost == pytest.approx(120)
    assert found.cost == pytest.approx(cost) == found.bound
    assert "Whatever one of these (site e, supplier" in " ".join(sentences(found))


# against every choice of sites


def location(seed: int) -> tuple[dict[str, np.ndarray], Instance]:
    random = np.random.default_rng(seed)
    demand = random.integers(2, 9, 6).astype(float)
    given = {
        "fixed_cost": random.integers(20, 60, 5).astype(float),
        "capacity": demand.sum() * random.uniform(0.3, 0.8, 5),
        "demand": demand,
        "cost": random.integers(2, 40, (5, 6)) * demand,
    }
    instance = location_instance({"name": f"l{seed}"}, **given, rules=[])
    return given, instance


def cost_of(given: dict[str, np.ndarray], chosen: tuple[int, ...]) -> float:
    """Of the cheapest flows from the chosen sites; inf where they have no room."""
    sites, zones = list(chosen), len(given["demand"])
    count = len(sites)
    all_of_each = np.tile(np.eye(zones), count)
    room = np.kron(np.eye(count), given["demand"])
    solved = linprog(
        given["cost"][sites].ravel(),
        A_eq=all_of_each,
        b_eq=np.ones(zones),
        A_ub=room,
        b_ub=given["capacity"][sites],
    )
    return given["fixed_cost"][sites].sum() + solved.fun if solved.success else np.inf


@pytest.mark.parametrize("seed", range(4))
def test_no_choice_of_sites_that_holds_costs_less(seed):
    given, instance = location(seed)
    capacity, wanted, serve = given["capacity"], given["demand"].sum(), 0.75
    choices = chain.from_iterable(combinations(range(5), n) for n in range(1, 6))

    def holds(chosen: tuple[int, ...]) -> bool:
        left = [capacity[list(chosen)].sum() - capacity[s] for s in chosen]
        return min(left) >= serve * wanted

    costs = [cost_of(given, chosen) for chosen in choices if holds(chosen)]
    found = found_for(instance, serve, lose=("site",))
    assert found.cost == pytest.approx(min(costs), rel=1e-5)
    assert found.bound <= min(costs) * (1 + 1e-6)
    assert found.free.cost <= found.cost


# cuts, on random instances of everything


PLAIN = dict.fromkeys(("setup", "move", "budget", "status", "single", "count"), False)


def anything(seed: int) -> Instance:
    features = {**dict.fromkeys(FEATURES, True), **PLAIN}
    return random_instance(Shape(seed=seed, zones=4, sites=3, periods=2, **features))


def points(shortage: Shortage, values: np.ndarray, seed: int) -> list[np.ndarray]:
    """Other decisions, whether a plan could make them or not."""
    random = np.random.default_rng(seed)
    whole = shortage.problem.decisions.whole
    found = [np.zeros_like(values), values]
    for _ in range(6):
        other = values + random.integers(-1, 3, len(values)) * whole
        found.append(np.maximum(0.0, other))
    return found


def at(cut: Cut, shortage: Shortage, values: np.ndarray) -> float:
    column = shortage.problem.decisions.column
    return cut.at_least + sum(
        slope * values[column[family][key]]
        for (family, key), slope in cut.slope.items()
    )


@pytest.mark.parametrize("seed", (0, 1, 5))
def test_a_cut_holds_wherever_it_was_made(seed):
    instance = anything(seed)
    plan = solve(instance, gap=0.05, threads=1).plan
    shortage = Shortage(instance, 0, Event())
    values = shortage.decided(plan)
    points_here = points(shortage, values, seed)
    for losses in ((), *((loss,) for loss in single_losses(plan, ONLY_ARCS)[:3])):
        cuts = [shortage.cut(each, losses) for each in points_here]
        for cut in cuts:
            short = [at(cut, shortage, each) for each in points_here]
            assert (np.array(short) <= [each.short + 1e-6 for each in cuts]).all()
        assert at(cuts[1], shortage, values) == pytest.approx(cuts[1].short, abs=1e-9)


@pytest.mark.parametrize("seed", (0, 1))
def test_a_loss_leaves_no_more_than_its_shortage_says(seed):
    plan = solve(anything(seed), gap=0.05, threads=1).plan
    shortage = Shortage(plan.instance, 0, Event())
    values = shortage.decided(plan)
    for case in stress(plan).cases:
        left = shortage.less(values, case.losses[0])
        short = shortage.cut(left, case.losses).short
        assert short <= 1 - case.served.share + 1e-6


def test_the_plan_found_holds_by_the_stress_test():
    # the cheapest plan leaves less
    found = found_for(anything(2), 0.3, gap=0.05, time_limit_s=60)
    assert len(found.rounds) > 1 and found.bound > found.free.bound
    test = stress(found.result.plan, ("site", "infrastructure"))
    assert min(case.served.share for case in test.cases) >= 0.3 - SAME
    assert found.bound <= found.cost


# damage


def test_a_cut_that_asks_too_little_is_not_the_end(monkeypatch):
    # rows that say nothing: plans fail again and again, and none is handed out
    def nothing(self, *given):
        return replace(cut(self, *given), slope={})

    cut = Shortage.cut
    monkeypatch.setattr(Shortage, "cut", nothing)
    found = found_for(two_bakeries(), 1.0, time_limit_s=3)
    assert found.best is None


def test_a_slope_with_the_wrong_sign_is_found_out(monkeypatch):
    def turned(self, *given):
        right = cut(self, *given)
        return replace(right, slope={k: -v for k, v in right.slope.items()})

    cut = Shortage.cut
    monkeypatch.setattr(Shortage, "cut", turned)
    with pytest.raises(AssertionError):
        test_a_cut_holds_wherever_it_was_made(0)


def test_losses_are_those_of_the_plan():
    plan = solve(two_bakeries(), threads=1).plan
    assert single_losses(plan, ("site",)) == [Loss("site", ("site1",))]
