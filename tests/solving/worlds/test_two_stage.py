"""Two-stage plans against the extensive form, which is put together another way."""

from threading import Event

import numpy as np
import pytest

from dmopt.data.validate import make_instance
from dmopt.solving.coarse import bound, once
from dmopt.solving.coarse.path import solve_coarse
from dmopt.solving.exact import solve_exact
from dmopt.solving.highs import Limits
from dmopt.solving.worlds.evaluate import WorldsEvaluator
from dmopt.solving.worlds.joint import join_worlds
from dmopt.solving.worlds.measure import KINDS, Measure, expected
from dmopt.studies.worlds.plan import plan_worlds
from dmopt.studies.worlds.problems import problem_in
from dmopt.studies.worlds.world import World
from tests.line import SETTINGS
from tests.paths import thorough
from tests.solving.test_agreement import SAME, silent
from tests.solving.worlds.extensive import extensive
from tests.solving.worlds.test_joint import any_worlds

EVERY_RUN, ALL = 12, 204
SEEDS = [
    *range(EVERY_RUN),
    *(pytest.param(seed, marks=thorough) for seed in range(EVERY_RUN, ALL)),
]
"""Each of what is minimised in turn."""
LEVEL = 0.6
LIMITS = Limits(20.0, 1e-9, 0, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_decomposed_answer_is_that_of_the_extensive_form(seed):
    worlds, weight = any_worlds(seed)
    kind = KINDS[seed % 3]
    own = [extensive([each], np.ones(1)) for each in worlds]
    if any(each.x is None for each in own):
        assert extensive(worlds, weight).x is None
        return
    floor = np.array([each.cost for each in own]) - 1e-6
    known = extensive(worlds, weight, kind, LEVEL, floor)
    joint = join_worlds(worlds, Measure(kind, weight, floor, LEVEL))
    evaluator = WorldsEvaluator(joint)
    for outcome in (
        solve_exact(joint, LIMITS, silent, Event()),
        solve_coarse(joint, LIMITS, silent, Event(), evaluator=evaluator),
    ):
        if known.x is None:
            assert outcome.x is None
            continue
        scale = max(1.0, float(np.abs(floor).max()))
        assert outcome.cost == pytest.approx(known.cost, rel=SAME, abs=SAME * scale)
        assert outcome.bound <= known.cost + SAME * scale
        parts = [joint.of_world(outcome.x, n) for n in range(len(worlds))]
        costs = [cost_of(p, x) for p, x in zip(worlds, parts, strict=True)]
        value = joint.measure.of(np.array(costs))
        assert value == pytest.approx(outcome.cost, rel=SAME, abs=SAME * scale)


def test_many_deliveries_of_several_worlds_begin_by_place(monkeypatch):
    # where a problem is large its multipliers are taken for options of cells; those of
    # several worlds, with markets of each, are not gone through
    monkeypatch.setattr(bound, "ALL_ARCS", 0)
    monkeypatch.setattr(once, "NO_CELLS", 0)
    for seed in (0, 3):
        worlds, weight = any_worlds(seed)
        joint = join_worlds(worlds, expected(weight))
        known = extensive(worlds, weight)
        evaluator = WorldsEvaluator(joint)
        outcome = solve_coarse(joint, LIMITS, silent, Event(), evaluator=evaluator)
        assert outcome.cost == pytest.approx(known.cost, rel=SAME)
        assert outcome.bound <= known.cost * (1 + SAME)


def cost_of(problem, x):
    return problem.program.cost @ x + problem.program.offset


def test_most_instances_have_plans_and_all_that_is_minimised_is_tried():
    assert len(SEEDS) >= 200 and {seed % 3 for seed in range(EVERY_RUN)} == {0, 1, 2}
    some = [any_worlds(seed) for seed in range(0, EVERY_RUN, 2)]
    assert sum(extensive(*each).x is not None for each in some) > len(some) / 2


# Servers: Ntaimo and Sen (2005). Where to stand is decided now; who calls is known
# later, and each caller is served from one place, or not at all for a price.
SERVERS, CLIENTS, FUTURES = 4, 6, 5
ROOM, AWAY = 30.0, 0.05


def servers(seed: int, single: bool):
    """An instance, and worlds in which clients call or hardly do (0.05 of it)."""
    r = np.random.default_rng(seed)
    fixed = r.integers(40, 80, SERVERS).astype(float)
    wanted = r.integers(5, 15, CLIENTS).astype(float)
    x, y = (r.integers(0, 20, SERVERS + CLIENTS) * 1000.0 for _ in range(2))
    clients = [f"c{n}" for n in range(CLIENTS)]
    tables = {
        "periods": [{"period": "y", "start_year": 2030, "years": 1}],
        "zones": [
            {"zone": f"z{n}", "x": x[SERVERS + n], "y": y[SERVERS + n]}
            for n in range(CLIENTS)
        ],
        "commodities": [
            {"commodity": c, "t_per_unit": 1, "unmet_price": 8} for c in clients
        ],
        "demand": [
            {"zone": f"z{n}", "commodity": clients[n], "quantity_per_yr": wanted[n]}
            for n in range(CLIENTS)
        ],
        "sites": [
            {"site": f"s{n}", "x": x[n], "y": y[n], "fixed_cost_per_yr": fixed[n]}
            for n in range(SERVERS)
        ],
        "technologies": [
            {"technology": "server", "capacity_per_yr": ROOM, "max_modules": 1}
        ],
        "recipes": [{"recipe": f"for {c}", "technology": "server"} for c in clients],
        "recipe_items": [
            {"recipe": f"for {c}", "commodity": c, "quantity": 1} for c in clients
        ],
        "modes": [{"mode": "line", "cost_per_tkm": 0.2, "speed_kmh": 30}],
        "lanes": [
            {"commodity": c, "mode": "line", "origin": "site_inside",
             "destination": "zone"}
            for c in clients
        ],
        "rules": [{"id": "one", "rule": "single_sourcing"}] * single,
    }  # fmt: skip
    calls = np.where(r.random((FUTURES, CLIENTS)) < 0.5, 1.0, AWAY)
    weight = r.uniform(0.5, 1.5, FUTURES)
    weight /= weight.sum()
    worlds = [
        World(f"w{w}", f"w{w}", float(weight[w]),
              {f"demand:{c}": float(calls[w, n]) for n, c in enumerate(clients)})
        for w in range(FUTURES)
    ]  # fmt: skip
    km = np.hypot(
        x[:SERVERS, None] - x[None, SERVERS:], y[:SERVERS, None] - y[None, SERVERS:]
    )
    given = make_instance(SETTINGS, tables)
    return given, worlds, (fixed, wanted, km / 1000, calls, weight)


def on_paper(figures, single: bool) -> float:
    """The extensive form of the servers, row by row from its own figures."""
    import highspy

    fixed, wanted, km, calls, weight = figures
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("mip_rel_gap", 0.0)
    stands = [h.addBinary(obj=float(each)) for each in fixed]
    for w in range(FUTURES):
        served = {}
        for i in range(CLIENTS):
            units = float(wanted[i] * calls[w, i])
            for j in range(SERVERS):
                each = float(weight[w] * units * 0.2 * km[j, i])
                served[j, i] = (
                    h.addBinary(obj=each)
                    if single
                    else h.addVariable(lb=0, ub=1, obj=each)
                )
            left = h.addVariable(lb=0, ub=1, obj=float(weight[w] * units * 8))
            h.addConstr(sum(served[j, i] for j in range(SERVERS)) + left == 1)
        for j in range(SERVERS):
            used = sum(
                float(wanted[i] * calls[w, i]) * served[j, i] for i in range(CLIENTS)
            )
            h.addConstr(used <= ROOM * stands[j])
    h.run()
    return h.getInfo().objective_function_value


@pytest.mark.parametrize("single", [False, True], ids=["shared", "one server each"])
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=thorough)])
def test_servers_for_callers_who_are_not_known_yet(seed, single):
    given, worlds, figures = servers(seed, single)
    best = on_paper(figures, single)
    problems = [problem_in(given, world) for world in worlds]
    assert extensive(problems, figures[-1]).cost == pytest.approx(best, rel=1e-6)
    found = plan_worlds(given, worlds, gap=0.0, time_limit_s=120, threads=1)
    assert found.status == "optimal"
    assert found.value == pytest.approx(best, rel=1e-6)
    # what is decided is worth it: the plan of the mean costs no less
    assert found.of_mean is None or found.of_mean >= best - 1e-6
