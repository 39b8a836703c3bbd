"""Gap over time: one panel for each problem, one colour for each tool.

Colours of Okabe and Ito (2008), safe for colour-blind readers, each tool with a mark
of its own and its name beside the end of its lines. A line is one seed; it starts when
a plan and a bound are there. A mark alone is a tool that tells only its end. The dotted
line is the asked gap; what is proven to less is drawn at the foot.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from peers.outcome import Outcome
from peers.peer import PEERS, relative_gap
from peers.table import by_problem

COLOURS = dict(
    zip(
        PEERS,
        (
            "#000000",
            "#0072B2",
            "#56B4E9",
            "#D55E00",
            "#009E73",
            "#CC79A7",
            "#E69F00",
            "#7F7F7F",
        ),
        strict=True,
    )
)
MARKS = dict(zip(PEERS, "oDdsP^vX", strict=True))
LEAST_GAP, MOST_GAP = 1e-5, 1.0
LABEL_APART = 0.055
"""Least distance of two labels, share of the panel's height."""


def gap_chart(outcomes: Sequence[Outcome], asked_gap: float, path: Path) -> None:
    """Write the chart as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    groups = by_problem(outcomes)
    fig, axes = plt.subplots(
        len(groups), 1, figsize=(8, 3.6 * len(groups)), squeeze=False
    )
    for ax, (problem, each) in zip(axes[:, 0], groups.items(), strict=True):
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(LEAST_GAP, MOST_GAP * 1.3)
        ax.axhline(asked_gap, color="#555555", linewidth=1, linestyle=":")
        ax.annotate(
            "asked",
            xy=(0.005, asked_gap),
            xycoords=("axes fraction", "data"),
            color="#555555",
            fontsize=8,
            va="bottom",
        )
        ax.set_title(f"{problem}: proven gap over wall time", loc="left", fontsize=11)
        ax.set_xlabel("seconds, building the model included")
        ax.yaxis.set_major_formatter(lambda gap, _: f"{100 * gap:g} %")
        ax.xaxis.set_major_formatter(lambda at, _: f"{at:g}")
        ax.xaxis.set_minor_formatter(lambda at, _: f"{at:g}" if _leads(at) else "")
        ax.spines[["top", "right"]].set_visible(False)
        _lines(ax, each)
        if without := no_gap(each):
            ax.text(
                0.005,
                0.03,
                f"no run with both a plan and a bound: {', '.join(without)}",
                transform=ax.transAxes,
                color="#555555",
                fontsize=8,
            )
    fig.tight_layout()
    fig.savefig(path, dpi=150)
    plt.close(fig)


def no_gap(outcomes: Sequence[Outcome]) -> list[str]:
    """Tools that ran and have no line in the panel, so that they are named in it."""
    ran = dict.fromkeys(one.peer for one in outcomes if one.ran)
    shown = {one.peer for one in outcomes if len(points(one)[0])}
    return [peer for peer in ran if peer not in shown]


def _leads(at: float) -> bool:
    """Whether a time begins with 2 or 5: enough ticks for a short axis."""
    return f"{at:e}"[0] in "25"


def _lines(ax: Any, outcomes: Sequence[Outcome]) -> None:
    ends: dict[str, tuple[float, float]] = {}
    for one in outcomes:
        at, gap = points(one)
        if not len(at):
            continue
        look = {"color": COLOURS[one.peer], "linewidth": 1.6}
        ax.step(at, gap, where="post", alpha=0.85, **look)
        ax.plot(at[-1], gap[-1], MARKS[one.peer], color=look["color"], markersize=6)
        far = ends.get(one.peer)
        if far is None or at[-1] > far[0]:
            ends[one.peer] = (float(at[-1]), float(gap[-1]))
    if not ends:
        return
    first, last = ax.get_xlim()
    ax.set_xlim(first, last * (last / first) ** 0.25)  # room for names
    low, high = math.log(LEAST_GAP), math.log(MOST_GAP * 1.3)
    wanted = {
        peer: (math.log(end[1]) - low) / (high - low) for peer, end in ends.items()
    }
    for peer, height in spread(wanted).items():
        ax.annotate(
            peer,
            xy=ends[peer],
            xytext=(0.9, height),
            textcoords=ax.transAxes,
            color=COLOURS[peer],
            fontsize=9,
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            arrowprops={"arrowstyle": "-", "color": COLOURS[peer], "lw": 0.5},
        )


def spread(wanted: Mapping[str, float]) -> dict[str, float]:
    """Heights of labels (0 the foot, 1 the head) in the order wanted, none nearer to
    the next than `LABEL_APART`, none above the head."""
    order = sorted(wanted, key=lambda peer: wanted[peer])
    heights = [wanted[peer] for peer in order]
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + LABEL_APART)
    most = 1.0
    for k in reversed(range(len(heights))):
        heights[k] = min(heights[k], most)
        most = heights[k] - LABEL_APART
    return dict(zip(order, heights, strict=True))


def points(one: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and gaps of a run, (k,) each, within what the chart shows."""
    told = [*one.curve]
    if one.seconds is not None and one.gap is not None:
        told.append((one.seconds, one.cost, one.bound))
    both = [(at, relative_gap(cost, bound)) for at, cost, bound in told]
    known = np.array([(at, gap) for at, gap in both if gap is not None], float)
    if not len(known):
        return np.empty(0), np.empty(0)
    return known[:, 0], np.clip(known[:, 1], LEAST_GAP * 1.1, MOST_GAP)
