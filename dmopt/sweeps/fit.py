"""Whether what a row of members wishes for can be done to an instance."""

from collections.abc import Sequence
from functools import cache

from pydantic import ValidationError

from dmopt.data.instance import Instance
from dmopt.data.rows import show
from dmopt.errors import Fault, InstanceError
from dmopt.studies.whatif import Wish, wished
from dmopt.sweeps.columns import Part, joined


class Fit:
    """Whether wishes fit an instance, column by column.

    Knobs have been checked by their range and are left out: to turn them copies tables.
    Rows that wish for the same are checked once.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._known = cache(self._wrong)

    def faults(
        self, parts: Sequence[tuple[str, Part]], number: int, place: str
    ) -> list[Fault]:
        """Faults of a row, each with the first column that brings it in."""
        faults: list[Fault] = []
        kept: list[Part] = []
        for column, part in sorted(parts, key=lambda each: ORDER.get(each[0], LATE)):
            if part[0].startswith("knobs."):
                continue
            if twice := _forced_both_ways(kept, part):
                expected = "sites that are not forced the other way too"
                faults.append(Fault(place, number, column, show(twice), expected))
                continue
            try:
                wish = Wish.model_validate(joined([*kept, part])["wish"])
            except ValidationError as error:
                told = [(show(part[1]), each["msg"], "") for each in error.errors()]
            else:
                told = self._known(wish.model_dump_json())
            if not told:
                kept.append(part)
            faults += [
                Fault(place, number, column, read, expected, hint)
                for read, expected, hint in told
            ]
        return faults

    def _wrong(self, wish: str) -> list[tuple[str, str, str]]:
        """(read, expected, hint) of each fault of a wish, written as JSON."""
        try:
            wished(self._instance, Wish.model_validate_json(wish))
        except InstanceError as error:
            return [(each.read, each.expected, each.hint) for each in error.faults]
        return []


def _forced_both_ways(kept: Sequence[Part], part: Part) -> str:
    """Sites that earlier parts force otherwise than this one does."""
    if part[0] != "sites":
        return ""
    before = joined(kept)["wish"].get("sites", {})
    return ", ".join(s for s, how in part[1].items() if before.get(s, how) != how)


ORDER = {name: n for n, name in enumerate(("model", "rules", "set", "off", "on"))}
LATE = len(ORDER)
"""Later columns may name what earlier ones bring."""
