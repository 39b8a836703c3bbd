"""A few worlds that stand for many: plans are looked for in them, and then priced in
all.

Worlds are put together whose figures are alike, each figure weighed by how much the
cost of one plan moves with it (least squares over all worlds): k-means, and the mean of
each group's figures stands for it, with the weight of all.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.cluster.vq import kmeans2

from dmopt.data.instance import Instance
from dmopt.data.uncertain import DEMAND
from dmopt.studies.knobs import AT_SITE, PRODUCT, every_knob
from dmopt.studies.worlds.world import World, mean_world

TRIES = 20
"""Beginnings of k-means."""


def representatives(
    worlds: Sequence[World], cost: np.ndarray, count: int, seed: int, instance: Instance
) -> list[World]:
    """At most `count` of them. cost (W,): of one plan in each world, money."""
    probability = np.array([world.probability for world in worlds])
    place = _places(worlds, cost, probability, instance)
    label = _together(place, probability, count, seed)
    groups = [np.flatnonzero(label == n) for n in range(int(label.max()) + 1)]
    made = []
    for number, members in enumerate(groups, 1):
        weight = float(probability[members].sum())
        inside = [
            replace(worlds[n], probability=worlds[n].probability / weight)
            for n in members.tolist()
        ]
        values = mean_world(inside, instance).values
        name = f"representative {number} of {len(groups)}"
        made.append(World(f"r{number}", name, weight, values))
    return made


def ample_world(worlds: Sequence[World], instance: Instance) -> World:
    """The mean of all worlds, but with as much demand as any of them has, and no site
    more there than in any: what is enough for it is enough for most."""
    now = {knob.key: knob.now for knob in every_knob(instance)}
    values = dict(mean_world(worlds, instance).values)
    for key in values:
        each = [world.values.get(key, now[key]) for world in worlds]
        if key == DEMAND or key.startswith(PRODUCT):
            values[key] = max(each)
        elif key.startswith(AT_SITE):
            values[key] = min(each)
    return World("ample", "the mean, with all that any asks for", 1.0, values)


def _together(
    place: np.ndarray, probability: np.ndarray, count: int, seed: int
) -> np.ndarray:
    """The group, 0 .. at most count - 1, of each world (W,); none is empty."""
    apart, label = np.unique(place, axis=0, return_inverse=True)
    if len(apart) <= count:
        return label.reshape(-1)
    least = np.inf
    for attempt in range(TRIES):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a group that is empty
            centre, found = kmeans2(place, count, minit="++", seed=seed + attempt)
        spread = float(probability @ ((place - centre[found]) ** 2).sum(axis=1))
        if spread < least:
            least, label = spread, found
    return np.unique(label, return_inverse=True)[1]


def _places(
    worlds: Sequence[World],
    cost: np.ndarray,
    probability: np.ndarray,
    instance: Instance,
) -> np.ndarray:
    """Figures of each world, in money that one plan's cost moves by, (W, figures)."""
    keys = list(dict.fromkeys(key for world in worlds for key in world.values))
    now = {knob.key: knob.now for knob in every_knob(instance)}
    values = np.array([[w.values.get(k, now[k]) for k in keys] for w in worlds])
    values = values - probability @ values
    scale = np.sqrt(probability @ values**2)
    values = values / np.where(scale > 0, scale, 1.0)
    root = np.sqrt(probability)[:, None]
    columns = np.column_stack([np.ones(len(worlds)), values])
    moved = np.linalg.lstsq(root * columns, root[:, 0] * cost, rcond=None)[0][1:]
    return np.asarray(values * np.abs(moved))
