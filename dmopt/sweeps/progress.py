"""How far a sweep is, counted and in words."""

import time
from collections import Counter
from collections.abc import Callable

from dmopt.sweeps.run import News

OFTEN_S = 10.0
"""Longest time without a line while members end."""


class Count:
    """Members by what became of them, and the time that the rest may take."""

    def __init__(self) -> None:
        self.total = 0
        self.ended: Counter[str] = Counter()
        self._new, self._begin = 0, time.monotonic()
        self._running: set[str] = set()

    @property
    def done(self) -> int:
        return sum(self.ended.values())

    def hear(self, news: News) -> None:
        self.total = news.total
        if news.what == "begun":
            self._running.add(news.member.name)
            return
        self._running.discard(news.member.name)
        if news.outcome is not None:
            planned = news.outcome.has_plan
            self.ended["planned" if planned else news.outcome.status] += 1
            self._new += news.what == "ended"

    def says(self) -> str:
        """ "12 of 200 done, 1 infeasible, 2 running, about 0:40 left"."""
        parts = [f"{self.done:,} of {self.total:,} done"]
        parts += [
            f"{number:,} {status.replace('_', ' ')}"
            for status, number in sorted(self.ended.items())
            if status != "planned"
        ]
        if self._running:
            parts.append(f"{len(self._running)} running")
        if self._new and self.done < self.total:
            each = (time.monotonic() - self._begin) / self._new
            minutes, seconds = divmod(round(each * (self.total - self.done)), 60)
            parts.append(f"about {minutes}:{seconds:02} left")
        return ", ".join(parts)


class Lines:
    """A line for each member without a plan, or that lost its worker; and one now and
    then for all. say: told each line."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._count, self._say = Count(), say
        self._told = float("-inf")

    def hear(self, news: News) -> None:
        self._count.hear(news)
        name, outcome = news.member.name, news.outcome
        if news.what == "lost":
            self._say(f"{name}: its worker ended; it is run again")
        elif news.what == "ended" and outcome is not None and not outcome.has_plan:
            self._say(f"{name}: {outcome.status.replace('_', ' ')}")
        now = time.monotonic()
        is_last = self._count.done == self._count.total
        due = news.what == "ended" and now - self._told >= OFTEN_S
        if outcome is not None and (is_last or due):
            self._told = now
            self._say(self._count.says())
