"""What columns of the decision layer come to in options of sites."""

import numpy as np

from dmopt.proof.located import Located
from dmopt.proof.options import Options


def counts_serving(columns: np.ndarray, located: Located, site: np.ndarray) -> bool:
    """Whether the total of these whole columns is 1 at a site that can send anything
    and 0 at one that cannot, in every option."""
    options = located.found
    mine = np.isin(options.column, columns)
    value = np.bincount(options.option[mine], options.at[mine], len(options.of))
    at_site = np.isin(options.of, site)
    serves = (options.capacity > 0).astype(float)
    return bool(
        located.decisions.whole[columns].all()
        and (value[at_site] == serves[at_site]).all()
        and (value[~at_site] == 0).all()
    )


def line_of(
    options: Options, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """What each option's columns come to with these weights (E,), as a line  at + per q
    (C,); None where it is none."""
    o, count = options.option, len(options.of)
    shares = options.share > 0
    if (weight[~options.tied & ~shares] != 0).any():
        return None
    at = np.bincount(o, weight * options.at, count)
    per = np.bincount(o, weight * options.per, count)
    least, greatest = np.full(count, np.inf), np.full(count, -np.inf)
    ratio = weight[shares] / options.share[shares]
    np.minimum.at(least, o[shares], ratio)
    np.maximum.at(greatest, o[shares], ratio)
    some = np.isfinite(least)
    if (greatest - least)[some].max(initial=0.0) > 1e-12 * np.abs(weight).max():
        return None
    unit = np.where(some, least, 0.0)
    return at - unit * options.base, per + unit


def values_of(
    options: Options, cost: np.ndarray, chosen: np.ndarray, sent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Columns and their values where some options are chosen that send so much."""
    place = np.full(len(options.of), -1)
    place[chosen] = np.arange(len(chosen))
    entry = np.flatnonzero(place[options.option] >= 0)
    q = sent[place[options.option[entry]]]
    line = options.at[entry] + options.per[entry] * q
    column = options.column[entry]
    end = np.where(cost[column] >= 0, options.low[entry], options.high[entry])
    # Columns that share what is sent do so by what each of them can.
    share, option = options.share[entry], options.option[entry]
    low, room = options.low[entry], options.high[entry] - options.low[entry]
    count = len(options.of)
    some = np.where(share > 0, share, 0.0)
    with np.errstate(invalid="ignore"):
        all_room = np.bincount(option, np.where(share > 0, some * room, 0.0), count)
    least = options.base + np.bincount(option, some * low, count)
    part = (q - least[option]) / np.where(all_room > 0, all_room, 1.0)[option]
    shared = low + np.clip(part, 0.0, 1.0) * np.where(share > 0, room, 0.0)
    value = np.where(options.tied[entry], line, np.where(share > 0, shared, end))
    return column, value
