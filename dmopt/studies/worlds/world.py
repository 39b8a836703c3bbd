"""Worlds: futures that may come, each with its probability.

declared   the tables `worlds` and `world_changes`
drawn      from the ranges of uncertain figures (studies/screen/ranges.py): each
           range is cut into as many parts of like probability as there are worlds,
           and each part gives one value (Latin hypercube, McKay, Beckman and
           Conover 1979); all worlds are alike probable
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dmopt.data.instance import Instance
from dmopt.data.raw import one_fault
from dmopt.studies.knobs import every_knob, key_of
from dmopt.studies.screen.ranges import Range, ranges
from dmopt.studies.whatif import Wish


@dataclass(frozen=True)
class World:
    """key, name: of the world. probability: all add up to 1. values: figure (key of a
    knob, studies/knobs.py) -> value in it."""

    key: str
    name: str
    probability: float
    values: dict[str, float] = field(default_factory=dict)

    @property
    def wish(self) -> Wish:
        """The world as a wish about the instance."""
        return Wish(knobs=self.values)


def declared(instance: Instance) -> list[World]:
    """The worlds of the instance's tables. Raises InstanceError where it has none."""
    if not len(instance.worlds):
        raise one_fault("worlds", "a row for each world; or worlds drawn from ranges")
    values: dict[str, dict[str, float]] = {key: {} for key in instance.worlds.index}
    changes = instance.world_changes[["world", "value", "figure", "of", "site"]]
    for world, value, *figure in changes.itertuples(index=False, name=None):
        values[world][key_of(*figure)] = float(value)
    table = instance.worlds
    return [
        World(str(key), str(name) or str(key), float(probability), values[key])
        for key, name, probability in zip(
            table.index, table.name, table.probability, strict=True
        )
    ]


def drawn(instance: Instance, count: int, seed: int) -> list[World]:
    """As many worlds, drawn from the ranges of uncertain figures.

    Raises ValueError for less than 1, InstanceError where no figure has a range.
    """
    if count < 1:
        raise ValueError(f"count = {count}, expected 1 or more")
    given = ranges(instance).given
    if not given:
        raise one_fault("uncertain", "a range of some figure")
    from scipy.stats.qmc import LatinHypercube

    share = LatinHypercube(len(given), rng=np.random.default_rng(seed)).random(count)
    values = np.column_stack(
        [quantile(each, share[:, n]) for n, each in enumerate(given)]
    )
    keys, width = [each.figure for each in given], len(str(count))
    rows = [dict(zip(keys, row, strict=True)) for row in values.tolist()]
    return [
        World(f"w{n:0{width}}", f"world {n}", 1 / count, row)
        for n, row in enumerate(rows, 1)
    ]


def quantile(given: Range, share: np.ndarray) -> np.ndarray:
    """The values of a range that a share (n,) of all lie below."""
    low, likely, high = given.low, given.likely, given.high
    if given.distribution == "uniform":
        return low + share * (high - low)
    rises = (likely - low) / (high - low)
    below = low + np.sqrt(share * (high - low) * (likely - low))
    above = high - np.sqrt((1 - share) * (high - low) * (high - likely))
    return np.asarray(np.where(share < rises, below, above))


def mean_world(worlds: Sequence[World], instance: Instance) -> World:
    """The world in which each figure has its mean over all worlds.

    A price of emissions that a world leaves as it is counts with that of the first
    period.
    """
    now = {knob.key: knob.now for knob in every_knob(instance)}
    keys = dict.fromkeys(key for world in worlds for key in world.values)
    values = {
        key: sum(w.probability * w.values.get(key, now[key]) for w in worlds)
        for key in keys
    }
    return World("mean", "the mean of all worlds", 1.0, values)
