"""Money and time: annuities, period weights, and what runs when.

    crf(r, n)       r / (1 - (1+r)^-n), and 1/n at r = 0                     1/year
    weight[t]       annualised: years[t] / sum of years
                    discounted: ((1+r)^-(start[t]-start) - (1+r)^-(end[t]-start)) / r
    ready[t',t]     clip((end[t] - order[t'] - setup) / years[t], 0, 1)      share

docs/mathematics.md, "Ordering time" and "Cost".
"""

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance


def crf(rate: float, life_yr: float) -> float:
    """Capital recovery factor: yearly payment for one unit of capital."""
    if rate == 0:
        return 1.0 / life_yr
    return rate / -np.expm1(-life_yr * np.log1p(rate))


def weights(instance: Instance) -> dict[str, float]:
    """Period -> what one unit of money per year in it counts in the objective."""
    periods, rate = instance.periods, instance.settings.discount_rate
    years = periods.years.to_numpy(float)
    if instance.settings.money == "annualised":
        weight = years / years.sum()
    elif rate == 0:
        weight = years
    else:
        since = periods.start_year.to_numpy(float) - float(periods.start_year.iloc[0])
        weight = ((1 + rate) ** -since - (1 + rate) ** -(since + years)) / rate
    return dict(zip(periods.index, weight.tolist(), strict=True))


Shares = dict[tuple[str, str], float]


def ready(instance: Instance, setup_yr: pd.Series) -> dict[str, Shares]:
    """Of each thing, by its years from order to running: (ordered for, period) -> share
    of the period in which it runs."""
    by_setup = {setup: _ready(instance, setup) for setup in set(setup_yr.tolist())}
    return {str(name): by_setup[setup] for name, setup in setup_yr.items()}


def _ready(instance: Instance, setup_yr: float) -> Shares:
    periods, first = instance.periods, instance.periods.index[0]
    start = periods.start_year.astype(float).to_dict()
    years = periods.years.to_dict()
    early = instance.settings.decision_year
    order = dict(start)
    order[first] = start[first] - np.inf if early is None else early
    names = list(periods.index)
    return {
        (before, t): float(
            np.clip(
                (start[t] + years[t] - order[before] - setup_yr) / years[t], 0.0, 1.0
            )
        )
        for n, t in enumerate(names)
        for before in names[: n + 1]
    }
