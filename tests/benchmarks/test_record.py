"""Rows of runs: appended, and never below columns of another kind."""

import csv

import record as record_module
from record import record


def test_a_file_with_other_columns_is_kept_under_another_name(tmp_path, monkeypatch):
    monkeypatch.setattr(record_module, "RESULTS", tmp_path)
    path = record("speed", {"seconds": 1.0})
    record("speed", {"seconds": 2.0})
    record("speed", {"load_seconds": 0.5, "seconds": 3.0})
    with path.open(newline="") as file:
        (now,) = csv.DictReader(file)
    assert (now["load_seconds"], now["seconds"]) == ("0.5", "3.0")
    (before,) = tmp_path.glob("speed-before-*.csv")
    with before.open(newline="") as file:
        assert [row["seconds"] for row in csv.DictReader(file)] == ["1.0", "2.0"]
