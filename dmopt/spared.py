"""Libraries without the parts that they load on the side and nothing here uses."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Absent(ModuleType):
    """In place of a module: whatever is called of it does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing


def _nothing(*given: Any, **named: Any) -> None:
    pass


@contextmanager
def spared(*modules: str) -> Iterator[None]:
    """Whatever is imported here finds empty `modules` in place of those that nobody has
    loaded yet; whoever wants one later gets the real one.

    Pyomo loads all of scipy.stats as soon as SciPy is there, and Matplotlib's pyplot as
    soon as Matplotlib is (and switches its backend, in tests): over a second at each
    start of a command.
    """
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update({name: _Absent(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
