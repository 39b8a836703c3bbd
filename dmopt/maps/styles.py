"""How QGIS draws the layers of a plan: the same colours and marks as the map."""

import itertools
from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from dmopt.maps.classes import Classes, make_classes
from dmopt.maps.layers import EXCLUDED, NO_MODULES, NOT_OPEN
from dmopt.maps.palette import (
    FLOW,
    INK,
    QUIET,
    SHADES,
    family_colours,
    infrastructure_marks,
)
from dmopt.maps.qml import Entry, Symbol, rgba, style
from dmopt.plan.plan import Plan

SITE_SIZE = '2.4 + sqrt("modules")'
FLOW_WIDTHS = (0.15, 0.5, 1.0, 1.8)
FLOW_SHARES = (0.0, 0.05, 0.2, 0.5, 1.0)
WHITE = "255,255,255,255"


def styles(plan: Plan, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    """The QML of each layer of a plan, by layer name."""
    periods = list(plan.instance.periods.index)
    made = {
        "zones": _zones(layers["zones"]),
        "sites": ("drawn_as", _site_entries(plan)),
        "infrastructure": ("infrastructure", _infrastructure_entries(plan)),
        "flows": _flows(layers["flows"]),
    }
    return {name: style(*made[name], periods) for name in layers}


def _zones(zones: gpd.GeoDataFrame) -> tuple[str, list[Entry]]:
    """Graduated by demand: per km2 where zones have outlines, else in all."""
    outlines = zones.demand_per_km2.notna().any()
    attribute = "demand_per_km2" if outlines else "demand_per_yr"
    classes = make_classes(zones[attribute].to_numpy(float))
    rim = {"outline_color": WHITE, "outline_width": "0.1", "outline_style": "solid"}
    count = len(classes.limits) - 1
    chosen = np.linspace(0, len(SHADES["demand"]) - 1, count).round().astype(int)
    return attribute, [
        Entry(
            label,
            Symbol(
                "fill",
                {"color": rgba(SHADES["demand"][place]), "style": "solid", **rim},
            )
            if outlines
            else _marker("circle", rgba(SHADES["demand"][place]), 4.0),
            limits,
        )
        for label, place, limits in zip(
            classes.labels(), chosen, _ranges(classes), strict=True
        )
    ]


def _site_entries(plan: Plan) -> list[Entry]:
    """A colour for each technology family, sized by modules; closed sites small."""
    colours = family_colours(plan.instance.technologies)
    return [
        Entry(NOT_OPEN, _marker("circle", WHITE, 1.3, rgba(QUIET)), NOT_OPEN),
        Entry(EXCLUDED, _marker("cross2", rgba(INK), 1.8), EXCLUDED),
        Entry(NO_MODULES, _marker("circle", WHITE, 2.4), NO_MODULES),
        *(
            Entry(family, _marker("circle", rgba(colour), 3.4, sized=SITE_SIZE), family)
            for family, colour in colours.items()
            if family not in (NOT_OPEN, EXCLUDED, NO_MODULES)
        ),
    ]


def _infrastructure_entries(plan: Plan) -> list[Entry]:
    table = plan.instance.infrastructure
    return [
        # QGIS has one triangle: the one that stands on its tip is turned
        Entry(
            table.name[key] or key,
            _marker(mark, WHITE, 2.6, angle=180 if drawn == "v" else 0),
            key,
        )
        for key, (drawn, mark) in infrastructure_marks(table).items()
    ]


def _flows(flows: gpd.GeoDataFrame) -> tuple[str, list[Entry]]:
    """Width by tonnes; by units where nothing has weight."""
    heavy = (flows.t_per_yr > 0).any()
    attribute = "t_per_yr" if heavy else "quantity_per_yr"
    top = float(flows[attribute].max()) if len(flows) else 0.0
    classes = Classes(tuple(share * top for share in FLOW_SHARES))
    return attribute, [
        Entry(
            label,
            Symbol(
                "line",
                {
                    "line_color": rgba(FLOW, 150),
                    "line_width": str(width),
                    "line_width_unit": "MM",
                    "line_style": "solid",
                    "capstyle": "round",
                    "joinstyle": "round",
                },
            ),
            limits,
        )
        for label, width, limits in zip(
            classes.labels(), FLOW_WIDTHS, _ranges(classes), strict=True
        )
    ]


def _ranges(classes: Classes) -> list[tuple[float, float]]:
    """Lower and upper limit of each class."""
    return list(itertools.pairwise(classes.limits))


def _marker(
    shape: str,
    colour: str,
    size: float,
    rim: str = rgba(INK),
    sized: str = "",
    angle: int = 0,
) -> Symbol:
    return Symbol(
        "marker",
        {
            "name": shape,
            "angle": str(angle),
            "color": colour,
            "size": str(size),
            "size_unit": "MM",
            "outline_color": rim,
            "outline_style": "solid",
            "outline_width": "0.25",
            "outline_width_unit": "MM",
            "scale_method": "diameter",
        },
        sized,
    )
