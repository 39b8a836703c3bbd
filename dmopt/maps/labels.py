"""Texts on a map that keep clear of each other and of the marks."""

from dataclasses import dataclass, field
from typing import Literal

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from dmopt.maps.palette import INK, PAPER

Flush = Literal["left", "center", "right"]
Level = Literal["top", "center", "bottom"]
Offset = tuple[float, float, Flush, Level]

BESIDE: tuple[Offset, ...] = (
    (1, 0, "left", "center"),
    (-1, 0, "right", "center"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (0.8, 0.8, "left", "bottom"),
    (0.8, -0.8, "left", "top"),
    (-0.8, 0.8, "right", "bottom"),
    (-0.8, -0.8, "right", "top"),
)
ON_TOP: tuple[Offset, ...] = (
    (0, 0, "center", "center"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (0, 2, "center", "bottom"),
    (0, -2, "center", "top"),
    (2, 0, "left", "center"),
    (-2, 0, "right", "center"),
)


@dataclass
class Room:
    """What is still free on one map.

    axes: the map.  taken: boxes in pixels that texts must not touch.
    """

    axes: Axes
    taken: list[Bbox] = field(default_factory=list)

    def keep_clear(
        self, x: float, y: float, radius: float, across: float = 0.0, up: float = 0.0
    ) -> None:
        """No text within a radius of a place on the map, moved across and up; all
        three in typographic points."""
        per_point = self.axes.figure.dpi / 72
        middle = self.axes.transData.transform((x, y))
        middle = middle + per_point * np.array([across, up])
        reach = per_point * radius
        self.taken.append(Bbox([middle - reach, middle + reach]))

    def keep_box(self, west: float, south: float, east: float, north: float) -> None:
        """No text within a box, in pixels."""
        self.taken.append(Bbox.from_extents(west, south, east, north))

    def write(
        self,
        words: str,
        x: float,
        y: float,
        away: float,
        places: tuple[Offset, ...],
        *,
        size: float,
        colour: str = INK,
        bold: bool = False,
    ) -> Annotation | None:
        """Write at the first of the places that is free; None where none is.

        away: distance from (x, y) in points; places: directions to try.
        size: of the letters, points.
        """
        for across, up, flush, level in places:
            text = self.axes.annotate(
                words,
                (x, y),
                (across * away, up * away),
                textcoords="offset points",
                ha=flush,
                va=level,
                annotation_clip=False,
                fontsize=size,
                color=colour,
                fontweight="bold" if bold else "normal",
                linespacing=1.15,
                zorder=9,
                parse_math=False,
            )
            text.set_path_effects([effects.withStroke(linewidth=2.2, foreground=PAPER)])
            if self.fits(text):
                return text
            text.remove()
        return None

    def fits(self, text: Text) -> bool:
        """Whether a text is inside the map and touches nothing; if so, take its box."""
        found = text.get_window_extent().padded(1.5)
        if not self.is_free(found):
            return False
        self.taken.append(found)
        return True

    def is_free(self, box: Bbox) -> bool:
        """Whether a box in pixels is inside the map and touches nothing taken."""
        frame = self.axes.get_window_extent()
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1
        inside = inside and frame.y0 <= box.y0 and box.y1 <= frame.y1
        return inside and not any(box.overlaps(other) for other in self.taken)
