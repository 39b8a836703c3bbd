"""A bundle of tangents of a concave function: where to try next.

Each point tried gave a tangent  c[i] + g[i] u  that lies above the function. From the
best point v (the centre) the next one is where

    least over i of (c[i] + g[i] u)  -  |u - v|^2 / (2 t)

is greatest, |.| with each entry divided by its scale. The best mixture theta of the
tangents tells it: u = v + t scale * (sum of theta[i] g[i]). Where a try gains a good
part of what the tangents promise it is the next centre; where the tangents promise
nothing more, the centre is best, and theta is the mixture of solutions that proves it:
those of the relaxation, as nearly whole as it has them.

No entry of u is above `most`: where the mixture pushes one further it stays there. So
what theta makes least is quadratic in pieces, and convex; it is found piece by piece.

Source: proximal bundle method, Kiwiel (1990); Lemarechal (2001).
"""

from dataclasses import dataclass, field

import numpy as np

MOST = 60
"""Tangents that are kept: those of the mixture, then the others."""
ENOUGH, GOOD = 0.1, 0.5
"""Parts of what is promised that make a try the next centre, and moves longer."""
LONGER, SHORTER = 4.0, 5.0
"""At most by so much moves grow, or shrink, at once."""
RUN, TWICE = 1, 2.0
"""After more centres in a row than this, none of them good, moves grow by so much."""
NULLS = 3
"""After so many tries in a row that gained nothing moves shrink, where the tangent of
the last is so far above the centre that it tells little of what lies near it."""
ZERO = 1e-12
TURNS, HALVINGS, SETTLED = 20, 8, 1e-6
"""Most turns of the mixture and of limits; how often a mixture that is no better is
halved back; share by which it must be better for another turn."""


@dataclass
class Bundle:
    """scale (D,): of each multiplier, above 0; most (D,): what it may be at most, inf
    where nothing limits it. first: share of the value at first that the first move is
    to gain by its tangent. centre (D,): the best point, value its value; promised: what
    the next try gains at most, by the tangents. theta (T,): the mixture, number (T,):
    which try each tangent is of, counted from 0.

    _length: t, how far moves go. _run: since it changed, centres in a row, or, below 0,
    tries in a row that gained nothing.
    """

    scale: np.ndarray
    most: np.ndarray
    first: float
    centre: np.ndarray = field(init=False)
    value: float = -np.inf
    promised: float = np.inf
    theta: np.ndarray = field(default_factory=lambda: np.empty(0))
    number: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    tries: int = 0
    _length: float = 0.0
    _run: int = 0
    _right: np.ndarray = field(default_factory=lambda: np.empty(0))
    _slope: np.ndarray = field(init=False)
    _product: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        self._root = np.sqrt(self.scale)
        self._slope = np.empty((0, len(self.scale)))

    def next(self, at: np.ndarray, value: float, slope: np.ndarray) -> np.ndarray:
        """Take in the value and a slope (D,) at a point (D,); the point to try next."""
        own = slope * self._root
        self._add(value - slope @ at, own)
        if self.tries == 1:
            self.centre, self.value = at, value
            free = np.where((own > 0) & (at >= self.most), 0.0, own)
            size = float(free @ free)
            length = self.first * abs(value) / size if size > 0 else 0.0
            self._length = max(length, ZERO)
        else:
            self._judge(at, value)
        self._forget()
        above = np.maximum(self._right + self._slope @ self._point - self.value, 0.0)
        self._mix(above)
        mixed, move = self._move(self.theta)
        self.promised = float(self.theta @ above + mixed @ move)
        return np.minimum(self.centre + self._root * move, self.most)

    def _mix(self, above: np.ndarray) -> None:
        """Find theta for tangents `above` (T,) the centre: with those entries at their
        limit that the mixture before pushes there, until they are the same."""
        value = self._height(self.theta, above)
        for _ in range(TURNS):
            too_far = self._length * (self.theta @ self._slope) > self._room
            limited = self._slope[:, too_far] @ self._room[too_far]
            Q = self._length * self._product_of(~too_far)
            theta = least_mixture(Q, above + limited, self.theta)
            for _ in range(HALVINGS):
                new = self._height(theta, above)
                if new < value:
                    break
                theta = (theta + self.theta) / 2
            else:
                return
            gained, value, self.theta = value - new, new, theta
            if gained <= SETTLED * value:
                return

    def _height(self, theta: np.ndarray, above: np.ndarray) -> float:
        """The greatest value of a mixture of tangents within limits, less the distance,
        above the centre's: what theta makes least."""
        mixed, move = self._move(theta)
        return float(theta @ above + move @ (mixed - move / (2 * self._length)))

    def _product_of(self, free: np.ndarray) -> np.ndarray:
        """Products of slopes over these entries (D,) bool. Taking the others from that
        over all would leave noise where nearly all are at their limit."""
        if free.all():
            return self._product
        slope = self._slope[:, free]
        return np.asarray(slope @ slope.T)

    def _move(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The slope of a mixture and the move along it as far as limits allow, (D,)
        each, in units of the scale."""
        mixed = theta @ self._slope
        return mixed, np.minimum(self._length * mixed, self._room)

    @property
    def _room(self) -> np.ndarray:
        """How far each entry of the centre may rise, in units of the scale."""
        return np.asarray((self.most - self.centre) / self._root)

    @property
    def _point(self) -> np.ndarray:
        """The centre, in units of the scale."""
        return np.asarray(self.centre / self._root)

    def _add(self, right: float, own: np.ndarray) -> None:
        with_others = self._slope @ own
        count = len(with_others)
        product = np.empty((count + 1, count + 1))
        product[:count, :count] = self._product
        product[count, :count] = product[:count, count] = with_others
        product[count, count] = own @ own
        self._product = product
        self._slope = np.vstack([self._slope, own])
        self._right = np.append(self._right, right)
        self.theta = np.append(self.theta, 0.0 if count else 1.0)
        self.number = np.append(self.number, self.tries)
        self.tries += 1

    def _judge(self, at: np.ndarray, value: float) -> None:
        """Whether the try is the next centre, and how long moves are from now on: as
        long as would have been best on the line to it, if it were a parabola."""
        gain = value - self.value
        missed = max(self.promised - gain, ZERO * max(abs(self.value), 1.0))
        best, before = self._length * self.promised / (2 * missed), self._length
        if gain >= ENOUGH * self.promised:
            self._run = max(self._run, 0) + 1
            if gain >= GOOD * self.promised:
                self._length = min(max(best, self._length), LONGER * self._length)
            elif self._run > RUN:
                self._length *= TWICE
            self.centre, self.value = at, value
        else:
            self._run = min(self._run, 0) - 1
            above = self._right[-1] + self._slope[-1] @ self._point - self.value
            if self._run <= -NULLS and above > self.promised:
                self._length = max(min(best, self._length), self._length / SHORTER)
        if self._length != before:
            self._run = 0

    def _forget(self) -> None:
        """All but the newest tangent and those that the mixture has most of."""
        if len(self.theta) <= MOST:
            return
        kept = np.argsort(-self.theta[:-1], kind="stable")[: MOST - 1]
        kept = np.append(np.sort(kept), len(self.theta) - 1)
        self._slope, self._right = self._slope[kept], self._right[kept]
        self.theta = self.theta[kept] / self.theta[kept].sum()
        self.number = self.number[kept]
        self._product = self._product[np.ix_(kept, kept)]


def least_mixture(Q: np.ndarray, a: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The mixture theta (T,), all at least 0 and 1 in sum, of the least
    theta Q theta / 2 + a theta; Q (T, T) symmetric and never below 0.

    start (T,): where to begin: its support is that of a mixture, or empty. Supports
    one after the other (active sets): on each the least of the equations.
    """
    count = len(a)
    inside = start > ZERO
    if not inside.any():
        inside[np.argmin(a)] = True
    theta = np.where(inside, np.maximum(start, ZERO), 0.0)
    theta /= theta.sum()
    ridge = ZERO * max(float(np.trace(Q)) / count, ZERO)
    for _ in range(10 * count + 20):
        on = np.flatnonzero(inside)
        size = len(on)
        system = np.ones((size + 1, size + 1))
        system[:size, :size] = Q[np.ix_(on, on)] + ridge * np.eye(size)
        system[size, size] = 0.0
        solved = np.linalg.solve(system, np.append(-a[on], 1.0))
        wanted = solved[:size]
        if (wanted >= -ZERO).all():
            theta = np.zeros(count)
            theta[on] = np.maximum(wanted, 0.0)
            theta /= theta.sum()
            above = Q @ theta + a + solved[size]
            above[on] = 0.0
            newest = int(np.argmin(above))
            if above[newest] >= -1e-9 * (abs(solved[size]) + ZERO):
                return theta
            inside[newest] = True
            continue
        falls = wanted < theta[on]
        part = np.where(falls, theta[on] / np.where(falls, theta[on] - wanted, 1.0), 2)
        part = np.where(wanted < 0, part, 2.0)
        first = int(np.argmin(part))
        theta[on] = np.maximum(theta[on] + part[first] * (wanted - theta[on]), 0.0)
        theta[on[first]] = 0.0
        inside[on[first]] = False
    return theta
