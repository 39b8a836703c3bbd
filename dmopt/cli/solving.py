"""The command `solve`: plan an instance, show how far it is, write the run."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dmopt.cli.codes import code_of
from dmopt.cli.given import on_instance
from dmopt.cli.instances import warn_of_figures
from dmopt.cli.noise import solvers_silenced
from dmopt.cli.options import run_folder, seconds, share
from dmopt.cli.speech import answer

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.solving.result import Result


@on_instance
def solve(
    instance: "Instance",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="folder of the run; an earlier run in it is replaced  "
            "(unless given: runs/NAME-TIME)",
        ),
    ] = None,
    path: Annotated[
        Literal["auto", "exact", "coarse", "decomposed", "reference"],
        typer.Option(help="solve path; auto: by size"),
    ] = "auto",
    gap: Annotated[
        float,
        typer.Option(parser=share, metavar="GAP", help="stop within it: 1% or 0.01"),
    ] = "0.1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: Annotated[
        float,
        typer.Option(parser=seconds, metavar="SECONDS", help="most time for solving"),
    ] = "60",  # type: ignore[assignment]
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="random seed")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="threads of the solver")] = 2,
    excel: Annotated[
        bool, typer.Option("--excel", help="also write an Excel workbook")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="answer with one JSON object, on stdout")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="no progress and no summary")
    ] = False,
) -> None:
    """Plan an instance: find a plan, check it, say how good it is, write it down.

    Ctrl-C stops early and keeps the best plan so far with its gap.

    \b
    Examples:
      dmopt solve instances/west-midlands --gap 1% --time-limit 60
      dmopt solve my-city.xlsx --out runs/first --excel
      dmopt solve my-city.xlsx --json --quiet > result.json
      dmopt solve instances/west-midlands --model distributed
      dmopt solve my-city.xlsx --rule "near: proximity_service share=90 %; within_km=10"

    Exit codes: 0 verified plan within the gap asked for; 3 verified plan with a
    larger gap; 1 no plan; 2 bad input.
    """
    folder = out or run_folder(instance.name)
    _refuse_what_is_no_run(folder)
    if not quiet:
        warn_of_figures(instance)
    options = {
        "path": path,
        "gap": gap,
        "time_limit_s": time_limit,
        "seed": seed,
        "threads": threads,
    }
    result = _solve(instance, options, quiet)
    from dmopt.api import save
    from dmopt.cli.report import as_object, show

    command = shlex.join(["dmopt", *sys.argv[1:]])
    save(result, folder, instance=instance, excel=excel, command=command)
    if as_json:
        print(json.dumps(as_object(instance, result, folder), allow_nan=False))
    elif not quiet:
        show(answer(), instance, result, folder)
    raise typer.Exit(code_of(result))


def _solve(instance: "Instance", options: dict[str, Any], quiet: bool) -> "Result":
    """Solve with progress on stderr and Ctrl-C heard."""
    from dmopt.cli.live import shown_progress, stop_on_interrupt
    from dmopt.runs.words import money_alone
    from dmopt.solving.run import solve as solve_instance

    def amount(value: float) -> str:
        return money_alone(value, instance.settings)

    with (
        solvers_silenced(),
        stop_on_interrupt() as cancel,
        shown_progress(quiet, amount) as on_progress,
    ):
        return solve_instance(
            instance, **options, on_progress=on_progress, cancel=cancel
        )


def _refuse_what_is_no_run(folder: Path) -> None:
    """Say at once, not after a minute, that a folder cannot take the run."""
    from dmopt.runs import refuse_what_is_no_run

    try:
        refuse_what_is_no_run(folder)
    except OSError as error:
        raise typer.BadParameter(f"{error}, so it is not a run; name another") from None
