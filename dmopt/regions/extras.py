"""Packages that only some users need: asked for when used, named when missing."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from dmopt.data.raw import one_fault
from dmopt.errors import InstanceError


def extra_module(package: str, extra: str, purpose: str) -> ModuleType:
    """The module `package` of an extra of dmopt.

    Raises InstanceError that says what to install where it is missing.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise _missing(package, extra, purpose) from error


def extra_folder(package: str, extra: str, purpose: str) -> Path:
    """The folder of a package that is used for its data only; it is not imported.

    Raises InstanceError that says what to install where it is missing.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise _missing(package, extra, purpose)
    return Path(found.origin).parent


def _missing(package: str, extra: str, purpose: str) -> InstanceError:
    return one_fault(
        purpose,
        f"the Python package {package.replace('_', '-')} to be installed",
        hint=f"pip install 'dmopt[{extra}]'",
    )
