"""How members are run, whoever runs them: what is told while they are.

A pool begins members in order and tells of each what happens: begun, ended, or lost
(its worker died; it is begun again elsewhere). Members are idempotent: each writes its
own folder, which is there whole or not at all, so to begin one twice does no harm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal, Protocol

from dmopt.sweeps.member import Member

DEADLY = 3
"""Workers that may die with a member before it is given up."""
LOOK_S = 0.2
"""How often a pool looks whether it is to stop."""


@dataclass(frozen=True)
class Told:
    """What happened to a member.

    killed: how its last worker ended, in words, where it is given up for that.
    """

    what: Literal["begun", "ended", "lost"]
    member: Member
    killed: str = ""


class Pool(Protocol):
    """Runs members; whatever way it ends, what it started ends with it."""

    def run(self, members: Sequence[Member], stop: Event) -> Iterator[Told]:
        """Run them all, or until `stop` is set.

        Raises OSError where runs cannot be written, or no worker can be had.
        """
        ...
