"""When two instances are the same."""

from pandas.testing import assert_frame_equal

from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES


def assert_same(one: Instance, other: Instance) -> None:
    """Same settings, same tables to the last bit."""
    assert one.settings == other.settings
    assert list(one.tables) == list(other.tables) == list(TABLES)
    for name, table in one.tables.items():
        assert_frame_equal(table, other.tables[name], check_exact=True, obj=name)
