"""Keeps stdout for answers: HiGHS prints a banner there whatever its options say."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def solvers_silenced() -> Iterator[None]:
    """Throw away what compiled code prints on stdout meanwhile."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        # what C still holds in its buffer would come out later, on the real stdout
        if sys.platform != "win32":
            ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
