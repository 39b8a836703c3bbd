"""The command on futures: worlds."""

import json
import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich import box
from rich.table import Table

from dmopt.cli.base import (
    GapOption,
    JsonOption,
    QuietOption,
    SeedOption,
    StudyOption,
    ThreadsOption,
    TimeOption,
    Work,
)
from dmopt.cli.codes import LARGER_GAP, NO_PLAN
from dmopt.cli.given import on_instance
from dmopt.cli.live import shown_progress
from dmopt.cli.options import share, study_folder
from dmopt.cli.speech import complain, show_table, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.solving.progress import OnProgress
    from dmopt.studies.worlds.found import WorldsPlan


FIGURES = ("cost", "alone_cost", "regret_most")
"""Columns of money that are shown."""


@on_instance
def worlds(
    instance: "Instance",
    draw: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="so many worlds drawn from the ranges of uncertain figures, all alike "
            "probable  (unless given: the tables worlds and world_changes)",
        ),
    ] = None,
    minimise: Annotated[
        Literal["expected", "cvar", "regret"],
        typer.Option(
            help="mean cost of all worlds; of the dearest ones; or the most by which a "
            "world costs more than it had to",
        ),
    ] = "expected",
    level: Annotated[
        float | None,
        typer.Option(
            parser=share,
            metavar="SHARE",
            help="cvar: the share of worlds, by probability, that are not counted  "
            "(unless given: 90%)",
        ),
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            help="plan each world on its own too: what knowing is worth, and regret; "
            "cvar and regret always do",
        ),
    ] = True,
    out: StudyOption = None,
    gap: GapOption = "2%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "600",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Plan for several futures at once: what is decided holds whichever comes.

    Sites, modules and infrastructure are decided once; deliveries follow in each world.
    Said with it: what that saves against a plan for the mean of all worlds, and what it
    would be worth to know beforehand. --time-limit is for everything together.

    \b
    Examples:
      dmopt worlds my-city.xlsx
      dmopt worlds instances/rule-town --draw 10 --seed 3
      dmopt worlds my-city.xlsx --minimise cvar --level 80% --out runs/worlds

    Exit codes: 0 within the gap asked for; 3 with a larger gap, or stopped; 1 no plan
    fits all worlds; 2 bad input.
    """
    from dmopt.api import save
    from dmopt.maps.worlds import draw_worlds
    from dmopt.runs.study import Writer, write_study
    from dmopt.runs.words import money_alone
    from dmopt.studies.screen.ranges import ranges
    from dmopt.studies.screen.words import of_ranges
    from dmopt.studies.worlds.plan import plan_worlds
    from dmopt.studies.worlds.words import (
        decided_table,
        sentences,
        worlds_object,
        worlds_table,
    )
    from dmopt.studies.worlds.world import declared, drawn

    if level is not None and minimise != "cvar":
        raise typer.BadParameter("--level is for --minimise cvar")
    given = declared(instance) if draw is None else drawn(instance, draw, seed)
    folder = study_folder(out, f"{instance.name}-worlds")

    def amount(value: float) -> str:
        return money_alone(value, instance.settings)

    drawn_from = [] if draw is None else [*of_ranges(ranges(instance))]
    with Work(instance, quiet) as work, shown_progress(quiet, amount) as heard:
        for line in drawn_from:
            work.say(line)

        def tell_step(text: str, done: int, of: int) -> "OnProgress | None":
            work.say(f"  {done + 1} of {of}: {text}")
            return heard if done + 1 == of else None

        found = plan_worlds(
            instance,
            given,
            kind=minimise,
            level=0.9 if level is None else level,
            gap=gap,
            time_limit_s=time_limit,
            alone=alone,
            seed=seed,
            threads=threads,
            on_step=tell_step,
            cancel=work.cancel,
        )
    about = worlds_object(found)
    if not found.each:
        if as_json:
            print(json.dumps(about, allow_nan=False))
        if work.cancel.is_set():
            complain("stopped before there was a plan for all worlds")
            raise typer.Exit(LARGER_GAP)
        complain(next(sentences(found)))
        raise typer.Exit(NO_PLAN)
    more: dict[str, Writer] = {"worlds.png": lambda path: draw_worlds(found, path)}
    if found.as_given is not None:
        more["plan"] = lambda path: save(found.result(), path)
    write_study(
        instance,
        folder,
        about,
        {"worlds": worlds_table(found), "decided": decided_table(found)},
        more,
        command=shlex.join(["dmopt", *sys.argv[1:]]),
    )
    if as_json:
        print(json.dumps(about | {"folder": str(folder)}, allow_nan=False))
    else:
        _show(found)
        tell(*drawn_from, *sentences(found), f"written: {folder}")
    if found.status != "optimal":
        raise typer.Exit(LARGER_GAP)


def _show(found: "WorldsPlan") -> None:
    from dmopt.rules.words import percent
    from dmopt.studies.worlds.words import short_figure, worlds_table

    currency = found.instance.settings.currency
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        "world",
        "probability",
        f"cost, {currency}",
        "made for it alone",
        "costs more by at most",
    ):
        table.add_column(name)
    for row in worlds_table(found).to_dict("records"):
        table.add_row(
            row["name"],
            percent(row["probability"]),
            *(
                short_figure(row[name])
                for name in ("cost", "alone_cost", "regret_most")
            ),
        )
    show_table(table)
