import dataclasses

import numpy as np
import pytest

from dmopt.runs.fingerprint import instance_hash
from tests.maps.city import city


def changed(instance, table, column, value):
    """The instance with one cell of one table changed."""
    copy = instance.tables[table].copy()
    copy.iloc[0, copy.columns.get_loc(column)] = value
    return dataclasses.replace(instance, tables={**instance.tables, table: copy})


def test_the_same_content_gives_the_same_fingerprint():
    again = city.__wrapped__()
    assert again is not city()
    assert instance_hash(again) == instance_hash(city())
    assert len(instance_hash(again)) == 64


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("zones", "population", 2190.0000000000005),
        ("zones", "name", "Zone zero"),
        ("zones", "geometry", None),
        ("sites", "in_region", False),
        ("technologies", "max_modules", 6),
        ("demand", "quantity_per_yr", np.nextafter(87600.0, 1e9)),
        ("commodities", "source", "a letter"),
    ],
)
def test_any_changed_cell_changes_it(table, column, value):
    assert instance_hash(changed(city(), table, column, value)) != instance_hash(city())


def test_a_changed_setting_changes_it():
    settings = city().settings.model_copy(update={"discount_rate": 0.081})
    other = dataclasses.replace(city(), settings=settings)
    assert instance_hash(other) != instance_hash(city())


def test_the_sign_of_zero_does_not():
    zero, negative = (changed(city(), "zones", "x", x) for x in (0.0, -0.0))
    assert instance_hash(zero) == instance_hash(negative)


def test_cells_that_swap_their_text_change_it():
    a = changed(changed(city(), "sites", "name", "ab"), "sites", "class", "c")
    b = changed(changed(city(), "sites", "name", "a"), "sites", "class", "bc")
    assert instance_hash(a) != instance_hash(b)
