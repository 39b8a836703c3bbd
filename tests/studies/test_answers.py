"""Studies that are ended in the middle and asked again: what is solved then."""

from threading import Event

import pytest

from dmopt.errors import InstanceError
from dmopt.solving.run import solve
from dmopt.studies import compare as comparing
from dmopt.studies import session
from dmopt.studies.alternatives import alternatives
from dmopt.studies.answers import kept_answers, plan_key
from dmopt.studies.compare import compare
from dmopt.studies.frontier.objective import OBJECTIVES
from dmopt.studies.frontier.preference import prefer
from dmopt.studies.screen.screen import screen
from dmopt.studies.session import Session
from dmopt.studies.whatif import RuleWish, Wish
from tests.line import line
from tests.studies.test_frontier import TOWN as CARBON
from tests.studies.test_screen import TOWN

ASKED = {"study": "a test"}


class Killed(Exception):
    """In the place of a signal."""


@pytest.fixture
def counted(monkeypatch):
    """Grows by what was called of the solves behind sessions and comparisons."""
    called = []

    def count(place, name):
        really = getattr(place, name)

        def counting(*given, **more):
            called.append(name)
            return really(*given, **more)

        monkeypatch.setattr(place, name, counting)

    count(session, "solve_problem")
    count(session, "verified")
    count(comparing, "solve")
    return called


def after(number):
    """Told of each step; the one of that number kills."""
    steps = []

    def told(*words):
        steps.append(words)
        if len(steps) > number:
            raise Killed

    return told


def test_a_screening_goes_on_and_finds_the_same(tmp_path, counted):
    asked = {"trajectories": 1, "gap": 1e-4}
    whole = screen(TOWN, **asked)
    all_of_it = list(counted)
    counted.clear()
    with (
        pytest.raises(Killed),
        kept_answers(tmp_path / "s", TOWN, ASKED) as answers,
    ):
        screen(TOWN, **asked, on_point=after(2), answers=answers)
    before = list(counted)
    assert before.count("solve_problem") >= 2
    counted.clear()
    with kept_answers(tmp_path / "s", TOWN, ASKED) as answers:
        found = screen(TOWN, **asked, answers=answers)
        # plans priced at other figures are kept as well as solves
        assert sorted(before + counted) == sorted(all_of_it)
        counted.clear()
        again = screen(TOWN, **asked, answers=answers)
    assert counted == []
    for one in (found, again):
        assert list(one.table.figure) == list(whole.table.figure)
        assert one.table.had_to_change.tolist() == whole.table.had_to_change.tolist()
        assert [p.cost for p in one.known] == pytest.approx(
            [p.cost for p in whole.known], rel=1e-4
        )
        assert [p.sites for p in one.known] == [p.sites for p in whole.known]


def test_a_comparison_goes_on(tmp_path, counted):
    asked = {"models": ["free", "distributed", "centralised"], "gap": 0.0}
    with (
        pytest.raises(Killed),
        kept_answers(tmp_path / "c", line(), ASKED) as answers,
    ):
        compare(line(), **asked, on_model=after(1), answers=answers)
    counted.clear()
    with kept_answers(tmp_path / "c", line(), ASKED) as answers:
        found = compare(line(), **asked, answers=answers)
        assert counted.count("solve") >= 2
        solved = len(counted)
        again = compare(line(), **asked, answers=answers)
    assert len(counted) == solved
    assert [e.cost for e in again.entries] == [e.cost for e in found.entries]
    assert found.entry("free").cost == pytest.approx(110)


def test_an_answer_that_was_cut_short_is_none(tmp_path):
    cancel = Event()
    cancel.set()
    with kept_answers(tmp_path / "q", line(), ASKED) as answers:
        Session(line(), answers).ask(Wish(), cancel=cancel)
        assert len(answers) == 0
        Session(line(), answers).ask(Wish())
        assert len(answers) == 1


def test_that_there_is_no_plan_is_an_answer_too(tmp_path, counted):
    none = Wish(rules=RuleWish(add=["many: site_count least=3"]))
    with kept_answers(tmp_path / "q", line(), ASKED) as answers:
        first = Session(line(), answers).ask(none)
        second = Session(line(), answers).ask(none)
    assert counted == ["solve_problem"]
    assert first.status == second.status == "infeasible"


def test_answers_that_were_given_count_for_what_is_solved_next(tmp_path):
    """The bound of the instance as it is holds under a rule more, at once."""
    more = Wish(rules=RuleWish(add=["one: site_count most=1"]))
    with kept_answers(tmp_path / "q", line(), ASKED) as answers:
        Session(line(), answers).ask(Wish(), gap=0)
        resumed, steps = Session(line(), answers), []
        resumed.ask(Wish(), gap=0)
        resumed.ask(more, gap=0, on_progress=steps.append)
    assert steps[0].step == session.AT_ONCE
    assert steps[0].bound == pytest.approx(110)


def test_how_far_to_solve_is_part_of_the_question(tmp_path, counted):
    with kept_answers(tmp_path / "q", line(), ASKED) as answers:
        for gap, seed in ((0.0, 0), (0.01, 0), (0.0, 1), (0.0, 0)):
            Session(line(), answers).ask(Wish(), gap=gap, seed=seed)
    assert counted.count("solve_problem") == 3


def test_the_key_of_a_plan_is_of_what_it_decides():
    one, other = Session(line()), Session(line())
    wish = Wish(sites={"e": "open"})
    plan = one.ask(Wish(), gap=0).plan
    assert plan_key(plan) == plan_key(other.ask(Wish(), gap=0).plan)
    assert plan_key(plan) != plan_key(one.ask(wish, gap=0).plan)


def test_a_damaged_answer_is_solved_again(tmp_path, counted):
    with kept_answers(tmp_path / "q", line(), ASKED) as answers:
        Session(line(), answers).ask(Wish(), gap=0)
        [flows] = answers.folder.glob("*/plan/flows.csv")
        flows.write_text(flows.read_text() + "\n")
        again = Session(line(), answers).ask(Wish(), gap=0)
        assert len(answers) == 1
        Session(line(), answers).ask(Wish(), gap=0)
    assert counted.count("solve_problem") == 2
    assert again.cost == pytest.approx(110)


def test_two_at_once_do_not_meet(tmp_path):
    pytest.importorskip("fcntl")
    with (
        kept_answers(tmp_path / "q", line(), ASKED) as answers,
        pytest.raises(InstanceError, match="no other process is at"),
        kept_answers(tmp_path / "q", line(), ASKED),
    ):
        raise AssertionError(answers)


def test_where_nothing_was_answered_nothing_is_left(tmp_path):
    with pytest.raises(Killed), kept_answers(tmp_path / "q", line(), ASKED):
        raise Killed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("study", ["prefer", "alternatives"])
def test_solves_that_end_early_are_answers_to_what_was_asked(study, tmp_path, counted):
    base = solve(CARBON, gap=0)

    def find(answers, on_step=lambda *words: None):
        more = {"gap": 0.0, "answers": answers, "on_step": on_step}
        if study == "prefer":
            found = prefer(CARBON, [OBJECTIVES["emissions"], "cost"], **more)
            return [(stage.cost, stage.bound, stage.value) for stage in found.stages]
        found = alternatives(CARBON, base, within=0.5, count=2, **more)
        return [(each.cost, each.bound, each.different) for each in found.found]

    whole = find(None)
    needed = counted.count("solve_problem")
    with (
        pytest.raises(Killed),
        kept_answers(tmp_path / "s", CARBON, ASKED) as answers,
    ):
        find(answers, after(2))
    counted.clear()
    with kept_answers(tmp_path / "s", CARBON, ASKED) as answers:
        there = len(answers)
        found = find(answers)
        assert counted.count("solve_problem") == needed - there
        counted.clear()
        assert find(answers) == found
    assert there >= 2 and "solve_problem" not in counted
    assert [cost for cost, *_ in found] == pytest.approx([cost for cost, *_ in whole])
