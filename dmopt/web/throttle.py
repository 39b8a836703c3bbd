"""Wrong passwords cost time: more each time, for the client and for the user named."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

FREE_TRIES, FREE_OF_CLIENT = 3, 15
"""Wrong tries before waiting begins: with one user's name, and with any."""
LONGEST_S, FORGOTTEN_S = 900.0, 3_600.0
MOST_KEPT = 10_000
"""Clients and names remembered; the oldest are forgotten first."""


@dataclass
class _Tries:
    count: int = 0
    until: float = 0.0
    last: float = 0.0


class Throttle:
    """Counts wrong tries by (client, user) and by client."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[tuple[str, str | None], _Tries] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, client: str, user: str) -> float:
        """Seconds until the next try is taken; 0: now."""
        now = self._clock()
        with self._lock:
            kept = [self._tries.get(key) for key in ((client, user), (client, None))]
            return max([0.0, *(each.until - now for each in kept if each)])

    def failed(self, client: str, user: str) -> None:
        """Note a wrong try."""
        with self._lock:
            self._note((client, user), FREE_TRIES)
            self._note((client, None), FREE_OF_CLIENT)
            while len(self._tries) > MOST_KEPT:
                self._tries.popitem(last=False)

    def _note(self, key: tuple[str, str | None], free: int) -> None:
        now = self._clock()
        tries = self._tries.pop(key, None) or _Tries()
        if now - tries.last > FORGOTTEN_S:
            tries = _Tries()
        tries.count, tries.last = tries.count + 1, now
        if tries.count >= free:
            delay = min(LONGEST_S, 2.0 ** min(tries.count - free, 20))
            tries.until = now + delay
        self._tries[key] = tries

    def succeeded(self, client: str, user: str) -> None:
        """Forget the wrong tries with this name; those of the client stay."""
        with self._lock:
            self._tries.pop((client, user), None)
