"""While a solve runs: show how far it is, and stop it on Ctrl-C."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from dmopt.cli.speech import aside
from dmopt.solving.progress import OnProgress, Progress, relative_gap

Money = Callable[[float], str]
NOTABLE_GAIN = 1e-3
"""Share of the cost by which a better plan, or a higher bound, is worth a line."""
QUIET_S = 10.0
"""Longest time without a line while the solver works."""


@contextmanager
def shown_progress(quiet: bool, money: Money) -> Iterator[OnProgress | None]:
    """Show progress on stderr: one live line on a terminal, else lines as they come.

    money: how to write an amount.
    """
    console = aside()
    if quiet:
        yield None
    elif console.is_terminal:
        line = LiveLine(money)
        with Live(get_renderable=line.render, console=console, transient=True):
            yield line.update
    else:
        yield Milestones(console.print, money).update


class LiveLine:
    """The latest progress as one line; its clock runs between reports."""

    def __init__(self, money: Money) -> None:
        self._money = money
        self._begin = time.monotonic()
        self._last = Progress(0.0, "building the model", None, None)
        self._spinner = Spinner("dots")

    def update(self, progress: Progress) -> None:
        self._last = progress

    def render(self) -> Spinner:
        seconds = time.monotonic() - self._begin
        self._spinner.update(
            text=Text(f"{seconds:6.1f} s  {say(self._last, self._money)}")
        )
        return self._spinner


class Milestones:
    """A line for each thing worth telling: new step, clearly better plan or bound.

    say: told each line.
    """

    def __init__(self, say: Callable[[str], object], money: Money) -> None:
        self._say, self._money = say, money
        self._told = Progress(0.0, "", None, None)

    def update(self, progress: Progress) -> None:
        if self._worth_telling(progress):
            line = f"{progress.seconds:8.1f} s  {say(progress, self._money)}"
            self._say(line)
            self._told = progress

    def _worth_telling(self, new: Progress) -> bool:
        told = self._told
        if new.seconds - told.seconds >= QUIET_S:
            return True
        if new.cost is None or told.cost is None:
            return new.cost is not told.cost or new.step != told.step
        saved = relative_gap(told.cost, new.cost) or 0.0
        raised = relative_gap(new.bound, told.bound) or 0.0
        first_bound = told.bound is None and new.bound is not None
        return first_bound or max(saved, raised) >= NOTABLE_GAIN or new.step == "done"


def say(progress: Progress, money: Money) -> str:
    """Step, cost, bound and gap of a moment in one line."""
    parts = [f"{progress.step:<12}"]
    if progress.cost is not None:
        parts.append(f"best {money(progress.cost)}")
    if progress.bound is not None:
        parts.append(f"at least {money(progress.bound)}")
    if progress.gap is not None:
        percent = 100 * progress.gap
        parts.append(f"gap {percent:.2g} %" if percent < 10 else f"gap {percent:.0f} %")
    return "  ".join(parts).rstrip()


@contextmanager
def stop_on_interrupt(
    kept: str = "the best plan so far is kept (Ctrl-C again to give it up)",
) -> Iterator[Event]:
    """An event that the first Ctrl-C sets; the second one raises KeyboardInterrupt.

    kept: what is told of what there is by then.
    """
    cancel = Event()

    def interrupted(signum: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        aside().print(f"stopping; {kept}")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
