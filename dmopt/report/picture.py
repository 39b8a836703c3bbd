"""The map that needs no program: an SVG as a data address, for print, screen readers
and desktops without WebGL."""

import base64
import io
import re

from matplotlib import rc_context

from dmopt.maps.shades import Shade
from dmopt.maps.static import plot
from dmopt.plan.plan import Plan
from dmopt.solving.result import Result

LONG = re.compile(r"(scale\([^)]*\))|(\d+\.\d)\d+")
"""A number with more than one decimal, of which a twentieth of a point is not seen;
but not a scale, which multiplies."""
LARGEST = 1_100_000
"""Most bytes of an SVG; a larger map is drawn as a PNG."""
SALT = "dmopt"


def picture(plan: Plan, result: Result, shade: Shade = "demand") -> str:
    """The static map of all periods, as a `data:` address."""
    with rc_context({"svg.hashsalt": SALT, "svg.fonttype": "path"}):
        figure = plot(plan, result=result, shade=shade)
        written = io.BytesIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
        drawn = LONG.sub(r"\1\2", written.getvalue().decode()).encode()
        if len(drawn) <= LARGEST:
            return _address("image/svg+xml", drawn)
        written = io.BytesIO()
        figure.savefig(written, format="png", dpi=160)
    return _address("image/png", written.getvalue())


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
