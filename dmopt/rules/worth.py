"""What one unit of a product counts for in a share: its price, one, or its tonnes."""

from collections.abc import Iterable
from typing import Literal

from dmopt.data.instance import Instance


def weights(
    instance: Instance, products: Iterable[str], by: Literal["value", "units", "t"]
) -> dict[str, float]:
    """Product -> money, 1 or t per unit; by value where no product of them has a
    price, units count."""
    goods = instance.commodities.loc[list(products)]
    if by == "t":
        return dict(zip(goods.index, goods.t_per_unit.to_list(), strict=True))
    if by == "value" and goods.price.any():
        return dict(zip(goods.index, goods.price.to_list(), strict=True))
    return dict.fromkeys(goods.index, 1.0)
