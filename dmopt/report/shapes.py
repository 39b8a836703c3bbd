"""Marks of infrastructure as polygons in a box of 12 by 12, by the names that
matplotlib has for them (`dmopt.maps.palette.MARKS`)."""

import math


def _round(corners: int, turn: float, inner: float = 1.0) -> str:
    """Points of a polygon or, with an inner radius, of a star."""
    count = corners if inner == 1.0 else 2 * corners
    points = []
    for number in range(count):
        radius = 5.5 * (inner if inner < 1.0 and number % 2 else 1.0)
        angle = math.radians(turn) + 2 * math.pi * number / count
        points.append((6 + radius * math.sin(angle), 6 - radius * math.cos(angle)))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


SHAPES = {
    "s": "1.5,1.5 10.5,1.5 10.5,10.5 1.5,10.5",
    "^": "6,0.8 11.2,10.5 0.8,10.5",
    "D": "6,0.4 11.6,6 6,11.6 0.4,6",
    "p": _round(5, 0),
    "h": _round(6, 0),
    "v": "6,11.2 0.8,1.5 11.2,1.5",
    "*": _round(5, 0, 0.45),
    "P": "4,0.8 8,0.8 8,4 11.2,4 11.2,8 8,8 8,11.2 4,11.2 4,8 0.8,8 0.8,4 4,4",
    "8": _round(8, 22.5),
    "X": "0.8,3 3,0.8 6,3.8 9,0.8 11.2,3 8.2,6 11.2,9 9,11.2 6,8.2 3,11.2 0.8,9 3.8,6",
}
