"""The benchmarks are scripts beside the package: their folder goes on the path."""

import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks"
collect_ignore_glob = [] if FOLDER.is_dir() else ["test_*.py"]
"""A source distribution has no benchmarks, and so nothing to test here."""

sys.path.insert(0, str(FOLDER))
