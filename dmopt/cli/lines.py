"""Where lines come from, and what is said goes to: a terminal, or a file or pipe."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from dmopt.cli.speech import aside, tell

PROMPT = "what if> "
LAST = ("quit", "exit")
CLEAR = "\r\x1b[K"
"""Back to the start of a terminal's line, and the line away."""


class Piped:
    """Lines of a file or pipe, one after another; progress goes to stderr."""

    def __iter__(self) -> Iterator[str]:
        yield from sys.stdin

    @contextmanager
    def stopping(self, cancel: Event) -> Iterator[None]:
        """While something is solved: nothing but its end stops it here."""
        yield

    def tell(self, lines: Sequence[str], about: Mapping[str, Any]) -> None:
        tell(*lines)

    def aside(self, text: str) -> None:
        aside().print(text)


class Typed:
    """Lines that are typed at a terminal, also while something is solved: a new one
    stops that. words: those that are completed with Tab."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = sorted(words)
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._cancel: Event | None = None
        self._is_asking = False

    def __iter__(self) -> Iterator[str]:
        import termios

        before = termios.tcgetattr(sys.stdin)
        try:
            self._complete()
            Thread(target=self._read, daemon=True).start()
            while (line := self._next()) is not None:
                yield line
        finally:  # the thread may have left the terminal in the middle of a line
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)

    @contextmanager
    def stopping(self, cancel: Event) -> Iterator[None]:
        """While something is solved: a line that is there, or comes, stops it."""
        self._cancel = cancel
        if not self._lines.empty():
            cancel.set()
        try:
            yield
        finally:
            self._cancel = None

    def tell(self, lines: Sequence[str], about: Mapping[str, Any]) -> None:
        for line in lines:
            self.aside(line)

    def aside(self, text: str) -> None:
        """A line above the one that is being typed."""
        if not self._is_asking:
            print(text)
            return
        import readline

        typed = f"{PROMPT}{readline.get_line_buffer()}"
        sys.stdout.write(f"{CLEAR}{text}\n{typed}")
        sys.stdout.flush()

    def _next(self) -> str | None:
        while True:
            try:
                return self._lines.get()
            except KeyboardInterrupt:
                self.aside("nothing is being solved; `quit` or Ctrl-D ends")

    def _read(self) -> None:
        line = ""
        while line.strip().lower() not in LAST:
            try:
                self._is_asking = True
                line = input(PROMPT)
            except EOFError:
                break
            finally:
                self._is_asking = False
            self._put(line)
        self._put(None)

    def _put(self, line: str | None) -> None:
        self._lines.put(line)
        cancel = self._cancel
        if cancel is not None and (line is None or line.strip()):
            cancel.set()

    def _complete(self) -> None:
        import readline

        def found(text: str, number: int) -> str | None:
            fits = [word for word in self._words if word.startswith(text)]
            return fits[number] if number < len(fits) else None

        readline.set_completer_delims(" ")
        readline.set_completer(found)
        readline.parse_and_bind("tab: complete")
