"""A screening as tables: of figures, of points, of steps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dmopt.studies.screen.effects import Effects, elementary_effects
from dmopt.studies.screen.ranges import Range
from dmopt.studies.screen.step import Point, Step, flips

PARTS = {
    "had_to_change": "had to change",
    "left_open": "left open",
    "could_stay": "could stay",
}
"""What `sites_changed` consists of: column -> verdict of the steps counted."""
RANK = ["had_to_change", "left_open", "sites_changed", "cost_mu_star"]


def screen_table(
    given: Sequence[Range],
    points: Sequence[Sequence[Point]],
    steps: Sequence[Step],
    levels: int,
) -> pd.DataFrame:
    """One row per figure, by what is shown of its change in sites, then what is left
    open, then its effect on cost.

    figure, label, unit, low, likely, high, range_from: its range.
    steps: of it, with a plan at both ends; steps_without_plan: the others.
    sites_changed: mean share of sites that differ, 0..1, in the plans found. It is the
    sum of had_to_change (of steps that show it had to), left_open and could_stay.
    steps_had_to, steps_open, steps_could_stay: how many steps those are.
    regret_least, regret_most: means over its steps of what keeping the old sites costs
    more, money: at least, at most. steps_no_limit: steps in which nothing limits it, as
    no plan at the old sites is known; they are not in these means.
    cost_mu, cost_mu_star, cost_sigma: elementary effects on the cost of plans found,
    money for the whole range; cost_effect_least, _most: mean size of the effect on
    least cost, whatever the gaps leave open. emissions_mu_star, emissions_sigma: t.
    flips: sites that come or go in its steps, and how often, most often first.
    """
    effects = {
        name: _effects(points, name, len(given), levels)
        for name in ("cost", "emissions_t")
    }
    rows = [
        _row(each, [s for s in steps if s.figure == each.figure])
        | {
            "cost_mu": effects["cost"].mu[i],
            "cost_mu_star": effects["cost"].mu_star[i],
            "cost_sigma": effects["cost"].sigma[i],
            "emissions_mu_star": effects["emissions_t"].mu_star[i],
            "emissions_sigma": effects["emissions_t"].sigma[i],
        }
        for i, each in enumerate(given)
    ]
    frame = pd.DataFrame(rows)
    order = frame[RANK].fillna(0.0).sort_values(RANK, ascending=False, kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def _effects(
    points: Sequence[Sequence[Point]], output: str, k: int, levels: int
) -> Effects:
    whole = [walk for walk in points if len(walk) == k + 1]
    places = np.array([[point.place for point in walk] for walk in whole])
    values = np.array([[getattr(point, output) for point in walk] for walk in whole])
    shape = (len(whole), k + 1)
    return elementary_effects(
        places.reshape(*shape, k), values.reshape(shape).astype(float), levels
    )


def _row(given: Range, steps: Sequence[Step]) -> dict[str, Any]:
    told = [step for step in steps if step.verdict is not None]
    changed = np.array([step.changed for step in told])
    verdicts = np.array([str(step.verdict) for step in told])
    parts = {
        column: _mean(np.where(verdicts == verdict, changed, 0.0))
        for column, verdict in PARTS.items()
    }
    regrets = np.array([step.regret for step in told]).reshape(-1, 2)
    limited = regrets[np.isfinite(regrets).all(axis=1)]
    costs = np.array([step.cost_effect() for step in told]).reshape(-1, 2)
    return {
        "figure": given.figure,
        "label": given.label,
        "unit": given.unit,
        "low": given.low,
        "likely": given.likely,
        "high": given.high,
        "range_from": given.origin,
        "steps": len(told),
        "steps_without_plan": len(steps) - len(told),
        "sites_changed": _mean(changed),
        **parts,
        "steps_had_to": int((verdicts == "had to change").sum()),
        "steps_open": int((verdicts == "left open").sum()),
        "steps_could_stay": int((verdicts == "could stay").sum()),
        "regret_least": _mean(limited[:, 0]),
        "regret_most": _mean(limited[:, 1]),
        "steps_no_limit": len(regrets) - len(limited),
        "cost_effect_least": _mean(costs[:, 0]),
        "cost_effect_most": _mean(costs[:, 1]),
        "flips": "; ".join(f"{site} ({times})" for site, times in flips(told)),
    }


def _mean(values: np.ndarray) -> float:
    """NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")


def points_table(
    points: Sequence[Sequence[Point]], likely: Point | None
) -> pd.DataFrame:
    """One row per point: trajectory (0: at the likely values), point, status, cost,
    bound, emissions_t, sites, and a column with the value of each figure."""
    first = [] if likely is None else [(0, 0, likely)]
    rest = [
        (number, n, point)
        for number, walk in enumerate(points, start=1)
        for n, point in enumerate(walk)
    ]
    rows = [
        {
            "trajectory": number,
            "point": n,
            "status": point.status,
            "cost": point.cost,
            "bound": point.bound,
            "emissions_t": point.emissions_t,
            "sites": "; ".join(sorted(point.sites)),
            **point.values,
        }
        for number, n, point in [*first, *rest]
    ]
    return pd.DataFrame(rows)


def steps_table(steps: Sequence[Step]) -> pd.DataFrame:
    """One row per step: trajectory, figure, value_before, value_after, cost, bound (at
    the new figures), kept_cost, kept_bound (at the old sites), regret_least,
    regret_most, sites_changed, verdict, opens, shuts."""
    rows = [
        {
            "trajectory": step.trajectory + 1,
            "figure": step.figure,
            "value_before": step.before.values[step.figure],
            "value_after": step.after.values[step.figure],
            "cost": step.after.cost,
            "bound": step.after.bound,
            "kept_cost": np.nan if step.kept is None else step.kept.cost,
            "kept_bound": np.nan if step.kept is None else step.kept.bound,
            "regret_least": step.regret[0],
            "regret_most": step.regret[1],
            "sites_changed": np.nan if step.verdict is None else step.changed,
            "verdict": step.verdict or "no plan",
            "opens": "; ".join(sorted(step.after.sites - step.before.sites)),
            "shuts": "; ".join(sorted(step.before.sites - step.after.sites)),
        }
        for step in steps
    ]
    return pd.DataFrame(rows)
