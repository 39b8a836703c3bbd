"""A quiet map to draw something else on: zones, districts, scale, north, title, credit.

For pictures that are not of one plan: differences, stress tests.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dmopt.data.instance import Instance
from dmopt.maps.furniture import draw_credit, draw_north, draw_scale, draw_title
from dmopt.maps.ground import SMALLEST, Ground, lay_out
from dmopt.maps.labels import BESIDE, ON_TOP, Room
from dmopt.maps.legend import stack
from dmopt.maps.palette import FLOW, INK, PAPER
from dmopt.maps.static import A4_LANDSCAPE, DPI

MAP = (0.03, 0.055, 0.7, 0.825)
BESIDE_MAP = (0.745, 0.055, 0.245, 0.813)
MARGIN = 0.06
ZONE_FILL, ZONE_EDGE = "#EEF1F3", "#FFFFFF"


@dataclass(frozen=True)
class Backdrop:
    """figure and axes to draw on; room: what is free for names; ground: the grid."""

    figure: Figure
    axes: Axes
    room: Room
    ground: Ground

    def name(self, words: str, x: float, y: float, size: float) -> None:
        """A name beside its mark, `size` points wide, if there is room."""
        self.room.write(words, x, y, size / 2 + 2.5, BESIDE, size=6.5)

    def legend(self, parts: list[tuple[str, list[tuple[Artist, str]]]]) -> None:
        """Titles and entries in the column beside the map."""
        axes = self.figure.add_axes(BESIDE_MAP)
        axes.set_axis_off()
        stack(axes, parts)


def backdrop(instance: Instance, title: str, subtitle: str) -> Backdrop:
    """The map of an instance without any plan on it; A4 landscape."""
    ground = lay_out(instance)
    figure = Figure(figsize=A4_LANDSCAPE, dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor(PAPER)
    axes = figure.add_axes(MAP)
    _draw_zones(axes, ground)
    _frame(axes, ground)
    room = Room(axes)
    draw_scale(axes, ground.km_per_unit(), room)
    draw_north(axes, room)
    draw_title(figure, title, subtitle, 0.94)
    draw_credit(figure, instance.settings.credit)
    return Backdrop(figure, axes, room, ground)


def mark(
    shape: str, colour: str, size: float, x: float = np.nan, y: float = np.nan
) -> Line2D:
    """One mark, `size` points wide, edged in ink; without a point for legends."""
    return Line2D(
        [x],
        [y],
        marker=shape,
        linestyle="",
        color=colour,
        markeredgecolor=INK,
        markeredgewidth=0.8,
        markersize=size,
        zorder=6,
    )


def name_districts(drawn: Backdrop) -> None:
    """Names of districts where there is room left: call it after the marks."""
    for name, x, y in drawn.ground.middles.itertuples():
        drawn.room.write(
            name.upper(), x, y, 7, ON_TOP, size=6.8, colour=FLOW, bold=True
        )


def _draw_zones(axes: Axes, ground: Ground) -> None:
    zones = ground.zones
    area = (zones.area > 0).to_numpy()
    style = {"edgecolor": ZONE_EDGE, "linewidth": 0.3, "aspect": None, "zorder": 1}
    if area.any():
        zones[area].plot(ax=axes, color=ZONE_FILL, **style)
    points = zones.geometry[~area]
    axes.scatter(
        points.x, points.y, s=70, color=ZONE_FILL, edgecolors=INK, linewidths=0.4
    )
    if len(ground.districts):
        ground.districts.boundary.plot(
            ax=axes, color=INK, linewidth=0.8, alpha=0.6, aspect=None, zorder=3
        )


def _frame(axes: Axes, ground: Ground) -> None:
    """Limits that show the region whole and fill the axes, without distortion."""
    west, south, east, north = ground.bounds
    longest = max(east - west, north - south, SMALLEST)
    across, up = (
        max(side, longest / 3) * (1 + 2 * MARGIN)
        for side in (east - west, north - south)
    )
    size = axes.get_window_extent()
    half = max(across / size.width, up / size.height) * np.array(
        [size.width / 2, size.height / 2]
    )
    axes.set_xlim((west + east) / 2 - half[0], (west + east) / 2 + half[0])
    axes.set_ylim((south + north) / 2 - half[1], (south + north) / 2 + half[1])
    axes.set(xlabel="", ylabel="", xticks=[], yticks=[], facecolor=PAPER)
    for spine in axes.spines.values():
        spine.set(color=INK, linewidth=0.6)
