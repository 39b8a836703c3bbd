"""The command `whatif`: one change after another, each answered at once."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmopt.cli.base import GapOption, QuietOption, SeedOption, ThreadsOption
from dmopt.cli.codes import BAD_INPUT
from dmopt.cli.given import on_instance
from dmopt.cli.noise import solvers_silenced
from dmopt.cli.options import seconds

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.solving.progress import OnProgress, Progress


@on_instance
def whatif(
    instance: "Instance",
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="folder of an earlier run of this instance, to begin from  "
            "(unless given: it is solved first)",
        ),
    ] = None,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    limit: Annotated[
        float,
        typer.Option(
            "--seconds", parser=seconds, metavar="SECONDS", help="most for each change"
        ),
    ] = "10",  # type: ignore[assignment]
    first: Annotated[
        float,
        typer.Option(parser=seconds, metavar="SECONDS", help="most for the first plan"),
    ] = "60",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="answer with JSON objects on stdout, one a line"),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Change one thing after another, and have each answered at once.

    The instance is planned first. Then each line is a change: what is proven of it
    comes in a moment, then a plan, then better ones, until the gap or the time is
    reached. Another line stops the work on the last one; so does Ctrl-C, and the best
    plan is kept. `help` lists all there is to say, `quit` or Ctrl-D ends it.

    \b
    Examples:
      dmopt whatif instances/west-midlands
      dmopt whatif my-city.xlsx --run runs/first --seconds 5
      dmopt whatif my-city.xlsx < changes.txt
      dmopt whatif my-city.xlsx --json < changes.txt > answers.jsonl

    Lines from a file or a pipe are answered one by one, each as far as --seconds
    reaches. Exit codes: as `dmopt solve`, of the last plan; 2 where a line from a file
    or a pipe could not be used.
    """
    from dmopt.cli.lines import Piped, Typed
    from dmopt.cli.live import Milestones, stop_on_interrupt
    from dmopt.cli.talk import Talk, words_of
    from dmopt.runs import read_result
    from dmopt.runs.words import money_alone

    def amount(value: float) -> str:
        return money_alone(value, instance.settings)

    is_typed = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    is_typed = is_typed and sys.platform != "win32"  # no readline there
    lines = Typed(words_of(instance)) if is_typed else Piped()
    say = (lambda text: None) if quiet else lines.aside

    @contextmanager
    def working() -> "Iterator[tuple[OnProgress, Event]]":
        hears = Objects().progress if as_json else Milestones(say, amount).update
        with stop_on_interrupt() as cancel, lines.stopping(cancel):
            yield hears, cancel

    _spend_banner()
    talk = Talk(
        instance,
        tell=Objects().tell if as_json else lines.tell,
        working=working,
        seconds=limit,
        options={"gap": gap, "seed": seed, "threads": threads},
    )
    if run is None:
        talk.begin(first)
    else:
        talk.begin_from(read_result(instance, run))
    for line in lines:
        if not talk.hear(line):
            break
    raise typer.Exit(talk.code if is_typed or not talk.faulty else BAD_INPUT)


def _spend_banner() -> None:
    """HiGHS prints its banner once in a process: before anything is answered."""
    from highspy import Highs

    with solvers_silenced():
        Highs().run()


class Objects:
    """Answers, and progress that is news, as JSON objects, one a line."""

    def __init__(self) -> None:
        self._known: tuple[float | None, float | None] = (None, None)

    def tell(self, lines: Sequence[str], about: Mapping[str, Any]) -> None:
        event = "refused" if "error" in about else "answer"
        self._print({"event": event, **about})

    def progress(self, progress: "Progress") -> None:
        known = (progress.cost, progress.bound)
        if known == self._known:
            return
        self._known = known
        about = {name: getattr(progress, name) for name in PROGRESS}
        self._print({"event": "progress", **about})

    def _print(self, about: Mapping[str, Any]) -> None:
        print(json.dumps(about, allow_nan=False), flush=True)


PROGRESS = ("seconds", "step", "cost", "bound", "gap")
