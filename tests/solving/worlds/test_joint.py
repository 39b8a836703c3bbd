"""Several worlds in one problem: against paper, and against the worlds one by one."""

import numpy as np
import pytest

from dmopt.data.instance import Instance
from dmopt.rules import make_rules
from dmopt.solving.assemble import assemble
from dmopt.solving.builder import make_problem
from dmopt.solving.coarse.evaluate import Evaluator
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.worlds.joint import Joint, join_worlds
from dmopt.solving.worlds.measure import expected
from dmopt.studies.whatif import Wish, wished
from tests.line import line, rule
from tests.paths import examples
from tests.random_instances import FEATURES, Shape, random_instance

TIGHT = Limits(60.0, 0.0, 0, 1)


def world(instance: Instance, **knobs: float) -> Problem:
    changed = wished(instance, Wish(knobs=knobs))
    return make_problem(changed.instance, changed.rules)


def solved(joint: Joint) -> tuple[float, np.ndarray]:
    answer = run_highs(assemble(joint.decisions, joint.layer)[0], TIGHT)
    assert answer.status == "optimal"
    return answer.cost, answer.x


def alone(problem: Problem) -> float:
    return run_highs(problem.program, TIGHT).cost


def test_ovens_are_bought_for_the_world_that_needs_them():
    # 1: w alone 110. 4 times dearer transport: both 140. 1.3 times demand: both 140.
    # Two ovens cost 140 in all three; w alone 110, 230 and has no room in the third
    worlds = [
        world(line(), transport_price=1.0),
        world(line(), transport_price=4.0),
        world(line(), demand=1.3),
    ]
    assert [alone(problem) for problem in worlds] == pytest.approx([110, 140, 140])
    cost, x = solved(joint := join_worlds(worlds, expected(np.array([0.5, 0.3, 0.2]))))
    assert cost == pytest.approx(140)
    for number, problem in enumerate(worlds):
        opened = joint.of_world(x, number)[[*problem.decisions.column["open"].values()]]
        assert opened == pytest.approx([1, 1])


@pytest.mark.parametrize(("chance", "cost"), [(0.1, 122), (0.3, 140)])
def test_a_dear_world_that_is_rare_changes_nothing(chance, cost):
    # w alone: 110 where transport costs 0.1, 230 where it costs 0.4; both always 140
    worlds = [world(line(), transport_price=price) for price in (1.0, 4.0)]
    joint = join_worlds(worlds, expected(np.array([1 - chance, chance])))
    assert solved(joint)[0] == pytest.approx(cost)


def any_worlds(seed: int) -> tuple[list[Problem], np.ndarray]:
    r = np.random.default_rng(seed)
    on = {name: bool(r.random() < 0.4) for name in FEATURES} | {"single": False}
    shape = Shape(seed=seed, zones=4, sites=3, periods=1 + seed % 2, **on)
    instance = random_instance(shape)
    knobs = {"demand": (0.7, 1.3), "transport_price": (0.5, 2.0)}
    values = [
        {k: float(r.uniform(*ends)) for k, ends in knobs.items()} for _ in range(3)
    ]
    weight = r.uniform(0.2, 1.0, 3)
    values[seed % 3]["availability:s1"] = float(r.choice([0.0, 0.5, 1.0]))
    worlds = [world(instance, **each) for each in values]
    return worlds, weight / weight.sum()


@pytest.mark.parametrize("seed", range(examples(80)))
def test_it_costs_what_its_decisions_cost_in_each_world(seed):
    worlds, weight = any_worlds(seed)
    joint = join_worlds(worlds, expected(weight))
    answer = run_highs(assemble(joint.decisions, joint.layer)[0], TIGHT)
    each = [run_highs(problem.program, TIGHT) for problem in worlds]
    if answer.x is None:
        return
    costs = []
    for number, problem in enumerate(worlds):
        decided = joint.of_world(answer.x, number)[: problem.decisions.size]
        decided = np.where(problem.decisions.whole, np.round(decided), np.nan)
        costs.append(Evaluator(problem).solve(decided, TIGHT)[0])
    assert weight @ costs == pytest.approx(answer.cost, rel=1e-6, abs=1e-4)
    # who knew the world would pay less; who plans for one world pays more in others
    assert weight @ [one.cost for one in each] <= answer.cost + 1e-4
    for number, problem in enumerate(worlds):
        whole = problem.decisions.whole
        decided = np.where(whole, np.round(each[number].x[: len(whole)]), np.nan)
        found = [Evaluator(other).solve(decided, TIGHT) for other in worlds]
        if all(found):
            assert weight @ [cost for cost, _ in found] >= answer.cost - 1e-4


def test_worlds_of_another_make_are_refused():
    ruled = line(rules=rule("site_count", "least=1"))
    other = make_problem(ruled, make_rules(ruled))
    with pytest.raises(ValueError, match="numbers"):
        join_worlds([world(line()), other], expected(np.array([0.5, 0.5])))
