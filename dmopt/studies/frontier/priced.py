"""An objective with a price: one solve that says something of all its figures.

The rule of the objective asks its ideal f*, soft at a price of p. With b a bound on

    c(x) + p E(x),    E(x) = sum_i w_i e_i(x)

e_i what a plan lacks of the ideal in row i, weighted as money is: where the right side
of row i moves by g_i with one unit of the figure, a plan that keeps f lacks at most
g_i |f* - f| in it, so that

    E(x) <= G |f* - f|,    G = max_i w_i  sum_i g_i
    c(x) >= b - p G |f* - f|                            for all plans that keep f

a line below the costs of all figures (Geoffrion 1974). Costs with a price solve much
better than a cap over everything, and where plans lie near the hull of what can be had
little is lost. The price for a figure is the slope there of the hull of plans that are
known (the sandwich of Rote 1992): the plan found lies near it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dmopt.plan.tolerance import RELATIVE
from dmopt.solving.problem import Problem
from dmopt.studies.frontier.objective import Objective
from dmopt.studies.session import Session
from dmopt.studies.whatif import RuleWish, Wish

SAME = 1e-4
"""Of the most that any plan lacks: plans so near are at one point, and an edge between
them says nothing."""
STRAIGHT = 1e-6
"""Relative: how straight a line is by which right sides move."""
STEP = 1.6
"""How many times as much, or as little, the next price is at most."""


@dataclass(frozen=True)
class Tangent:
    """slope: money per unit of the figure, p G. bound: b."""

    objective: Objective
    slope: float
    bound: float

    def at(self, figure: float) -> float:
        """What no plan costs less than that keeps the figure, as the checker tells
        it."""
        margin = RELATIVE * max(abs(figure), 1.0)
        return self.bound - self.slope * (abs(self.objective.ideal - figure) + margin)


@dataclass(frozen=True)
class Hull:
    """Plans by what they lack of the ideal (n,), in units of the figure, and their
    costs (n,)."""

    lacks: np.ndarray
    cost: np.ndarray

    def least(self, slope: float) -> int:
        """The plan that is cheapest where what it lacks has a price."""
        return int(np.argmin(self.cost + slope * self.lacks))

    def at(self, lack: float) -> tuple[float, float]:
        """(cost, slope) where the lower hull of the other plans has this lack: the
        pair with least cost between; at an end, along its steepest edge. The slope is
        what one unit less to lack costs, 0 where there is nothing to compare with."""
        finite = self.lacks[np.isfinite(self.lacks)]
        same = np.abs(self.lacks - lack) <= SAME * finite.max(initial=lack)
        best = float(self.cost[same].min(initial=np.inf))
        less = ~same & (self.lacks < lack)
        more = ~same & (self.lacks > lack) & np.isfinite(self.lacks)
        if not more.any() or not (less.any() or np.isfinite(best)):
            return best, 0.0
        rise = self.cost[less][:, None] - self.cost[more]
        slope = rise / (self.lacks[more] - self.lacks[less][:, None])
        between = self.cost[more] + slope * (self.lacks[more] - lack)
        if not less.any():
            slope = (best - self.cost[more]) / (self.lacks[more] - lack)
            return best, max(0.0, float(slope.max()))
        least = np.unravel_index(np.argmin(between), between.shape)
        return min(best, float(between[least])), max(0.0, float(slope[least]))


def promising(said: Sequence[tuple[float, float]], guess: float) -> float:
    """The slope that promises the best bound of a figure.

    said: (slope, what a line of that slope says there). What they say is concave in the
    slope: the best is near the top of the parabola through the best so far and its
    neighbours, not much more and not much less. guess: where these tell nothing yet.
    """
    if not said:
        return guess
    most: dict[float, float] = {}
    for each, known in said:
        most[each] = max(known, most.get(each, -np.inf))
    slope, bound = np.array(sorted(most.items())).T
    best = int(np.argmax(bound))
    if best in (0, len(slope) - 1):
        return guess
    left, right = np.diff(bound[best - 1 : best + 2]) / np.diff(
        slope[best - 1 : best + 2]
    )
    if not left > right:
        return guess
    middles = (slope[best - 1 : best + 1] + slope[best : best + 2]) / 2
    top = middles[0] + np.ptp(middles) * left / (left - right)
    return float(np.clip(top, slope[best] / STEP, slope[best] * STEP))


def moved(
    session: Session, objective: Objective, figures: tuple[float, float, float]
) -> np.ndarray | None:
    """g of the rows that move with the figure, read off their right sides at three
    figures, none of them the ideal, where there may be no rows. None where it cannot
    be: where the figure moves anything else too, or nothing, or not by a straight
    line."""
    if len(set(figures)) < len(figures):
        return None
    one, *others = (_soft(session, objective, figure) for figure in figures)
    if not all(_is_alike_but_for_right_sides(one, other) for other in others):
        return None
    sides = [_right_sides(each, objective.id) for each in (one, *others)]
    if len({len(each) for each in sides}) > 1:
        return None
    first, second, third = figures
    g = (sides[0] - sides[1]) / (first - second)
    again = (sides[1] - sides[2]) / (second - third)
    if not g.any() or not np.allclose(g, again, rtol=STRAIGHT, atol=0):
        return None
    return np.abs(g[g != 0])


def _soft(session: Session, objective: Objective, figure: float) -> Problem:
    """The problem in which the rule of the objective asks a figure, soft."""
    rule = f"{objective.id}: {objective.rule} {objective.parameters(figure)}"
    soft = RuleWish(add=[rule], change=[f"{objective.id}.soft_price=1"])
    return session.problem(Wish(rules=soft))


def _right_sides(problem: Problem, id: str) -> np.ndarray:
    """Right sides of the rows (rows,) that a rule asks."""
    decisions, side = problem.decisions, problem.layer.side
    mine = np.array([of == id for _, _, of in decisions.row_keys], bool)
    low, high = decisions.row_low[mine], decisions.row_high[mine]
    asked = np.array([of == id for of in problem.asked_by], bool)
    over_flows = side.most[asked[side.family]] if len(asked) else np.empty(0)
    return np.concatenate([np.where(np.isfinite(low), low, high), over_flows])


def _is_alike_but_for_right_sides(one: Problem, other: Problem) -> bool:
    """Whether costs, coefficients and ranges of columns are the same."""
    a, b, p, q = one.decisions, other.decisions, one.layer.side, other.layer.side
    matrices = [(a.A, b.A), (p.x, q.x), (p.y, q.y), (p.given, q.given)]
    vectors = [(a.cost, b.cost), (a.low, b.low), (a.high, b.high)]
    return all(m.shape == n.shape and (m != n).nnz == 0 for m, n in matrices) and all(
        np.array_equal(u, v) for u, v in vectors
    )
