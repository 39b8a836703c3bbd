"""Marks on a map: sites as coloured discs, infrastructure as shapes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation

from dmopt.maps.ground import located
from dmopt.maps.labels import Room
from dmopt.maps.look import Look
from dmopt.maps.palette import INK, QUIET, infrastructure_marks

MARK_POINTS = 5.5
TOGETHER_POINTS = 6.0
RULED_OUT_POINTS = 4.2


def draw_closed(axes: Axes, look: Look, period: str) -> None:
    """Candidates that stay closed as small hollow marks, excluded sites as crosses,
    darker where a rule keeps them shut."""
    shut = look.shut(period)
    by_rule = look.excluded.excluded_by.reindex(shut, fill_value="") != ""
    by_status = shut.isin(look.excluded.index) & ~by_rule.to_numpy()
    for ids, mark, size, colour in (
        (shut[~by_rule & ~by_status], "o", 2.8, QUIET),
        (shut[by_status], "x", 3.0, QUIET),
        (shut[by_rule], "x", RULED_OUT_POINTS, INK),
    ):
        at = look.ground.points.loc[ids]
        axes.plot(
            at.x,
            at.y,
            marker=mark,
            markersize=size,
            markerfacecolor="white",
            markeredgecolor=colour,
            markeredgewidth=0.7 if colour == QUIET else 1.1,
            linestyle="none",
            zorder=5,
        )


def draw_open(axes: Axes, look: Look, period: str, room: Room) -> pd.DataFrame:
    """Open sites as discs: a sector for each family, by modules; larger discs for
    larger size classes. Gives index site; columns x, y, diameter (points)."""
    opened = look.plan.tables["opened"]
    ids = pd.Index(opened.site[opened.period == period])
    ids = ids[~look.ground.far(ids)]
    standing = look.standing(period)
    ranks = standing.groupby("site")["rank"].max().reindex(ids, fill_value=0)
    discs = look.ground.points.loc[ids].assign(
        diameter=[look.diameter(rank) for rank in ranks]
    )
    sectors = standing.pivot_table(
        index="site", columns="family", values="modules", aggfunc="sum", fill_value=0
    ).reindex(index=ids, columns=list(look.family_colours), fill_value=0)
    for site, x, y, diameter in discs.sort_values("diameter").itertuples():
        _draw_disc(axes, look, sectors.loc[site], x, y, diameter)
        room.keep_clear(x, y, diameter / 2 + 1)
    return discs


def _draw_disc(
    axes: Axes, look: Look, modules: pd.Series, x: float, y: float, diameter: float
) -> None:
    """One site: rim, then a sector for each family; white where it has no modules."""
    axes.scatter(
        x,
        y,
        s=(diameter + 1.6) ** 2,
        color=INK,
        linewidths=0.8,
        edgecolors="white",
        zorder=6,
    )
    axes.scatter(x, y, s=diameter**2, color="white", linewidths=0, zorder=6.1)
    begin = 0.0
    for family, share in (modules / max(modules.sum(), 1)).items():
        if share > 0:
            _draw_sector(
                axes,
                (x, y),
                begin,
                begin + share,
                diameter,
                look.family_colours[str(family)],
            )
        begin += share


def _draw_sector(
    axes: Axes,
    at: tuple[float, float],
    begin: float,
    end: float,
    diameter: float,
    colour: str,
) -> None:
    """A sector of a disc, from and to shares of the circle, clockwise from noon."""
    if end - begin > 0.999:
        axes.scatter(*at, s=diameter**2, color=colour, linewidths=0, zorder=6.2)
        return
    turn = np.pi / 2 - 2 * np.pi * np.linspace(begin, end, 40)
    rim = np.vstack([[0, 0], np.column_stack([np.cos(turn), np.sin(turn)]), [0, 0]])
    # matplotlib scales a mark to its farthest coordinate, a disc's is its radius
    scale = np.abs(rim).max()
    axes.scatter(
        *at,
        s=(diameter * scale) ** 2,
        marker=Path(rim),
        color=colour,
        linewidths=0.4,
        edgecolors="white",
        zorder=6.2,
    )


def draw_infrastructure(
    axes: Axes, look: Look, period: str, discs: pd.DataFrame, room: Room
) -> None:
    """Shapes of the infrastructure; those of one place side by side, under the
    disc of a site that stands there."""
    marks = infrastructure_marks(look.plan.instance.infrastructure)
    rows = located(look.plan, look.ground, period).dropna(subset=["x", "y"])
    rows = rows.drop_duplicates(["infrastructure", "x", "y"])
    step = MARK_POINTS + 1.8
    for _, group in rows.groupby(["x", "y"], sort=False):
        x, y = float(group.x.iloc[0]), float(group.y.iloc[0])
        down = _clearance(axes, x, y, discs)
        for place, name in enumerate(group.infrastructure):
            across = (place - (len(group) - 1) / 2) * step
            _draw_mark(axes, x, y, across, -down, marks[name][0])
            room.keep_clear(x, y, MARK_POINTS / 2, across, -down)


def _clearance(axes: Axes, x: float, y: float, discs: pd.DataFrame) -> float:
    """Points by which marks at a place go down to leave a site's disc free."""
    if discs.empty:
        return 0.0
    pixels = axes.transData.transform(discs[["x", "y"]].to_numpy())
    here = axes.transData.transform((x, y))
    points = np.hypot(*(pixels - here).T) * 72 / axes.figure.dpi
    nearest = int(points.argmin())
    if points[nearest] > TOGETHER_POINTS:
        return 0.0
    return discs.diameter.iloc[nearest] / 2 + MARK_POINTS * 0.8


def _draw_mark(
    axes: Axes, x: float, y: float, across: float, up: float, mark: str
) -> None:
    moved = ScaledTranslation(across / 72, up / 72, axes.figure.dpi_scale_trans)
    axes.plot(
        x,
        y,
        marker=mark,
        markersize=MARK_POINTS,
        markerfacecolor="white",
        markeredgecolor=INK,
        markeredgewidth=1.0,
        linestyle="none",
        zorder=7,
        transform=axes.transData + moved,
    )
