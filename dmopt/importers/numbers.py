"""Files that are a stream of numbers, broken into lines anywhere."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dmopt.errors import Fault, InstanceError

MOST_FAULTS = 20

MOST_BYTES = 200_000_000
"""Greatest size of a file, unpacked."""


@dataclass
class Numbers:
    """Numbers of a file, taken in order.

    place: name of the file. value: (n,) the numbers. line: (n,) line of each, from 1.
    at: the next one to take.
    """

    place: str
    value: np.ndarray
    line: np.ndarray
    at: int = 0

    @property
    def left(self) -> int:
        """How many are not taken yet."""
        return len(self.value) - self.at

    def take(self, count: int, what: str, least: float = 0.0) -> np.ndarray:
        """The next numbers, (count,). Raises InstanceError if there are fewer, or one
        is below `least`."""
        if self.left < count:
            line = int(self.line[-1]) if len(self.line) else None
            missing = count - self.left
            expected = f"{missing:,} more number{'s' * (missing > 1)} for {what}"
            raise InstanceError([Fault(self.place, line, "", "end of file", expected)])
        span = slice(self.at, self.at + count)
        self.at += count
        low = np.flatnonzero(self.value[span] < least)[:MOST_FAULTS]
        if len(low):
            expected = f"{what}, {least:g} or more"
            raise InstanceError([self.fault(span.start + k, expected) for k in low])
        return self.value[span]

    def take_whole(self, what: str, least: int = 1) -> int:
        """The next number, which counts something."""
        value = float(self.take(1, what, least)[0])
        if value != round(value):
            raise InstanceError([self.fault(self.at - 1, f"{what}, a whole number")])
        return int(value)

    def finish(self) -> None:
        """Raises InstanceError if any number is left."""
        if self.left:
            more = f"end of file ({self.left:,} numbers too many)"
            raise InstanceError([self.fault(self.at, more)])

    def fault(self, position: int, expected: str) -> Fault:
        """A fault about one number."""
        line, value = int(self.line[position]), self.value[position]
        return Fault(self.place, line, "", f"{value:.12g}", expected)


def read_numbers(path: Path, words: dict[str, float] | None = None) -> Numbers:
    """Numbers of a text file, plain or gzip.

    words: texts that stand for a number. Raises InstanceError for all else that is
    not a finite number, OSError if the file cannot be read.
    """
    known = words or {}
    texts, lines = [], []
    for line, text in enumerate(_text(path).splitlines(), start=1):
        parts = text.split()
        texts += parts
        lines += [line] * len(parts)
    value = np.array([known[t] if t in known else _number(t) for t in texts], float)
    # what stands for a number may be infinite, what is written may not
    bad = [
        k for k in np.flatnonzero(~np.isfinite(value)).tolist() if texts[k] not in known
    ]
    if bad:
        raise InstanceError(
            [
                Fault(path.name, lines[k], "", repr(texts[k][:40]), "a number")
                for k in bad[:MOST_FAULTS]
            ]
        )
    return Numbers(path.name, value, np.array(lines, int))


def _text(path: Path) -> str:
    try:
        content = _content(path)
        if len(content) <= MOST_BYTES:
            return content.decode()
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        fault = Fault(path.name, expected=f"a text file, plain or gzip: {error}")
        raise InstanceError([fault]) from None
    raise InstanceError(
        [Fault(path.name, expected=f"at most {MOST_BYTES:,} bytes, unpacked")]
    )


def _content(path: Path) -> bytes:
    """What is in a file, plain or gzip, up to one byte more than is allowed."""
    with path.open("rb") as file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        source = gzip.GzipFile(fileobj=file) if packed else file
        return source.read(MOST_BYTES + 1)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
