"""Libraries without the parts that they load on the side and nothing here uses."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def spared(*modules: str) -> Iterator[None]:
    """Whatever is imported here finds empty `modules` in place of those that nobody has
    loaded yet; whoever wants one later gets the real one.

    Pyomo loads all of scipy.stats as soon as SciPy is there, and Matplotlib's pyplot as
    soon as Matplotlib is: over a second at each start of a command.
    """
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update({name: ModuleType(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
