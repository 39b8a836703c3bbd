"""Flows on a map: curves inside the region, arrows from the edge for what comes
from afar."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from matplotlib.typing import LineStyleType
from shapely import box

from dmopt.maps.labels import Flush, Offset, Room
from dmopt.maps.look import Look
from dmopt.maps.palette import FLOW, FROM_AFAR
from dmopt.maps.shades import weight_unit
from dmopt.maps.streams import from_afar
from dmopt.runs.words import quantity

BEND = 0.14
MOST_ARROWS = 6
ARROW_POINTS = 24.0
EDGE_POINTS = 16.0
STYLES: dict[str, LineStyleType] = {"zone": "solid", "site": (0, (3, 1.4))}


def draw_streams(axes: Axes, look: Look, period: str) -> None:
    """Local streams as bent lines, the widest underneath; to sites: dashed."""
    rows = look.streams[period].query("not far").sort_values("amount", ascending=False)
    for kind, style in STYLES.items():
        of_kind = rows[rows.kind == kind]
        axes.add_collection(
            PathCollection(
                _curves(of_kind),
                facecolors="none",
                edgecolors=FLOW,
                alpha=0.6,
                linewidths=[look.width(amount) for amount in of_kind.amount],
                linestyles=[style],
                capstyle="butt",
                zorder=4,
            ),
            autolim=False,
        )


def _curves(rows: pd.DataFrame) -> list[Path]:
    """A curve from (x0, y0) to (x1, y1) for each row, bent to its left."""
    start, end = rows[["x0", "y0"]].to_numpy(), rows[["x1", "y1"]].to_numpy()
    along = end - start
    middle = (start + end) / 2 + BEND * np.column_stack([-along[:, 1], along[:, 0]])
    codes = [Path.MOVETO, Path.CURVE3, Path.CURVE3]
    return [Path(points, codes) for points in np.stack([start, middle, end], axis=1)]


def draw_arrows(axes: Axes, look: Look, period: str, room: Room) -> int:
    """An arrow from the edge of the map for each place far away, with its name,
    distance and amount, the largest first. Gives how many were left out."""
    rows = from_afar(look.streams[period])
    unit, names = weight_unit(look.plan), _names(look)
    drawn = 0
    for origin, row in rows.head(MOST_ARROWS).iterrows():
        words = f"from {names[str(origin)]}"
        words += "" if np.isnan(row.km) else f", {quantity(row.km)} km"
        words += f"\n{quantity(row.amount)} {unit} a year"
        drawn += _draw_arrow(axes, look, row, words, room)
    return len(rows) - drawn


def _names(look: Look) -> pd.Series:
    """Names for people of sites and suppliers; the id where there is no name."""
    instance = look.plan.instance
    names = pd.concat([instance.sites.name, instance.suppliers.name])
    return names.where(names != "", names.index.to_series())


def _draw_arrow(axes: Axes, look: Look, row: pd.Series, words: str, room: Room) -> bool:
    """One arrow inward from the edge, as near the direction of its origin as it and
    its label are free; over the zones only where it must be. Whether it was drawn."""
    width = max(look.width(row.amount), 1.0) if look.most else 2.0
    for over_land in (False, True):
        for start, inward in _tails(axes, row):
            end = start + inward * ARROW_POINTS * axes.figure.dpi / 72
            shaft = _shaft_box(start, end, (width + 4) * axes.figure.dpi / 72)
            if not room.is_free(shaft):
                continue
            if not over_land and _on_land(axes, look, shaft):
                continue
            text = _write_beside(axes, start, end, width, words, room)
            if text is None:
                continue
            if not over_land and _on_land(axes, look, text.get_window_extent()):
                room.taken.pop()
                text.remove()
                continue
            room.taken.append(shaft)
            _draw_shaft(axes, start, end, width)
            return True
    return False


def _tails(axes: Axes, row: pd.Series) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places for the tail of an arrow, pixels, and its direction: along the edge that
    the way from its origin crosses, then along the next edge."""
    frame = axes.get_window_extent()
    half = np.array([frame.width, frame.height]) / 2
    centre = np.array([frame.x0, frame.y0]) + half
    toward = axes.transData.transform((row.x0, row.y0)) - centre
    toward = toward / np.abs(toward / half).max()
    first = int(np.abs(toward / half).argmax())
    limit = half - EDGE_POINTS * axes.figure.dpi / 72
    for side in (first, 1 - first):
        along = 1 - side
        outward = np.sign(toward[side]) or 1.0
        for moved in sorted(np.linspace(-2, 2, 81), key=abs):
            tail = np.empty(2)
            tail[side] = outward * half[side]
            tail[along] = toward[along] + moved * limit[along]
            if abs(tail[along]) <= limit[along]:
                yield centre + tail, -outward * np.eye(2)[side]


def _shaft_box(start: np.ndarray, end: np.ndarray, wide: float) -> Bbox:
    """The arrow's box in pixels, a little off the edge so that it counts as inside."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    across = (high - low) < wide
    grow = np.where(across, wide / 2, -0.5)
    return Bbox([low - grow, high + grow])


def _on_land(axes: Axes, look: Look, pixels: Bbox) -> bool:
    """Whether a box in pixels lies over zones."""
    corners = axes.transData.inverted().transform(pixels.get_points())
    return bool(look.ground.land.intersects(box(*corners.ravel())))


def _write_beside(
    axes: Axes, start: np.ndarray, end: np.ndarray, width: float, words: str, room: Room
) -> Annotation | None:
    """The arrow's label: to the right or left of an upright arrow, above or below
    a level one; None where there is no room."""
    upright = abs(end[1] - start[1]) > abs(end[0] - start[0])
    away = width + 5
    middle = axes.transData.inverted().transform((start + end) / 2)
    edge = axes.transData.inverted().transform(start + 0.15 * (end - start))
    flush: Flush = "left" if end[0] > start[0] else "right"
    places: tuple[Offset, ...] = (
        ((1, 0, "left", "center"), (-1, 0, "right", "center"))
        if upright
        else ((0, 1, flush, "bottom"), (0, -1, flush, "top"))
    )
    x, y = middle if upright else edge
    return room.write(words, x, y, away, places, size=6.8, colour=FROM_AFAR)


def _draw_shaft(axes: Axes, start: np.ndarray, end: np.ndarray, width: float) -> None:
    ends = axes.transData.inverted().transform([start, end])
    axes.add_patch(
        FancyArrowPatch(
            *ends,
            arrowstyle="-|>",
            mutation_scale=7 + 1.8 * width,
            shrinkA=0,
            shrinkB=0,
            linewidth=width,
            color=FROM_AFAR,
            zorder=8,
            joinstyle="miter",
            capstyle="butt",
        )
    )
