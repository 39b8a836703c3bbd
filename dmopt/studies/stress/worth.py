"""What demand is worth, so that amounts of unlike products add up to one share.

    worth[d] = years[t] / sum of years  x  value[c]  x  demand[z,c,t]      money/yr

value: market price; where there is none the price of leaving it unmet; where there is
neither, the least value of any product, so that everything wanted counts.
"""

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance


def unit_value(instance: Instance) -> pd.Series:
    """Value of one unit of each commodity, more than 0; index commodity."""
    goods = instance.commodities
    value = goods.price.where(goods.price > 0, goods.unmet_price.fillna(0.0))
    some = value[value > 0]
    return value.where(value > 0, some.min() if len(some) else 1.0)


def worth(instance: Instance) -> np.ndarray:
    """Worth of each row of `demand_by_period`, (demands,)."""
    wanted, years = instance.demand_by_period, instance.periods.years
    share = (years / years.sum()).reindex(wanted.period).to_numpy()
    value = unit_value(instance).reindex(wanted.commodity).to_numpy()
    return share * value * wanted.quantity_per_yr.to_numpy()
