import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmopt.runs.plain import plain


@dataclass(frozen=True, slots=True)
class Pair:
    left: float
    right: object


def test_no_word_for_nan_or_infinity():
    given = {"a": float("nan"), "b": np.array([np.inf, 1.5]), "c": pd.Series([np.nan])}
    assert plain(given) == {"a": None, "b": [None, 1.5], "c": {"0": None}}


def test_tables_become_rows_and_a_named_index_a_column():
    table = pd.DataFrame({"n": [1]}, index=pd.Index(["x"], name="site"))
    assert plain(table) == [{"site": "x", "n": 1}]
    assert plain(pd.DataFrame({"n": [1.0]})) == [{"n": 1.0}]


def test_everything_else_is_json_too():
    given = {
        ("a", 1): Pair(np.float32(0.5), (True, np.bool_(False), None, np.int64(3)))
    }
    text = json.dumps(plain(given), allow_nan=False)
    assert text == '{"a, 1": {"left": 0.5, "right": [true, false, null, 3]}}'
