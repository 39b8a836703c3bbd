"""One tree for several threads: nodes in hand count, and none is lost."""

from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")
from dmopt.solving.again import check_bound
from dmopt.solving.decomposed import seeking
from dmopt.solving.decomposed.branching import Branching
from dmopt.solving.decomposed.node import Bounds, Node
from dmopt.solving.decomposed.path import search_of
from dmopt.solving.decomposed.structure import structure_of
from dmopt.solving.decomposed.tree import Tree
from dmopt.solving.highs import Limits
from dmopt.solving.start import NOTHING
from tests.solving.decomposed.cases import Case, instance_of, problem_of


def silent(*told: object) -> None:
    """Nobody listens."""


def node(bound: float) -> Node:
    nothing = np.zeros(0)
    return Node(0, bound, np.zeros(0, bool), nothing, nothing, nothing)


def tree_of(*bounds: float) -> Tree:
    plans: Any = SimpleNamespace(cost=100.0)
    tree = Tree(plans, 0.01, lambda: False)
    for bound in bounds:
        tree.push(node(bound))
    return tree


def test_nodes_in_hand_count_until_their_children_are_there() -> None:
    tree = tree_of(10.0, 20.0)
    with tree.taken(wait=False) as first, tree.taken(wait=False) as second:
        assert first is not None and second is not None
        assert tree.bound == pytest.approx(10)
        tree.push(node(15.0))
    assert tree.bound == pytest.approx(15)


def test_a_node_that_costs_enough_is_closed_at_what_was_asked() -> None:
    tree = tree_of(99.5)
    with tree.taken(wait=True) as none:
        assert none is None
    assert tree.bound == pytest.approx(99)


def test_a_node_whose_split_fails_is_put_back() -> None:
    tree = tree_of(10.0)
    with pytest.raises(MemoryError), tree.taken(wait=False):
        tree.push(node(50.0))
        raise MemoryError
    assert tree.bound == pytest.approx(10) and not tree.in_hand


def test_who_has_nothing_to_split_waits_for_what_others_split() -> None:
    tree, seen = tree_of(10.0), []
    taken, go_on = Event(), Event()

    def split() -> None:
        with tree.taken(wait=False):
            taken.set()
            go_on.wait(5)
            tree.push(node(12.0))

    other = Thread(target=split)
    other.start()
    taken.wait(5)
    with tree.taken(wait=False) as none:
        assert none is None
    go_on.set()
    with tree.taken(wait=True) as child:
        seen.append(child and child.bound)
    other.join()
    assert seen == [12.0]


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_two_threads_that_split_find_and_prove_the_same(seed, monkeypatch):
    monkeypatch.setattr(seeking, "LEAST_BESIDE", 0.0)
    monkeypatch.setattr(seeking.Seeker, "_in_vain", 1e9)  # shaking is left at once
    split_beside, step, steps = Event(), Branching.step, []

    def told(branching: Branching, wait: bool) -> Any:
        if wait and steps and threads == 2:  # not before the other thread had its turn
            split_beside.wait(20)
        done = step(branching, wait)
        steps.append(done)
        if done and not wait:
            split_beside.set()
        return done

    monkeypatch.setattr(Branching, "step", told)
    case = Case(seed=seed, sites=20, zones=60, levels=3, room=4.0, one_only=True)
    problem = problem_of(instance_of(case))
    structure = structure_of(problem)
    assert not isinstance(structure, str), structure
    found = []
    for threads in (1, 2):
        limits = Limits(120.0, 1e-8, 0, threads)
        found.append(search_of(structure, limits, silent, Event(), NOTHING))
        steps.clear()
    alone, together = found
    assert split_beside.is_set(), "the other thread did not split"
    assert together.status == "solved"
    assert together.cost == pytest.approx(alone.cost, rel=1e-7)
    assert together.certificate is not None
    assert check_bound(problem, together.certificate).faults == ()


def test_another_thread_has_arcs_of_its_own() -> None:
    problem = problem_of(instance_of(Case(seed=1, levels=2)))
    structure = structure_of(problem)
    assert not isinstance(structure, str), structure
    bounds = Bounds(structure.location)
    u = np.full(len(structure.location.demand), 1e3)
    before = bounds.values(u)
    other = bounds.beside()
    other.values(10 * u)
    assert (other.reach > bounds.reach).all()
    assert not any(map(np.shares_memory, bounds.arcs[1:], other.arcs[1:]))
    assert (bounds.values(u) == before).all()
