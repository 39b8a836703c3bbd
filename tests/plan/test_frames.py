"""Sums by names and rows found by them, against what stands in small tables."""

import numpy as np
import pandas as pd
import pytest

from dmopt.plan.frames import (
    before,
    books,
    cells,
    grouped,
    long,
    names_in,
    over_time,
    paired,
    rows_of,
    texts,
    wide,
)

SOLD = pd.DataFrame(
    {
        "shop": ["b", "a", "b", "b"],
        "good": ["tea", "tea", "rye", "tea"],
        "period": ["2", "1", "1", "2"],
        "kg": [1.0, 2.0, 4.0, 8.0],
    }
).astype({"shop": "str", "good": "str", "period": "str"})
NONE = SOLD.iloc[:0]
BY = ["shop", "good"]
PERIODS = pd.Index(["2", "1"], name="period")


def columns(table: pd.DataFrame) -> list[np.ndarray]:
    return [table[name].to_numpy(object) for name in BY]


def test_equal_rows_are_a_group_and_groups_are_in_order():
    row, index = grouped(columns(SOLD), BY)
    assert index.tolist() == [("a", "tea"), ("b", "rye"), ("b", "tea")]
    assert list(index.names) == BY
    assert row.tolist() == [2, 0, 1, 2]


def test_one_name_makes_a_plain_index():
    row, index = grouped([SOLD.shop.to_numpy(object)], ["shop"])
    assert (row.tolist(), index.tolist(), index.name) == (
        [1, 0, 1, 1],
        ["a", "b"],
        "shop",
    )


def test_no_rows_make_no_groups():
    row, index = grouped(columns(NONE), BY)
    assert len(row) == len(index) == 0
    assert list(index.names) == BY


def test_a_wide_frame_has_the_periods_of_the_instance_in_its_order():
    frame = wide(SOLD, BY, "kg", PERIODS)
    # b sold 1 + 8 kg of tea in period 2
    assert frame.to_numpy().tolist() == [[0, 2], [0, 4], [9, 0]]
    assert frame.columns.equals(PERIODS)
    assert frame.index.tolist() == [("a", "tea"), ("b", "rye"), ("b", "tea")]


def test_rows_about_none_of_the_things_or_periods_are_left_out():
    row = np.array([0, -1, 0, 0])
    frame = over_time(SOLD, "kg", row, pd.Index(["b"]), pd.Index(["1"]))
    assert frame.to_numpy().tolist() == [[4]]


def test_books_put_sums_under_the_same_names_side_by_side():
    bought = pd.DataFrame({"at": ["b", "c"], "what": ["tea", "tea"], "kg": [3.0, 5.0]})
    found = books(
        BY,
        {
            "in": (bought, ["at", "what"], "kg"),
            "none": (NONE, BY, "kg"),
            "out": (SOLD, BY, "kg"),
        },
    )
    assert list(found.index.names) == BY
    assert found.to_dict("index") == {
        ("a", "tea"): {"in": 0, "none": 0, "out": 2},
        ("b", "rye"): {"in": 0, "none": 0, "out": 4},
        ("b", "tea"): {"in": 3, "none": 0, "out": 9},
        ("c", "tea"): {"in": 5, "none": 0, "out": 0},
    }


@pytest.mark.parametrize("by", [["shop"], BY])
def test_a_long_frame_is_the_stacked_one(by):
    frame = wide(SOLD, by, "kg", PERIODS)
    found = long(frame, "kg")
    assert list(found.index.names) == [*by, "period"]
    assert found.to_dict() == frame.stack().to_dict()
    assert found.name == "kg"


def test_what_stood_before_is_shifted_by_a_period():
    frame = pd.DataFrame([[1, 2], [3, 4]])
    assert before(frame, np.array([7, 8])).tolist() == [[7, 1], [8, 3]]
    assert before(frame, 0).tolist() == [[0, 1], [0, 3]]
    assert frame.to_numpy().tolist() == [[1, 2], [3, 4]]


def test_rows_are_found_by_all_their_names():
    wanted = [("b", "rye"), ("a", "rye"), ("a", "tea")]
    assert rows_of(wanted, names_in(SOLD, BY)).tolist() == [2, -1, 1]
    assert rows_of(names_in(NONE, BY), wanted).tolist() == []


def test_rows_of_the_same_name_are_paired_in_the_order_of_the_left():
    left, right = pd.Series(["x", "y", "z"]), pd.Series(["z", "x", "z"])
    first, second = paired(left, right)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [
        (0, 1),
        (2, 0),
        (2, 2),
    ]
    assert [len(side) for side in paired(left, right[:0])] == [0, 0]


def test_a_row_that_was_not_found_has_no_number_and_no_text():
    row = np.array([1, -1])
    assert cells(pd.Series([1, 2]), row) == pytest.approx([2, np.nan], nan_ok=True)
    assert texts(pd.Series(["a", "b"]), row).tolist() == ["b", ""]
