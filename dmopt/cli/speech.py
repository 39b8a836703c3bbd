"""What the program says: answers on stdout, all else on stderr."""

from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table

MOST_SHOWN = 50
WIDEST = 400
"""Most characters of a line of a table."""


def answer() -> Console:
    """Console of what was asked for."""
    return _plain(stderr=False)


def aside() -> Console:
    """Console of progress, warnings and errors."""
    return _plain(stderr=True)


def _plain(stderr: bool) -> Console:
    # Names and ids come from the user's data: nothing in them is markup.
    return Console(
        stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True
    )


def show_table(table: Table) -> None:
    """A table on stdout, as wide as it needs to be: cut-off figures say nothing."""
    console = answer()
    wide = console.options.update(max_width=WIDEST)
    console.width = max(console.width, Measurement.get(console, wide, table).maximum)
    console.print(table)


def complain(message: str, faults: Sequence[object] = ()) -> None:
    """An error on stderr: one sentence, then one line for each fault."""
    console = aside()
    console.print(f"dmopt: {message}", style="bold red")
    show_list(console, faults)


def show_list(console: Console, lines: Sequence[object]) -> None:
    """One line each, the first of very many."""
    for line in lines[:MOST_SHOWN]:
        console.print(f"  - {line}")
    if len(lines) > MOST_SHOWN:
        console.print(f"  ... and {len(lines) - MOST_SHOWN:,} more")


def count(number: int, one: str, many: str = "") -> str:
    """ "1 zone", "1,680 zones"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def tell(*lines: RenderableType) -> None:
    """Lines on stdout."""
    console = answer()
    for line in lines:
        console.print(line)
