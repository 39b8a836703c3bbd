"""The plan at hand that a question is about: an earlier run's, or solved now."""

from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from dmopt.cli.codes import NO_PLAN
from dmopt.cli.live import shown_progress, stop_on_interrupt
from dmopt.cli.noise import solvers_silenced
from dmopt.cli.options import seconds, share
from dmopt.cli.speech import aside, complain

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.solving.result import Result

RunOption = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="folder of an earlier run of this instance, to begin from  "
        "(unless given: it is solved first)",
    ),
]
GapOption = Annotated[
    float,
    typer.Option(parser=share, metavar="GAP", help="gap of each solve: 1% or 0.01"),
]
TimeOption = Annotated[
    float,
    typer.Option(
        "--time-limit", parser=seconds, metavar="SECONDS", help="most time of a solve"
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="random seed")]
ThreadsOption = Annotated[int, typer.Option(min=1, help="threads of the solver")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="answer with one JSON object, on stdout")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="no progress")]
StudyOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="where to write tables and pictures  (unless given: runs/NAME-TIME)",
    ),
]


def end_without_plan(status: str, where: str = "to begin from") -> NoReturn:
    """End a command that needs a plan and has none. status: of the solve for it."""
    why = f"there is no plan {where}; `dmopt explain` says why"
    late = f"no plan was found {where} in the time; give it more"
    complain(why if status == "infeasible" else late)
    raise typer.Exit(NO_PLAN)


class Work:
    """Solves that belong together: silenced, cancelled by one Ctrl-C, with progress."""

    def __init__(self, instance: "Instance", quiet: bool) -> None:
        self._instance, self._quiet = instance, quiet
        self._stack = ExitStack()

    def __enter__(self) -> "Work":
        self._stack.enter_context(solvers_silenced())
        self.cancel: Event = self._stack.enter_context(stop_on_interrupt())
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.close()

    def say(self, text: str) -> None:
        """A line on stderr, unless quiet."""
        if not self._quiet:
            aside().print(text)

    def solve(self, **options: Any) -> "Result":
        """Solve the instance, showing how far it is."""
        from dmopt.runs.words import money_alone
        from dmopt.solving.run import solve

        def amount(value: float) -> str:
            return money_alone(value, self._instance.settings)

        with shown_progress(self._quiet, amount) as on_progress:
            return solve(
                self._instance, on_progress=on_progress, cancel=self.cancel, **options
            )

    def base(self, run: Path | None, **options: Any) -> "Result":
        """The result of an earlier run, or of a solve now."""
        if run is None:
            return self.solve(**options)
        from dmopt.runs import read_result

        return read_result(self._instance, run)

    def plan_at_hand(self, run: Path | None, **options: Any) -> "Result":
        """The same; ends the command where it has no plan."""
        base = self.base(run, **options)
        if base.plan is None:
            end_without_plan(base.status)
        return base
