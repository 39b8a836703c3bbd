"""A member of a sweep: a name, what is to be otherwise, and how far to solve it."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dmopt.studies.whatif import Wish

LONGEST_NAME = 150
"""Bytes of a name: it becomes a folder's, with some letters around it."""
NAME = "letters, digits and any of . _ + = , - ; a letter or digit first"
_NAME = re.compile(r"\w[\w.+=,-]*(?<!\.)")


def name_fault(name: str) -> str:
    """What is wrong with a name, as what was expected; "" where it can be used."""
    if not _NAME.fullmatch(name):
        return NAME
    if len(name.encode()) > LONGEST_NAME:
        return f"a name of at most {LONGEST_NAME} bytes"
    return ""


def _usable(name: str) -> str:
    if fault := name_fault(name):
        raise ValueError(f"{name!r}: expected {fault}")
    return name


class Member(BaseModel):
    """One solve of a sweep.

    name: that of its folder, unlike every other also in small letters. gap: relative
    gap to stop at. time_limit_s: wall time of its solve, seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_usable)]
    wish: Wish = Wish()
    gap: float = Field(0.01, ge=0, lt=1)
    time_limit_s: float = Field(60.0, gt=0, allow_inf_nan=False)
    seed: int = Field(0, ge=0, le=2**31 - 1)


def names_twice(members: Sequence[Member]) -> list[str]:
    """Names that another member has too: on some disks A and a are one folder."""
    seen: set[str] = set()
    twice = []
    for member in members:
        folded = member.name.casefold()
        if folded in seen:
            twice.append(member.name)
        seen.add(folded)
    return twice
