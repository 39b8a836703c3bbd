"""Trajectories and elementary effects (Morris 1991), by SALib.

    points       x in {0, 1/(p-1), .., 1}^k      k figures, each scaled to its range
    trajectory   k + 1 points; each differs from the one before in one figure, by
                 d = p / (2 (p - 1)) of its range
    effect       (y(x + d e_i) - y(x)) / d       of figure i, for the whole range
    mu           mean of the effects of a figure over trajectories
    mu*          mean of their sizes (Campolongo, Cariboni and Saltelli 2007)
    sigma        their standard deviation: not 0 where the effect depends on where the
                 figure stands or on other figures

The range alone counts here, not how likely the values in it are.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dmopt.data.raw import one_fault


@dataclass(frozen=True)
class Effects:
    """(k,) each, in units of y for the whole range; NaN where there are too few
    trajectories (one for mu, two for sigma)."""

    mu: np.ndarray
    mu_star: np.ndarray
    sigma: np.ndarray


def trajectories(figures: int, count: int, levels: int, seed: int) -> np.ndarray:
    """Points (count, figures + 1, figures), each coordinate 0..1.

    levels: an even number. Raises InstanceError where SALib is not installed.
    """
    _needed()
    from SALib.sample.morris import sample

    points = sample(_problem(figures), count, num_levels=levels, seed=seed)
    return np.asarray(points).reshape(count, figures + 1, figures)


def elementary_effects(points: np.ndarray, y: np.ndarray, levels: int) -> Effects:
    """Effects on y (n, k + 1) at the points (n, k + 1, k) of n whole trajectories;
    those with a value that is NaN are left out."""
    whole = ~np.isnan(y).any(axis=1)
    n, k = int(whole.sum()), points.shape[2]
    if not n:
        none = np.full(k, np.nan)
        return Effects(none, none, none)
    from SALib.analyze.morris import analyze

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of one trajectory no sigma
        found = analyze(
            _problem(k),
            points[whole].reshape(-1, k),
            y[whole].ravel(),
            num_levels=levels,
            seed=0,
        )
    mu, mu_star, sigma = (
        np.asarray(found[name], float) for name in ("mu", "mu_star", "sigma")
    )
    return Effects(mu, mu_star, sigma)


def _problem(figures: int) -> dict[str, Any]:
    names: Sequence[str] = [f"x{i}" for i in range(figures)]
    return {"num_vars": figures, "names": names, "bounds": [[0.0, 1.0]] * figures}


def _needed() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise one_fault(
            "screening", "the package SALib: pip install 'dmopt[study]'"
        ) from None
