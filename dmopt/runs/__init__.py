"""Runs on disk: one folder each, written whole and read back exactly."""

from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.read import read_plan, read_result, read_run
from dmopt.runs.stated import misstated
from dmopt.runs.write import refuse_what_is_no_run, write_run

__all__ = [
    "instance_hash",
    "misstated",
    "read_plan",
    "read_result",
    "read_run",
    "refuse_what_is_no_run",
    "write_run",
]
