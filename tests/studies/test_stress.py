"""The stress test of a plan: shares served worked out by hand, or by another way."""

import random
from dataclasses import replace
from functools import lru_cache
from threading import Event

import numpy as np
import pytest

from dmopt.errors import PlanRejected
from dmopt.maps.backdrop import mark
from dmopt.maps.resilience import draw_harm
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Plan, make_plan
from dmopt.plan.verify import verify
from dmopt.solving.assemble import assemble
from dmopt.solving.builder import make_problem
from dmopt.solving.extract import extract
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.run import solve
from dmopt.solving.start import decided
from dmopt.studies.stress.losses import Loss, locations_lost, single_losses
from dmopt.studies.stress.program import Stressed
from dmopt.studies.stress.served import Checker
from dmopt.studies.stress.study import StressTest, stress
from dmopt.studies.stress.words import cases_table, sentences
from dmopt.studies.stress.worth import unit_value
from tests.line import changed, line
from tests.plan.town import town_plan
from tests.random_instances import FEATURES, Shape, random_instance

W, E = Loss("site", ("w",)), Loss("site", ("e",))


def both_open(oven: float = 70, **tables) -> Plan:
    """Both sites of the line open with an oven each, each serving its own town."""
    technologies = changed("technologies", capacity_per_yr=oven)
    instance = line(technologies=tables.pop("technologies", technologies), **tables)
    each = ("w", "e")
    served = (("w", "west", 60), ("e", "east", 40))
    plan = make_plan(
        instance,
        {
            "opened": [{"site": s, "period": "y"} for s in each],
            "modules": [
                {"site": s, "technology": "oven", "period": "y", "modules": 1}
                | {"bought": 1, "sold": 0, "moved_in": 0, "moved_out": 0}
                for s in each
            ],
            "activity": [
                {"site": s, "recipe": "bake", "period": "y", "quantity_per_yr": t}
                for s, _, t in served
            ],
            "flows": [
                {"origin": s, "destination": z, "commodity": "bread", "mode": "van"}
                | {"period": "y", "quantity_per_yr": t}
                for s, z, t in served
            ],
        },
    )
    assert verify(instance, plan) == []
    return plan


def share_after(plan: Plan, *losses: Loss) -> float:
    kinds = {each.kind for each in losses}
    found = stress(plan, kinds, pairs=len(losses) > 1)
    case = next(c for c in found.cases if set(c.losses) == set(losses))
    return case.served.share


def test_what_is_left_serves_what_it_has_room_for():
    # one oven of 70 t for 100 t
    found = stress(both_open(), ["site"], pairs=True)
    shares = {c.losses: c.served.share for c in found.cases}
    assert shares[(W,)] == pytest.approx(0.7) == shares[(E,)]
    assert shares[(E, W)] == pytest.approx(0)
    assert found.base.served.share == pytest.approx(1)
    assert [len(c.losses) for c in found.cases] == [2, 1, 1]  # most harm first
    assert found.enough(0.7) == 2 and found.enough(0.71) == 0


def test_among_plans_that_serve_as_much_the_cheapest_is_taken():
    # e serves its own 40 t for nothing and brings 30 t 10 km: 30 x 10 x 0.1 = 30
    found = stress(both_open(), ["site"])
    after = {c.losses[0]: c.served for c in found.cases}
    assert after[W].running_cost == pytest.approx(30)
    assert after[W].by_district[""] == pytest.approx(0.7)
    # people count alike: all of east, half of west
    assert after[W].people == pytest.approx((1 + 30 / 60) / 2)
    # w keeps 60 t at home and brings 10 t: a quarter of the east
    assert after[E].running_cost == pytest.approx(10)
    assert after[E].people == pytest.approx((1 + 10 / 40) / 2)


def test_serving_more_comes_before_any_cost():
    # bread is worth 1 a tonne and is brought for a million a tonne-km all the same
    modes = [{"mode": "van", "cost_per_tkm": 1e6, "speed_kmh": 20}]
    assert share_after(both_open(modes=modes), W) == pytest.approx(0.7)


def test_a_link_that_is_lost_is_served_round():
    # w cannot reach west; e brings it 60 t and w the east its 40 t
    link = Loss("link", ("w", "zone", "west"))
    assert link in single_losses(both_open(), ["link"])
    assert share_after(both_open(), link) == pytest.approx(1)
    # with both links into the west gone, only what the east wants is served
    only_w = Loss("link", ("e", "zone", "east"))
    found = stress(both_open(oven=100), ["link"], pairs=True)
    pair = next(c for c in found.cases if len(c.losses) == 2)
    assert set(pair.losses) == {link, only_w} and pair.served.share == pytest.approx(1)


def labs(max_users: int, per_step: float, west_ovens: int = 1) -> Plan:
    """The line with a laboratory for each site's ovens of 70 t; an oven needs one
    release. One oven at e."""
    technologies = changed("technologies", capacity_per_yr=70, max_modules=2)
    instance = line(
        technologies=technologies,
        services=[{"service": "release"}],
        technology_needs=[
            {"technology": "oven", "service": "release", "per_module": 1}
        ],
        infrastructure=[
            {"infrastructure": "lab", "reach": "region", "max_users": max_users}
        ],
        infrastructure_services=[
            {"infrastructure": "lab", "service": "release", "per_step": per_step}
        ],
        locations=[
            {"infrastructure": "lab", "location": n, "existing_steps": 1}
            | {"x": x, "y": 0}
            for n, x in (("a", 0), ("b", 10_000))
        ],
    )
    ovens = {"w": west_ovens, "e": 1}
    modules = both_open().tables["modules"]
    count = modules.site.map(ovens)
    ends = {"w": "a", "e": "b"}
    base = {"infrastructure": "lab", "period": "y"}
    plan = make_plan(
        instance,
        {
            **both_open().tables,
            "modules": modules.assign(modules=count, bought=count),
            "infrastructure": [
                base | {"location": n, "steps": 1, "built": 0} for n in "ab"
            ],
            "uses": [base | {"site": s, "location": n} for s, n in ends.items()],
            "draws": [
                base
                | {"site": s, "location": n, "service": "release"}
                | {"quantity_per_yr": ovens[s]}
                for s, n in ends.items()
            ],
        },
    )
    assert verify(instance, plan) == []
    return plan


LAB = Loss("infrastructure", ("lab", "a"))


@pytest.mark.parametrize(
    ("max_users", "per_step", "share"),
    [
        (2, 2, 1.0),  # w goes over to the other laboratory
        (1, 2, 0.7),  # which has no room for a second user
        (2, 1.5, 0.7),  # half a release does not run an oven
    ],
)
def test_a_site_without_its_laboratory_takes_another_as_far_as_it_reaches(
    max_users, per_step, share
):
    assert share_after(labs(max_users, per_step), LAB) == pytest.approx(share)


def test_a_second_loss_that_gives_back_a_place_leaves_more_than_the_first_alone():
    # without lab a, w has two idle ovens: e has the one place at lab b, and its oven
    # makes 70 t. Without e too, w takes the place and its ovens make all 100 t
    plan = labs(max_users=1, per_step=2, west_ovens=2)
    found = stress(plan, ["site", "infrastructure"], pairs=True)
    cases = {frozenset(case.losses): case for case in found.cases}
    assert cases[frozenset([LAB])].served.share == pytest.approx(0.7)
    assert cases[frozenset([E])].served.share == pytest.approx(1)
    both = cases[frozenset([LAB, E])]
    assert both.served.share == pytest.approx(1) and both.solved
    # without w, nobody uses lab a: losing it too gives nobody anything
    follows = cases[frozenset([LAB, W])]
    assert follows.served.share == pytest.approx(0.7) and not follows.solved
    assert len(found.cases) == found.planned == 4 + 6


def test_only_a_loss_that_gives_nothing_back_bounds_a_pair():
    stressed = Stressed(labs(max_users=1, per_step=2), 0, Event())
    link = Loss("link", ("w", "zone", "west"))
    assert stressed.takes_only(link, E) and stressed.takes_only(LAB, W)
    assert not stressed.takes_only(E, LAB)  # its place at lab b
    assert not stressed.takes_only(E, link)
    assert not stressed.takes_only(LAB, E)  # w may now turn to lab b
    # without services there is nothing to give back
    assert Stressed(both_open(), 0, Event()).takes_only(E, W)


def test_with_a_laboratory_goes_what_requires_it():
    # the town's lab requires the college: without the college no release
    plan = town_plan()
    ledger = Ledger(plan.instance, plan)
    college = Loss("infrastructure", ("college", "at mixer"))
    assert locations_lost(ledger, [college]) == {
        ("college", "at mixer"),
        ("lab", "centre"),
    }
    # own infrastructure goes with its site, the college at the mixer does not
    assert locations_lost(ledger, [Loss("site", ("bakery",))]) == {
        ("grid", "at bakery")
    }
    assert locations_lost(ledger, [Loss("site", ("mixer",))]) == set()


def test_the_town_without_its_mixer_has_only_the_plant():
    # early: the plant rolls at most 1,000 a year of 3,000; late: it was sold, and dough
    # is nowhere else: nothing of 4,000. Periods count alike: 1,000 / 7,000
    share = share_after(town_plan(), Loss("site", ("mixer",)))
    assert share == pytest.approx(1000 / 7000)


def test_the_town_without_its_mill_has_nothing():
    assert share_after(town_plan(), Loss("supplier", ("mill",))) == pytest.approx(0)


def test_what_must_be_met_may_fall_short_after_a_loss():
    assert np.isnan(both_open().instance.commodities.unmet_price["bread"])
    assert share_after(both_open(), E) == pytest.approx(0.7)


SEEDS = (0, 1, 2)
PLAIN = dict.fromkeys(("setup", "move", "budget", "status", "single", "count"), False)
"""What ties modules of one site to those of another, or to the past."""


@lru_cache
def planned(seed: int, **given: bool) -> Plan:
    """A plan of a random instance in which half of all features occur."""
    r = random.Random(seed)
    features = {name: r.random() < 0.5 for name in FEATURES} | given
    shape = Shape(seed=seed, zones=3, sites=3, periods=2, **features)
    plan = solve(random_instance(shape), gap=1e-3, time_limit_s=5, threads=1).plan
    assert plan is not None and len(plan.tables["modules"])
    return plan


@lru_cache
def outcome(seed: int) -> StressTest:
    return stress(planned(seed), ["site", "infrastructure", "supplier"], pairs=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_supplier_lost_besides_never_leaves_more(seed):
    found = outcome(seed)
    alone = {c.losses[0]: c.served.share for c in found.cases if len(c.losses) == 1}
    assert len(found.cases) == found.planned > len(alone)
    suppliers = 0
    for case in found.cases:
        assert case.most == pytest.approx(case.served.share, abs=1e-6)
        for one, other in (case.losses, case.losses[::-1]) if case.losses[1:] else ():
            if other.kind == "supplier":
                suppliers += 1
                assert case.served.share <= alone[one] + 1e-6
    assert suppliers


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pair_that_is_not_solved_is_what_solving_it_gives(seed):
    plan = planned(seed)
    skipped = [case for case in outcome(seed).cases if not case.solved]
    assert skipped
    stressed, checker = Stressed(plan, 0, Event()), Checker(plan)
    stressed.after([])
    for case in skipped[:8]:
        left = stressed.after(case.losses)
        served = checker.served(extract(stressed.problem, left.x), case.losses)
        assert case.served.share == pytest.approx(served.share, abs=1e-6)
        cost = case.served.running_cost
        assert cost == pytest.approx(served.running_cost, rel=1e-5, abs=1e-2)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_agrees_with_a_solve_of_the_instance_without_the_site(seed):
    plan = planned(seed, **PLAIN)
    found = stress(plan, ["site"])
    assert found.cases
    for case in found.cases:
        (site,) = case.losses[0].of
        assert case.served.share == pytest.approx(served_without(plan, site), abs=1e-5)


def served_without(plan: Plan, site: str) -> float:
    """Share served by the plan's modules, steps and connections in an instance in which
    the site is excluded, by one plain solve: unmet demand is very dear."""
    given = plan.instance
    value = unit_value(given)
    sites, places = given.sites.copy(), given.locations
    sites.loc[site, "status"] = "excluded"
    own = places.site == site
    tables = {
        **given.tables,
        "sites": sites,
        "locations": places[~own].reset_index(drop=True),
        "commodities": given.commodities.assign(unmet_price=1e5 * value),
        "technologies": given.technologies.assign(least_use=0.0),
    }
    shut = replace(given, tables=tables)
    problem = make_problem(shut, ())
    gone = set(zip(places[own].infrastructure, places[own].location, strict=True))
    kept = {name: table[~_at(table, site, gone)] for name, table in plan.tables.items()}
    values = decided(problem, make_plan(shut, kept))
    assert values is not None
    program, _ = assemble(problem.decisions, problem.layer)
    whole = np.zeros(len(program.cost), bool)
    whole[: problem.decisions.size] = problem.decisions.whole
    known = np.isfinite(values)
    fixed = whole.copy()
    fixed[: len(known)] &= known
    program = program.fixed(fixed, values[fixed[: len(known)]])
    answer = run_highs(program, Limits(30.0, 1e-9, 0, 1))
    assert answer.x is not None
    unmet = extract(problem, answer.x).tables["unmet"]
    years = given.periods.years / given.periods.years.sum()

    def worth(rows):
        each = value.reindex(rows.commodity).to_numpy()
        return (
            each * years.reindex(rows.period).to_numpy() * rows.quantity_per_yr
        ).sum()

    return 1 - worth(unmet) / worth(given.demand_by_period)


def _at(table, site, places):
    """Rows about a site or about infrastructure that goes with it."""
    hit = np.zeros(len(table), bool)
    if "site" in table:
        hit |= (table.site == site).to_numpy()
    if "location" in table:
        at = zip(table.infrastructure, table.location, strict=True)
        hit |= np.array([each in places for each in at], bool)
    return hit


def test_a_loss_that_is_not_made_is_found_out(monkeypatch):
    monkeypatch.setattr(Stressed, "_hit", lambda *given: np.zeros(0, int))
    found = stress(both_open(), ["site"])
    assert list(found.cases) == [] and found.is_complete
    assert [each.what for each in found.rejected] == ["site e", "site w"]
    assert all("lost" in each.why for each in found.rejected)


def test_one_loss_left_out_does_not_end_the_others(monkeypatch):
    served = Checker.served

    def fails_at_w(self, left, losses):
        if losses == (W,):
            raise PlanRejected(["lost [w, y]: 60 units/yr", "and more"])
        return served(self, left, losses)

    monkeypatch.setattr(Checker, "served", fails_at_w)
    found = stress(both_open(), ["site"], pairs=True)
    # e alone lost, and the pair, which does not follow from w alone any more
    assert [case.losses for case in found.cases] == [(E, W), (E,)]
    assert found.cases[0].solved and found.cases[0].served.share == 0
    assert [(each.what, each.why) for each in found.rejected] == [
        ("site w", "lost [w, y]: 60 units/yr (and 1 more)")
    ]
    told = list(sentences(found, 0.9))
    assert any(text.startswith("1 plan is left out") for text in told)
    assert not any(text.startswith("Stopped") for text in told)


def test_with_nothing_lost_there_is_nothing_to_keep(monkeypatch):
    def fails(self, left, losses):
        raise PlanRejected(["wrong"])

    monkeypatch.setattr(Checker, "served", fails)
    with pytest.raises(PlanRejected, match="wrong"):
        stress(both_open(), ["site"])


def test_ovens_that_do_too_much_are_found_out():
    plan = both_open()
    tables = {n: t.copy() for n, t in plan.tables.items()}
    for name in ("activity", "flows"):
        tables[name]["quantity_per_yr"] *= 1.2  # 72 t from an oven of 70 t
    with pytest.raises(PlanRejected, match="capacity"):
        Checker(plan).served(make_plan(plan.instance, tables), [])


def test_unmet_demand_with_the_wrong_sign_is_found_out(monkeypatch):
    monkeypatch.setattr("dmopt.studies.stress.standing.DEAR", -1e4)
    with pytest.raises(AssertionError):
        test_what_is_left_serves_what_it_has_room_for()


def test_a_stop_keeps_what_was_tried():
    cancel = Event()

    def stop(number, of, losses):
        if number == 1:
            cancel.set()

    found = stress(both_open(), ["site"], pairs=True, on_case=stop, cancel=cancel)
    assert len(found.cases) == 1 and found.planned == 3
    assert any("Stopped: 1 of 3" in line for line in sentences(found, 0.9))
    cancel.set()
    assert stress(both_open(), ["site"], cancel=cancel) is None


def test_the_map_shows_the_infrastructure_that_was_tried_before_a_stop(
    tmp_path, monkeypatch
):
    squares = []

    def counted(shape, *given):
        squares.append(shape == "s")
        return mark(shape, *given)

    found = stress(labs(max_users=2, per_step=2), ["infrastructure"])
    assert len(found.cases) == 2
    monkeypatch.setattr("dmopt.maps.resilience.mark", counted)
    for tried in (1, 2):
        squares.clear()
        part = replace(found, cases=found.cases[:tried])
        draw_harm(part, tmp_path / "harm.png")
        assert (tmp_path / "harm.png").stat().st_size > 10_000
        assert sum(squares) == tried + 1  # and one in the legend


def test_the_table_and_the_sentences_name_the_worst():
    found = stress(both_open(), ["site"], pairs=True)
    table = cases_table(found)
    assert table.lost[0] == "site e and site w"
    assert table.worst_product[0] == "bread" and table.served_share[0] == 0
    told = list(sentences(found, 0.7))
    assert "2 of 2 losses still serve at least 70 %." in told
    assert any(line.startswith("Worst pair: site e and site w.") for line in told)


def test_with_nothing_lost_the_town_serves_what_its_flour_makes():
    # early: 2.8 t of flour make 2,800 of 3,000; late: all 4,000
    found = stress(town_plan(), ["supplier"])
    assert found.base.served.share == pytest.approx(1 - 200 / 7000)
