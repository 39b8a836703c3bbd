"""The printed map: what is on it, and that nothing on it collides."""

import itertools

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from dmopt.maps.static import plot, write_map
from dmopt.plan.plan import make_plan
from tests.maps.city import city, plan_of, result_of


def texts_of(figure: Figure) -> list[matplotlib.text.Text]:
    FigureCanvasAgg(figure).draw()
    return [
        text
        for text in figure.findobj(matplotlib.text.Text)
        if text.get_visible() and text.get_text().strip()
    ]


def words_of(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts_of(figure))


CASES = {
    "one period": (city(), {}),
    "three periods": (city(periods=3), {}),
    "access": (city(), {"shade": "access"}),
    "degrees, points": (city("EPSG:4326", 1, False), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_no_two_texts_overlap_and_none_leaves_the_page(case):
    instance, options = CASES[case]
    plan = plan_of(instance)
    figure = plot(plan, result=result_of(plan), **options)
    found = [(t.get_text(), t.get_window_extent()) for t in texts_of(figure)]
    for (first, a), (second, b) in itertools.combinations(found, 2):
        assert not a.padded(-1.5).overlaps(b.padded(-1.5)), (first, second)
    page = figure.bbox
    for words, box in found:
        assert box.x0 >= 0 and box.y0 >= 0, words
        assert box.x1 <= page.x1 and box.y1 <= page.y1, words


def test_the_map_says_what_it_shows():
    plan = plan_of(city())
    words = words_of(plot(plan, result=result_of(plan)))
    for said in (
        "Middleton",
        "2030",
        "proven within 0.8 %",
        "GBP 12.3 million a year",
        "Made-up data",
        "Bakery",
        "Printing",
        "micro",
        "Logistics hub",
        "OLD TOWN",
        "Licence scheme (whole region)",
        "candidate, not open",
        "excluded",
        " km",
        "N",
        "Demand, tonnes a year per km²",
        "from Avonport plant",
        "Cedar yard",
    ):
        assert said in words, said


def test_each_period_has_its_panel_and_one_period_can_be_asked_for():
    plan = plan_of(city(periods=3))
    words = words_of(plot(plan)).split("\n")
    assert {"2030", "2035", "2040"} <= set(words)
    alone = plot(plan, period="2035")
    assert "Plan for 2035: 6 sites open" in words_of(alone)
    assert len(alone.axes) == 2
    with pytest.raises(ValueError, match="no period '2050'"):
        plot(plan, period="2050")


def test_without_a_result_the_badge_says_not_proven():
    assert "not proven" in words_of(plot(plan_of(city())))


def test_a_gap_is_shown_as_a_gap():
    plan = plan_of(city())
    result = result_of(plan, status="feasible", cost=100.0, bound=96.0)
    assert "feasible, gap 4 %" in words_of(plot(plan, result=result))


def test_a_map_can_be_drawn_on_axes_of_a_figure_of_ones_own():
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    assert plot(plan_of(city()), ax=axes) is figure
    assert "Cedar yard" in words_of(figure)


def test_the_global_state_of_pyplot_is_left_alone():
    before = matplotlib.get_backend()
    plot(plan_of(city()))
    assert matplotlib.get_backend() == before


def test_the_png_is_a4_landscape_for_print(tmp_path):
    plan = plan_of(city())
    path = write_map(plan, tmp_path / "map.png", result=result_of(plan))
    with Image.open(path) as image:
        assert image.size == pytest.approx((11.69 * 180, 8.27 * 180), abs=2)
        colours = image.convert("RGB").getcolors(1 << 24)
    assert len(colours) > 100


@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326"])
def test_the_scale_bar_is_true(crs):
    # zones are 2.5 km wide in both; the made-up grid of degrees is true to 1 %
    figure = plot(plan_of(city(crs)))
    axes = figure.axes[0]
    words_of(figure)
    bar = next(line for line in axes.lines if len(line.get_xdata()) == 5)
    ends = axes.transAxes.transform([[x, 0] for x in bar.get_xdata()])[:, 0]
    zone = axes.collections[0].get_paths()[0].get_extents(axes.transData)
    label = [t.get_text() for t in axes.texts if t.get_text().endswith(" km")]
    km = float(label[0].removesuffix(" km"))
    assert km * zone.width / (ends.max() - ends.min()) == pytest.approx(2.5, rel=0.01)


def test_an_empty_plan_still_makes_a_map():
    plan = make_plan(city(), {})
    words = words_of(plot(plan, shade="access", result=result_of(plan)))
    assert "none in reach" in words
    assert "0 sites open" in words
