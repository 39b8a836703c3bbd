"""Rows that rules put on flows: filters, numbering, matrices."""

import numpy as np
import pandas as pd

from dmopt.flows.rows import FlowRows, forbidden, numbered, side_rows


class Var:
    """Stands for a variable of the decision layer."""


def rows(row, weight, most, given=()) -> FlowRows:
    labels = [(f"n{n}", "y") for n in range(len(most))]
    return FlowRows(
        labels, np.array(row), np.array(weight, float), np.array(most), given
    )


def test_weights_of_one_kind_and_nothing_on_the_right_shut_arcs_out():
    # row 0: arcs 0 and 1, of which only 1 has a weight; row 1 may have 5
    shut, filters = forbidden(rows([0, 0, 1, -1], [0, 1, 1, 9], [0.0, 5.0]))
    assert list(shut) == [False, True, False, False]
    assert list(filters) == [True, False]


def test_a_row_with_a_negative_weight_or_a_right_side_shuts_nothing_out():
    share = rows([0, 0], [0.5, -0.5], [0.0])
    assert not forbidden(share)[0].any()
    decided = rows([0, 0], [1, 1], [0.0], given=[(0, Var(), 1.0)])
    assert not forbidden(decided)[0].any()


def test_arcs_are_numbered_by_their_labels_in_order():
    labels = pd.DataFrame({"zone": ["a", "b", "a", "c"], "period": ["y"] * 4})
    names, row = numbered(labels, np.array([True, True, True, False]))
    assert names == [("a", "y"), ("b", "y")]
    assert list(row) == [0, 1, 0, -1]


def test_no_arcs_make_no_rows():
    names, row = numbered(pd.DataFrame({"zone": [], "period": []}), np.zeros(0, bool))
    assert (names, list(row)) == ([], [])


def test_matrices_hold_shares_of_demand_units_of_transfers_and_decisions():
    # arcs 0 and 2 deliver to demands 0 (10 units) and 1 (20); arc 1 is a transfer
    variable = Var()
    family = rows([0, 0, 1], [2, 3, 4], [7.0, 8.0], given=[(1, variable, 0.5)])
    to_zone = np.array([True, False, True])
    side = side_rows(
        [family],
        {id(variable): 1},
        3,
        to_zone,
        np.array([0, 1]),
        np.array([10.0, 20.0]),
    )
    assert side.x.toarray().tolist() == [[20, 0], [0, 80]]
    assert side.y.toarray().tolist() == [[3], [0]]
    assert side.given.toarray().tolist() == [[0, 0, 0], [0, 0.5, 0]]
    assert side.most.tolist() == [7, 8]
    # row 0 has a transfer, row 1 is about demand 1 alone
    assert side.demand.tolist() == [-1, 1]


def test_rows_that_say_nothing_go_and_rows_that_nothing_can_keep_stay():
    nothing = rows([-1], [0], [0.0, -1.0])
    side = side_rows([nothing], {}, 0, np.array([True]), np.array([0]), np.array([1.0]))
    assert side.most.tolist() == [-1]  # 0 <= -1: infeasible, and to be told so
