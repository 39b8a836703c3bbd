"""What every rule offers, so that it holds on every solve path."""

from collections.abc import Iterator
from typing import Any, Protocol

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation


class Rule(Protocol):
    """A design or planning rule of one instance.

    id: the user's name for it, quoted wherever it speaks.
    """

    id: str

    def refers(self) -> Iterator[tuple[str, str]]:
        """(table, id) of each thing of the instance that it names."""

    def constrain(self, b: Any, instance: Instance) -> None:
        """Add its rows over the decision layer `b.model()` to its own sub-block `b`."""

    def whole_deliveries(self, instance: Instance) -> frozenset[str]:
        """Commodities that a zone gets all from one site or not at all."""

    def check(self, instance: Instance, plan: Plan) -> Iterator[Violation]:
        """What of it a plan breaks. Shares nothing with the two above."""
