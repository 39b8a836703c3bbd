"""Commands for many solves of one instance: sweep, runs."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from dmopt.cli.base import GapOption, JsonOption, QuietOption, SeedOption, TimeOption
from dmopt.cli.codes import BAD_INPUT, INTERRUPTED, LARGER_GAP, NO_PLAN, OK
from dmopt.cli.given import InstancePath
from dmopt.cli.live import stop_on_interrupt
from dmopt.cli.noise import solvers_silenced
from dmopt.cli.speech import aside, count, show_table, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.sweeps.member import Member
    from dmopt.sweeps.outcome import Outcome
    from dmopt.sweeps.run import News, Sweep

MOST_ROWS = 100
"""Members shown; all of them stand in sweep.csv."""
SETTLED = ("members", "vary", "out", "gap", "time_limit", "seed", "threads")
"""Parameters that say what a sweep is, and not how it is run."""
MESSAGE = 60
"""Characters of a message in a table."""


def sweep(
    ctx: typer.Context,
    instance: InstancePath,
    members: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="members: a .csv or .toml file"),
    ] = None,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN=VALUES",
            help="every combination of values separated by ',', as "
            "transport_price=0.5,1,2; columns as in a file of members",
        ),
    ] = [],  # noqa: B006  # typer reads it only
    workers: Annotated[
        int, typer.Option(min=1, help="worker processes on this machine")
    ] = 2,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Dask scheduler to run on instead, as tcp://10.0.0.5:8786; "
            "local:2 starts one with two workers",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="folder of the sweep; what is complete in it is not run again  "
            "(unless given: runs/sweep-NAME)",
        ),
    ] = None,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "60",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: Annotated[int, typer.Option(min=1, help="threads of each solve")] = 1,
    retry: Annotated[
        bool, typer.Option("--retry", help="run members again that failed")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Solve many variants of an instance side by side, each into a run of its own.

    Ctrl-C stops; so may anything else, at any moment: what is complete stays, and the
    same command runs what is missing. In place of INSTANCE, the folder of a sweep runs
    what is missing of that one. A member without a plan gets the reasons in its
    folder, and does not stop the rest.

    \b
    Examples:
      dmopt sweep instances/two-towns --vary transport_price=0.5,1,2
      dmopt sweep my-city.xlsx --vary transport_price=1,2 --vary model=free,distributed
      dmopt sweep my-city.xlsx --members members.csv --workers 4 --out runs/prices
      dmopt sweep runs/prices --cluster tcp://10.0.0.5:8786

    Exit codes: 0 every member has a plan within its gap; 3 one has a larger gap; 1 one
    has no plan; 2 bad input; 130 stopped.
    """
    from dmopt.sweeps.run import resume_sweep, run_sweep
    from dmopt.sweeps.store import is_store

    how: dict[str, Any] = {"workers": workers, "cluster": cluster, "retry": retry}
    if is_store(instance):
        _refuse_what_is_settled(ctx)
        run = partial(resume_sweep, instance)
    else:
        unless_given = {"gap": gap, "time_limit_s": time_limit, "seed": seed}
        given, wanted = _asked(instance, members, vary, unless_given)
        folder = out or _folder(given.name)
        how |= {"threads": threads, "command": shlex.join(["dmopt", *sys.argv[1:]])}
        run = partial(run_sweep, given, wanted, folder)
    with (
        solvers_silenced(),
        stop_on_interrupt("members that are complete are kept") as stop,
        _shown(quiet) as on_news,
    ):
        found = run(on_news=on_news, stop=stop, **how)
    if as_json:
        print(json.dumps(found.as_object(), allow_nan=False))
    else:
        _show(found)
    raise typer.Exit(_code(found))


def _refuse_what_is_settled(ctx: typer.Context) -> None:
    """Raise BadParameter where options are typed that the sweep in a folder has."""
    typed = [
        f"--{name.replace('_', '-')}"
        for name in SETTLED
        if (source := ctx.get_parameter_source(name)) and source.name != "DEFAULT"
    ]
    if typed:
        given = "the folder of a sweep is given: it has its members already, with their"
        raise typer.BadParameter(
            f"{given} options, and goes on where it is; leave out {', '.join(typed)}"
        )


def _asked(
    path: Path, file: Path | None, vary: list[str], unless_given: dict[str, Any]
) -> "tuple[Instance, list[Member]]":
    """The instance, and members of it from a file or a grid."""
    from dmopt.data.read import read_instance
    from dmopt.sweeps.members import members_from_file, members_from_grid, read_vary

    if (file is None) == (not vary):
        raise typer.BadParameter("give --members FILE, or --vary once or more")
    instance = read_instance(path)
    if file is not None:
        return instance, members_from_file(instance, file, **unless_given)
    return instance, members_from_grid(instance, read_vary(vary), **unless_given)


@contextmanager
def _shown(quiet: bool) -> "Iterator[Callable[[News], None] | None]":
    """Show progress on stderr: one live line on a terminal, else lines as they come."""
    from dmopt.sweeps.progress import Count, Lines

    console = aside()
    if quiet:
        yield None
    elif console.is_terminal:
        known, spinner = Count(), Spinner("dots")

        def line() -> Spinner:
            spinner.update(text=Text(known.says()))
            return spinner

        with Live(get_renderable=line, console=console, transient=True):
            yield known.hear
    else:
        yield Lines(console.print).hear


def _folder(name: str) -> Path:
    """Where a sweep of an instance goes: the same folder each time, to go on in it."""
    from dmopt.data.names import slug

    return Path("runs") / f"sweep-{slug(name)}"


def _show(found: "Sweep") -> None:
    from dmopt.sweeps.outcome import MISSING

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("member", "status", "cost", "bound", "gap", "seconds", ""):
        right = name in ("cost", "bound", "gap", "seconds")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    pairs = list(zip(found.store.members, found.outcomes, strict=True))
    for member, outcome in pairs[:MOST_ROWS]:
        table.add_row(member.name, *_figures(outcome), _short(outcome.message))
    show_table(table)
    if len(pairs) > MOST_ROWS:
        tell(f"... and {len(pairs) - MOST_ROWS:,} more in sweep.csv")
    left = sum(outcome.status == MISSING for outcome in found.outcomes)
    if left:
        tell(f"{count(left, 'member')} not run: `dmopt sweep {found.folder}` goes on")
    tell(f"written: {found.folder}")


def _figures(outcome: "Outcome") -> list[str]:
    """Status, cost, bound, gap and seconds as cells."""
    from dmopt.runs.words import quantity

    figures = (
        (outcome.cost, quantity),
        (outcome.bound, quantity),
        (outcome.gap, _gap),
        (outcome.seconds, lambda value: f"{value:.1f}"),
    )
    return [outcome.status, *("" if v is None else words(v) for v, words in figures)]


def _gap(value: float) -> str:
    """A gap as per cent; what the solver cannot tell from none is none."""
    from dmopt.runs.words import PROVEN_OPTIMAL_GAP, percent_above

    return "0 %" if value <= PROVEN_OPTIMAL_GAP else percent_above(value)


def _short(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= MESSAGE else f"{text[:MESSAGE]}..."


def _code(found: "Sweep") -> int:
    if found.stopped:
        return INTERRUPTED
    if not all(outcome.has_plan for outcome in found.outcomes):
        return NO_PLAN
    within = all(outcome.status == "optimal" for outcome in found.outcomes)
    return OK if within else LARGER_GAP


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="RUNS", help="folder with runs and sweeps in it")
    ] = Path("runs"),
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS",
            help="only these: optimal, feasible, infeasible, no_plan_found or failed",
        ),
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="only runs of this instance, or of its SHA-256"
        ),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="written (newest first), cost, bound, gap, seconds, folder ...",
        ),
    ] = "written",
    limit: Annotated[int, typer.Option(min=1, help="most runs listed")] = 50,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="make the index anew from the folders")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List runs and members of sweeps, from an index that is kept beside them.

    \b
    Examples:
      dmopt runs
      dmopt runs runs --instance "Two towns" --sort cost --limit 5
      dmopt runs runs/prices --status infeasible --json

    The index is a cache, RUNS/index.sqlite: what is new in the folders is put in first,
    and it may be deleted at any time.
    """
    from dmopt.sweeps.index import SHOWN, Index

    if not folder.is_dir():
        aside().print(f"dmopt: {folder}: no such folder", style="bold red")
        raise typer.Exit(BAD_INPUT)
    if sort not in SHOWN:
        raise typer.BadParameter(f"{sort!r} is not one of {', '.join(SHOWN)}")
    with Index(folder) as index:
        if rebuild:
            index.rebuild()
        else:
            index.refresh()
        found = index.find(status=status, instance=instance, sort=sort, limit=limit)
    if as_json:
        print(json.dumps(found, allow_nan=False))
        return
    _show_runs(found)


def _show_runs(found: list[dict[str, Any]]) -> None:
    from dmopt.runs.words import quantity

    words: dict[str, Any] = {"cost": quantity, "bound": quantity, "gap": _gap}
    words["seconds"] = lambda value: f"{value:.1f}"
    shown = ("folder", "instance", "model", "status", "cost", "bound", "gap")
    shown += ("seconds", "written")  # type: ignore[assignment]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in shown:
        table.add_column(name, justify="right" if name in words else "left")
    for row in found:
        cells = ((row[name], words.get(name, str)) for name in shown)
        table.add_row(*("" if v is None else say(v) for v, say in cells))
    show_table(table)
    tell(count(len(found), "run"))
