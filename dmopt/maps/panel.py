"""One panel of a map: the region in one period."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dmopt.maps.furniture import draw_north, draw_scale
from dmopt.maps.ground import SMALLEST
from dmopt.maps.labels import BESIDE, ON_TOP, Room
from dmopt.maps.lines import draw_arrows, draw_streams
from dmopt.maps.look import Look
from dmopt.maps.marks import (
    RULED_OUT_POINTS,
    draw_closed,
    draw_infrastructure,
    draw_open,
)
from dmopt.maps.palette import FLOW, INK, NO_VALUE, PAPER

MARGIN, MARGIN_FOR_ARROWS = 0.05, 0.13
FEW_ZONES, MANY_ZONES = 15, 500
ZONE_POINTS = 12.0


def draw_panel(axes: Axes, look: Look, period: str, heading: str = "") -> int:
    """Everything of one period, on axes whose size is final. Gives how many flows from
    afar there was no room for."""
    _draw_zones(axes, look, period)
    _frame(axes, look)
    draw_streams(axes, look, period)
    draw_closed(axes, look, period)
    room = Room(axes)
    draw_scale(axes, look.ground.km_per_unit(), room)
    draw_north(axes, room)
    if heading:
        _draw_heading(axes, heading, room)
    discs = draw_open(axes, look, period, room)
    draw_infrastructure(axes, look, period, discs, room)
    left_out = draw_arrows(axes, look, period, room)
    _name_districts(look, room)
    _name_sites(look, discs, room)
    _name_excluded(look, period, room)
    _name_zones(look, room)
    return left_out


def _frame(axes: Axes, look: Look) -> None:
    """Limits that show the region whole and fill the axes, without distortion."""
    west, south, east, north = look.ground.bounds
    across, up = east - west, north - south
    longest = max(across, up, SMALLEST)
    afar = any(rows.far.any() for rows in look.streams.values())
    room = 1 + 2 * (MARGIN_FOR_ARROWS if afar else MARGIN)
    # a region without width (two towns in a row) still gets some country round it
    across, up = max(across, longest / 3) * room, max(up, longest / 3) * room
    size = axes.get_window_extent()
    scale = max(across / size.width, up / size.height)
    half = scale * np.array([size.width, size.height]) / 2
    axes.set_xlim((west + east) / 2 - half[0], (west + east) / 2 + half[0])
    axes.set_ylim((south + north) / 2 - half[1], (south + north) / 2 + half[1])
    axes.set(xlabel="", ylabel="")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(PAPER)
    for spine in axes.spines.values():
        spine.set(color=INK, linewidth=0.6)


def _draw_zones(axes: Axes, look: Look, period: str) -> None:
    """Zones in the shade of their class, then the borders of districts."""
    found = look.classes.of(look.shadings[period].values)
    colours = np.array([*look.shades, NO_VALUE])[found]
    zones = look.ground.zones
    area = (zones.area > 0).to_numpy()
    thin = 0.25 if len(zones) < MANY_ZONES else 0.1
    if area.any():
        zones[area].plot(
            ax=axes,
            color=colours[area],
            edgecolor="white",
            linewidth=thin,
            aspect=None,
            zorder=1,
        )
    axes.scatter(
        zones.geometry[~area].x,
        zones.geometry[~area].y,
        s=ZONE_POINTS**2,
        c=list(colours[~area]),
        edgecolors=INK,
        linewidths=0.5,
        zorder=1,
    )
    if len(look.ground.districts):
        look.ground.districts.boundary.plot(
            ax=axes, color=INK, linewidth=0.9, alpha=0.75, aspect=None, zorder=3
        )


def _draw_heading(axes: Axes, heading: str, room: Room) -> None:
    text = axes.annotate(
        heading,
        (0, 1),
        (7, -6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=10,
        fontweight="bold",
        color=INK,
        zorder=10,
        parse_math=False,
    )
    room.fits(text)


def _name_districts(look: Look, room: Room) -> None:
    for name, x, y in look.ground.middles.itertuples():
        room.write(name.upper(), x, y, 7, ON_TOP, size=6.8, colour=FLOW, bold=True)


def _name_zones(look: Look, room: Room) -> None:
    """Names of zones, where there are only a few."""
    zones = look.plan.instance.zones
    if len(zones) > FEW_ZONES:
        return
    at = look.ground.points.loc[zones.index]
    for zone, x, y in at.itertuples():
        words = zones.name[zone] or zone
        if words == zones.district[zone]:
            continue
        room.write(words, x, y, ZONE_POINTS / 2 + 2, BESIDE, size=6.5, colour=FLOW)


def _name_sites(look: Look, discs: pd.DataFrame, room: Room) -> None:
    """Names of open sites, the largest first; those without room stay unnamed."""
    names = look.plan.instance.sites.name
    largest = discs.sort_values("diameter", ascending=False, kind="stable")
    for site, x, y, diameter in largest.itertuples():
        room.write(names[site] or site, x, y, diameter / 2 + 2.5, BESIDE, size=6.5)


def _name_excluded(look: Look, period: str, room: Room) -> None:
    """Sites that rules keep shut, with the ids of the rules: "Quay works: flood";
    where that has no room, the ids alone."""
    names = look.plan.instance.sites.name
    by = look.excluded.excluded_by
    by = by[(by != "") & by.index.isin(look.shut(period))]
    for site, x, y in look.ground.points.loc[by.index].itertuples():
        for words in (f"{names[site] or site}: {by[site]}", by[site]):
            away = RULED_OUT_POINTS / 2 + 2
            if room.write(words, x, y, away, BESIDE, size=5.8):
                break
