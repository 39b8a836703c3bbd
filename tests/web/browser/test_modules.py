"""The page's own arithmetic and words, against those of the package."""

import json
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from dmopt.data.read import read_instance
from dmopt.maps import palette
from dmopt.maps.classes import make_classes
from dmopt.runs.words import money, percent_above, quantity
from tests.browser import Browser
from tests.web.server import TOWN, Live

FIGURES = [0, 1, 7.25, 9.999, 12.345, 99.96, 100.4, 1234.5, 0.01234, 5.0e6, 41_234_567]


@pytest.fixture(scope="module")
def call(chromium: Any, town: Live) -> Any:
    """call(module, text): what an expression over a module's exports gives."""
    seen = Browser(chromium).new()
    seen.page.goto(f"{town.address}static/mark.svg")

    def run(module: str, text: str, *given: Any) -> Any:
        names = ", ".join(f"g{place}" for place in range(len(given)))
        return seen.page.evaluate(
            f"""async ([{names}]) => {{
              const m = await import("/static/js/{module}.js");
              return {text};
            }}""",
            list(given),
        )

    return run


def test_figures_read_as_in_the_package(call: Any) -> None:
    shown = call("words", "g0.map(m.quantity)", FIGURES)
    assert shown == [quantity(each) for each in FIGURES]


def test_money_reads_as_in_the_package(call: Any) -> None:
    settings = read_instance(TOWN).settings
    about = {"currency": "GBP", "money_words": "GBP a year"}
    amounts = [950.0, 267_000.0, 2_631_000.0, 41.26e6, 1.2e9]
    shown = call("words", "g0.map(each => m.money(each, g1))", amounts, about)
    assert shown == [money(each, settings) for each in amounts]
    later = {"currency": "GBP", "money_words": "GBP, present value"}
    assert call("words", "m.money(5, g0)", later) == "GBP 5, present value"


def test_gaps_are_never_rounded_down(call: Any) -> None:
    shares = [0.008, 0.0081, 0.0199, 0.2301, 1e-5, 0.5]
    shown = call("words", "g0.map(m.percentAbove)", shares)
    assert shown == [percent_above(each) for each in shares]


@pytest.mark.parametrize(
    ("state", "status", "gap", "text"),
    [
        ("done", "optimal", 0.008, "proven within 0.8 %"),
        ("done", "optimal", 1e-9, "proven optimal"),
        ("cancelled", "feasible", 0.043, "feasible, gap 4.3 %"),
        ("done", "feasible", None, "feasible, not proven"),
        ("done", "infeasible", None, "no plan exists (proven)"),
        ("done", "no_plan_found", None, "no plan found in the time given"),
        ("failed", None, None, "failed"),
    ],
)
def test_badges_say_how_sure(
    call: Any, state: str, status: str | None, gap: float | None, text: str
) -> None:
    shown = call(
        "words", "m.badge({state: g0, status: g1, gap: g2}).text", state, status, gap
    )
    assert shown == text


def test_while_it_is_planned_the_badge_says_what_is_proven_by_then(call: Any) -> None:
    def text(cost: float | None, bound: float | None, news: float | None) -> Any:
        scenario = {"state": "running", "cost": cost, "bound": bound, "asked_gap": 0.01}
        gap = None if bound is None or cost is None else (cost - bound) / cost
        return call(
            "words",
            "m.badge(m.withNews(g0, [{bound: g1}]))",
            scenario | {"gap": gap},
            news,
        )

    assert text(None, None, 50) == {"text": "planning", "tone": "plain"}
    assert text(100, None, None) == {"text": "so far not proven", "tone": "plain"}
    assert text(100, 90, 80)["text"] == "so far proven within 10 %"
    # a bound that came after the plan counts for it
    assert text(100, 90, 95) == {"text": "so far proven within 5 %", "tone": "fair"}
    assert text(100, 90, 99.5) == {"text": "so far proven within 0.5 %", "tone": "good"}
    assert text(100, 90, 101) == {"text": "proven optimal", "tone": "good"}


@pytest.mark.parametrize("seed", range(4))
def test_classes_are_those_of_the_static_maps(call: Any, seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(3, 1 + seed, 60)
    expected = make_classes(values)
    limits = call("classes", "m.makeLimits(g0)", values.tolist())
    assert limits == pytest.approx(expected.limits)
    assert call("classes", "m.classLabels(g0)", limits) == expected.labels()
    found = call("classes", "g1.map(v => m.classOf(g0, v))", limits, values.tolist())
    assert found == expected.of(values).tolist()


def test_colours_are_those_of_the_static_maps(call: Any) -> None:
    families = call("palette", "m.FAMILY_COLOURS")
    assert families == list(palette.FAMILY_COLOURS)
    shades = call("palette", "m.SHADES")
    for name, ramp in palette.SHADES.items():
        assert shades[name] == list(ramp)
    marks = call("palette", "[m.INK, m.QUIET, m.PAPER, m.NO_VALUE]")
    assert marks == [palette.INK, palette.QUIET, palette.PAPER, palette.NO_VALUE]


def test_areas_are_close_to_those_on_the_ellipsoid(call: Any) -> None:
    shell = [[-1.9, 52.4], [-1.7, 52.4], [-1.7, 52.5], [-1.9, 52.5], [-1.9, 52.4]]
    lon, lat = zip(*shell, strict=True)
    square_m, _ = Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)
    polygon = {"type": "Polygon", "coordinates": [shell]}
    assert call("geometry", "m.areaKm2(g0)", polygon) == pytest.approx(
        abs(square_m) / 1e6, rel=0.005
    )
    half = [[-1.8, 52.4], [-1.7, 52.4], [-1.7, 52.5], [-1.8, 52.5], [-1.8, 52.4]]
    holed = {"type": "Polygon", "coordinates": [shell, half]}
    assert call("geometry", "m.areaKm2(g0)", holed) == pytest.approx(
        abs(square_m) / 2e6, rel=0.005
    )


def test_only_edges_between_districts_are_drawn(call: Any) -> None:
    # Three unit squares in a row, the first two in one district: the edge between
    # them is left out, and 3 * 4 - 2 shared - 1 inner = 9 edges are drawn
    def zone(x: int, district: str) -> dict[str, Any]:
        ring = [[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        return {"geometry": shape, "properties": {"district": district}}

    zones = [zone(0, "A"), zone(1, "A"), zone(2, "B")]
    edges = call("geometry", "m.districtEdges(g0)", zones)
    drawn = {tuple(sorted(map(tuple, edge))) for edge in edges}
    assert len(edges) == 9
    assert ((1, 0), (1, 1)) not in drawn and ((2, 0), (2, 1)) in drawn
    apart = [zone(0, "A"), zone(5, "A"), zone(9, "B")]
    assert call("geometry", "m.districtEdges(g0)", apart) is None


def test_the_largest_deliveries_are_drawn(call: Any) -> None:
    # 60 + 30 = 90 % of 100 t: the third is left out; the other product is its own
    def flow(product: str, tonnes: float, x: float, to: str) -> dict[str, Any]:
        line = {"type": "LineString", "coordinates": [[x, 0], [1, 1]]}
        about = {"from": "s", "to": to, "product": product, "t_per_yr": tonnes}
        return {"geometry": line, "properties": about}

    flows = [flow("a", t, 0, "z") for t in (10, 60, 30)] + [flow("b", 1, 0, "z")]
    carried = "m.largest(g0).map(f => [f.properties.product, f.properties.t_per_yr])"
    assert call("map/streams", carried, flows) == [["a", 60], ["a", 30], ["b", 1]]
    # from outside the bounds to zones: one line, 7 + 3 = 10 t
    far = [flow("a", 7, -50, "z"), flow("a", 3, -50, "z")]
    drawn = call(
        "map/streams",
        """m.drawnFlows(g0, {bounds: [-1, -1, 2, 2], product: "",
             zoneOf: new Map([["z", {}]])}).map(f => f.properties.t_per_yr)""",
        far,
    )
    assert drawn == [10]


def test_a_wish_forgets_what_is_as_before(call: Any) -> None:
    text = """(() => {
      let wish = m.emptyWish();
      const rule = { id: "R1", on: true };
      wish = m.withSite(wish, "a", "open");
      wish = m.withKnob(wish, "demand", 1.2, 1);
      wish = m.withBudget(wish, "capital", 5);
      wish = m.withRule(wish, rule, false);
      wish = m.withFigure(wish, "R1", "within_km", "12");
      wish = m.withFigure(wish, "R1", "within_km", "14");
      const full = JSON.stringify(wish);
      wish = m.withSite(wish, "a", "free");
      wish = m.withKnob(wish, "demand", 1, 1);
      wish = m.withBudget(wish, "capital", undefined);
      wish = m.withoutRule(wish, "R1");
      return [full, m.isEmpty(wish)];
    })()"""
    full, is_empty = call("wish", text)
    assert json.loads(full) == {
        "model": None,
        "rules": {
            "add": [],
            "change": ["R1.within_km=14"],
            "off": ["R1"],
            "on": [],
        },
        "sites": {"a": "open"},
        "knobs": {"demand": 1.2},
        "budget": {"capital": 5},
        "changes": [],
    }
    assert is_empty


def test_a_budget_of_one_period_leaves_those_of_others(call: Any) -> None:
    now = {"soon": 5, "late": None}
    make = "m.withBudgetOf({ ...m.emptyWish(), budget: g0 }, 'capital', g1, g2, g3)"

    def made(budget: Any, period: str, value: Any) -> Any:
        return call("wish", f"({make}).budget", budget, period, value, now)

    assert made({}, "late", 7) == {"capital": {"late": 7}}
    assert made({"capital": 3}, "late", 7) == {"capital": {"soon": 3, "late": 7}}
    both = {"capital": {"soon": "no limit", "late": 7}}
    assert made(both, "late", "no limit") == {"capital": {"soon": "no limit"}}
    assert made({"capital": {"soon": 3}}, "soon", 5) == {}
    # periods in which a limit for all is what they have are no change
    assert made({"capital": 5}, "late", "no limit") == {}


def test_a_forced_site_has_its_name_among_rules(call: Any) -> None:
    say = "m.ruleName(g0, { sites: g1 }, new Map([['a-b', 'A B']]))"
    assert call("wish", say, "forced a-b open", {"a-b": "open"}) == "A B forced open"
    assert call("wish", say, "forced a-b open", {"a-b": "shut"}) == "forced a-b open"


def test_a_parameter_says_what_it_means_and_its_range(call: Any) -> None:
    within = {"name": "within_km", "about": "Longest way.", "unit": "km", "low": 0}
    assert call("panels/rule-figure", "m.help(g0)", within) == (
        "Longest way. 0 km or more."
    )
    assert call("panels/rule-figure", "m.help(g0)", {"name": "per"}) == ""


def test_rules_of_another_model_are_dropped_from_the_wish(call: Any) -> None:
    text = """m.pruned(
      { ...m.emptyWish(), rules: { add: ["mine: site_count most=2"],
        change: ["R1.share=9 %", "R2.share=8 %", "mine.most=3"],
        off: ["R1", "R2"], on: [] } },
      [{ id: "R2" }]).rules"""
    assert call("wish", text) == {
        "add": ["mine: site_count most=2"],
        "change": ["R2.share=8 %", "mine.most=3"],
        "off": ["R2"],
        "on": [],
    }


def test_better_and_worse_are_said(call: Any) -> None:
    about = {"currency": "GBP", "money_words": "GBP a year"}
    say = "m.against(g0, g1, g2, g3, g4)"
    assert call("measure", say, "more", 44, 42, "jobs", about) == {
        "difference": "+2",
        "verdict": "better",
    }
    assert call("measure", say, "less", 70, 60, "%", about) == {
        "difference": "+10 points",
        "verdict": "worse",
    }
    assert call("measure", say, "", 3, 4, "sites", about)["verdict"] == "lower"
    assert call("measure", say, "more", 5, 5, "jobs", about)["verdict"] == "the same"
    assert call("measure", say, "more", None, 5, "jobs", about) is None


def test_a_difference_of_costs_is_only_sure_where_bounds_say_so(call: Any) -> None:
    about = {"currency": "GBP", "money_words": "GBP a year"}
    say = "m.costSentence(g0, g1, g2)"
    base = {"cost": 100.0, "bound": 99.0}
    sure = call("measure", say, base, {"cost": 110.0, "bound": 105.0}, about)
    assert sure == "It costs GBP 10 (10 %) more."
    open_ = call("measure", say, base, {"cost": 110.0, "bound": 98.0}, about)
    assert open_.endswith("leave open whether it must.")


def test_shares_are_typed_in_per_cent(call: Any) -> None:
    share = {"name": "share", "unit": "share", "kind": "number", "value": 0.9}
    assert call("panels/rule-figure", "m.shownValue(g0)", share) == "90"
    assert call("panels/rule-figure", "m.asGiven(g0, '75')", share) == "75 %"
    assert call("panels/rule-figure", "m.asGiven(g0, '90') ?? null", share) is None
    shown = call(
        "panels/rule-figure", "['75 %', '0.75'].map(t => m.shownText(g0, t))", share
    )
    assert shown == ["75", "75"]


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (370, 440, 4, [380, 400, 420, 440]),
        (2.57e6, 3.22e6, 5, [2.6e6, 2.8e6, 3.0e6, 3.2e6]),
        (0, 1, 4, [0, 0.5, 1]),
        (-0.5, 0.5, 4, [-0.5, 0, 0.5]),
    ],
)
def test_ticks_are_round_and_inside(
    call: Any, low: float, high: float, count: int, expected: list[float]
) -> None:
    assert call("frontier-chart", "m.ticks(g0, g1, g2)", low, high, count) == expected


def test_ticks_are_told_apart_in_few_digits(call: Any) -> None:
    def words(values: list[float], size: float) -> Any:
        return call(
            "frontier-chart", "g0.map(e => m.tickWords(e, g0, g1))", values, size
        )

    assert words([2.6e6, 2.8e6, 3.0e6], 1e6) == ["2.6", "2.8", "3.0"]
    assert words([59500, 60000, 60500], 1) == ["59,500", "60,000", "60,500"]
    assert words([1.05, 1.1], 1) == ["1.05", "1.10"]


def test_a_plan_is_one_mark_and_what_is_beaten_lies_below(call: Any) -> None:
    def point(asked: int, plan: int | None, dominated: bool = False) -> dict[str, Any]:
        cost = None if plan is None else 100.0 - asked
        return {"asked": asked, "plan": plan, "cost": cost, "dominated": dominated}

    points = [point(9, 1), point(8, 2, True), point(7, 3, True), point(6, 3)]
    points.append(point(5, None))
    shown = call("frontier-chart", "m.marked(g0).map(e => e.asked)", points)
    assert shown == [8, 9, 6]


def test_what_is_known_of_a_point_is_said(call: Any) -> None:
    def words(status: str, dominated: bool = False) -> Any:
        return call(
            "panels/frontier", "m.knownWords({status: g0, dominated: g1}, 0.01)",
            status, dominated,
        )  # fmt: skip

    assert words("proven") == "proven within 1 %"
    assert words("unproven", True) == (
        "gap larger than asked; a tighter step costs no more"
    )
    assert words("none") == "no plan (proven)"
    assert words("not_found") == "not known yet"
    assert words("rejected").startswith("left out")


def test_shares_have_three_digits_and_are_never_rounded_up_to_all(call: Any) -> None:
    shown = call(
        "words", "g0.map(m.share)", [0, 0.1937, 0.5, 0.86, 0.9996, 1, 1 - 1e-9]
    )
    assert shown == ["0 %", "19.4 %", "50 %", "86 %", "under 100 %", "100 %", "100 %"]


def test_a_loss_is_where_its_site_or_its_infrastructure_stands(call: Any) -> None:
    def feature(at: list[float] | None, **about: str) -> dict[str, Any]:
        geometry = at and {"type": "Point", "coordinates": at}
        return {"properties": about, "geometry": geometry}

    state = {
        "geo": {"sites": {"features": [feature([1, 2], id="mill")]}},
        "shownMap": {
            "infrastructure": {
                "features": [
                    feature([3, 4], id="north", infrastructure="lab"),
                    feature(None, id="all", infrastructure="data"),
                ]
            }
        },
    }
    for kind, of, places in (
        ("site", ["mill"], [[1, 2]]),
        ("site", ["north"], []),
        ("infrastructure", ["lab", "north"], [[3, 4]]),
        ("infrastructure", ["data", "north"], []),
        ("infrastructure", ["data", "all"], []),
    ):
        loss = {"kind": kind, "of": of}
        assert call("panels/stress", "m.placesOf(g0, g1)", loss, state) == places
