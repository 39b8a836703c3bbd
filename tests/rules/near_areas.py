"""The line with areas on it and one rule about them."""

from dmopt.data.instance import Instance
from tests.line import Rows, line, rule


def near_areas(
    kind: str,
    areas: Rows,
    parameters: str,
    soft_price: float | None = None,
    covers: str = "",
    **tables: Rows,
) -> Instance:
    """A rule of this kind. covers: the periods it covers; tables: others changed."""
    (row,) = rule(kind, parameters)
    row |= {"soft_price": soft_price, "periods": covers}
    return line(rules=[row], **{"areas": areas, **tables})
