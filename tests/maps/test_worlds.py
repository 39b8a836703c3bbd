"""The chart of a plan for several worlds, down to its pixels and labels."""

from dataclasses import replace

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure

from dmopt.maps import worlds as chart
from dmopt.maps.worlds import ALONE, MEAN, PLAN, draw_worlds
from dmopt.studies.worlds.found import InWorld, WorldsPlan
from dmopt.studies.worlds.plan import plan_worlds
from dmopt.studies.worlds.world import World
from tests.line import line

PRICES = (1.0, 4.0, 6.0)


@pytest.fixture(scope="module")
def found() -> WorldsPlan:
    worlds = [
        World(f"p{p:g}", f"fuel times {p:g}", 1 / 3, {"transport_price": p})
        for p in PRICES
    ]
    return plan_worlds(line(), worlds, gap=0.0, time_limit_s=60, threads=1)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were drawn, before they are closed."""
    figures: list[Figure] = []

    def kept(**options):
        figures.append(Figure(**options))
        return figures[-1]

    monkeypatch.setattr(chart, "Figure", kept)
    return figures


def has(picture: np.ndarray, colour: str) -> bool:
    wanted = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return bool((np.abs(picture[..., :3] - wanted).max(axis=-1) < 0.02).any())


def test_plan_worlds_alone_and_mean_are_there(found, drawn, tmp_path):
    draw_worlds(found, tmp_path / "worlds.png")
    picture = matplotlib.image.imread(tmp_path / "worlds.png")
    assert all(has(picture, colour) for colour in (PLAN, ALONE, MEAN))
    [axes] = drawn[0].axes
    dots = next(each for each in axes.lines if each.get_marker() == "o")
    # both ovens whatever comes
    assert dots.get_ydata() == pytest.approx([140, 140, 140])
    assert "GBP" in axes.get_ylabel() and "a year" in axes.get_ylabel()


def test_the_dearest_comes_first_and_names_are_as_they_are_written(
    found, drawn, tmp_path
):
    each = [
        InWorld(replace(one.world, name=name), one.plan, cost, one.alone)
        for one, name, cost in zip(
            found.each, ("a $1 b$", "the longest name " * 5, "c"), (5e6, 2e6, 9e6),
            strict=True,
        )
    ]  # fmt: skip
    draw_worlds(replace(found, each=each), tmp_path / "worlds.png")
    [axes] = drawn[0].axes
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names[:2] == ["c", "a $1 b$"]
    assert names[2].startswith("the longest name") and len(names[2]) < 30
    assert axes.get_ylabel().startswith("cost, GBP million")


def test_without_worlds_alone_the_plan_is_drawn_on_its_own(found, tmp_path):
    bare = [replace(one, alone=None) for one in found.each]
    draw_worlds(replace(found, each=bare), tmp_path / "worlds.png")
    picture = matplotlib.image.imread(tmp_path / "worlds.png")
    assert has(picture, PLAN) and not has(picture, ALONE)
