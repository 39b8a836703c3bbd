"""Reasons for HiGHS to stop besides its own limits: events that it looks at."""

import time
from threading import Event


class Enough(Event):
    """Set when it is set, or when the other one is."""

    def __init__(self, other: Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()


class OutOfTime(Enough):
    """Set after some seconds, or when the other one is. What is spent on looking at a
    plan that was found does not count."""

    def __init__(self, other: Event, seconds: float) -> None:
        super().__init__(other)
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    def is_set(self) -> bool:
        return time.monotonic() >= self._until or super().is_set()

    def give_back(self, seconds: float) -> None:
        """So much more time."""
        self.seconds += seconds
        self._until += seconds
