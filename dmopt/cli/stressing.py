"""Commands about finished plans: diff, stress."""

import json
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from dmopt.cli.base import JsonOption, QuietOption, SeedOption, StudyOption, Work
from dmopt.cli.codes import LARGER_GAP, NO_PLAN
from dmopt.cli.of_run import InstanceOption, options_of
from dmopt.cli.options import share, study_folder
from dmopt.cli.speech import complain, count, show_table, tell

if TYPE_CHECKING:
    from dmopt.report import Option
    from dmopt.studies.plan_difference import PlanDifference
    from dmopt.studies.stress.losses import Loss
    from dmopt.studies.stress.study import StressTest

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="folder of a run")]
MOST_ROWS = 15
"""Losses shown on screen; all of them are in the table."""
TELL_S = 2.0
"""Least seconds between two lines on what is tried."""


def diff(
    one: Annotated[Path, typer.Argument(metavar="RUN_A", help="folder of a run")],
    other: Annotated[Path, typer.Argument(metavar="RUN_B", help="and of another")],
    instance: InstanceOption = None,
    out: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two plans: sites, modules, flows, costs, data.

    Both may be plans of the same instance or of nearly the same one: a site that only
    one of them knows is no fault.

    \b
    Examples:
      dmopt diff runs/first runs/second
      dmopt diff runs/first runs/dear-diesel --out runs/what-diesel-does

    Exit codes: 0 done; 1 a run holds no plan; 2 bad input.
    """
    from dmopt.maps.plan_difference import draw_difference
    from dmopt.runs.study import write_study
    from dmopt.studies.plan_difference import Side, plan_difference
    from dmopt.studies.plan_difference_words import difference_object, sentences

    first, second = _with_plans([one, other], instance)
    names = _two_names(one, other)
    folder = study_folder(out, f"{first.instance.name}-difference")
    found = plan_difference(Side(names[0], first.result), Side(names[1], second.result))
    about = difference_object(found)
    write_study(
        first.instance,
        folder,
        about,
        found.tables,
        {"difference.png": lambda path: draw_difference(found, path)},
        command=shlex.join(["dmopt", *sys.argv[1:]]),
    )
    if as_json:
        print(json.dumps(about | {"folder": str(folder)}, allow_nan=False))
        return
    _show_figures(found)
    tell(*sentences(found), f"written: {folder}")


def _show_figures(found: "PlanDifference") -> None:
    """Costs by kind and indicators of both plans, side by side."""
    from dmopt.plan.called import COSTS, INDICATORS
    from dmopt.rules.words import figure

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(found.one.plan.instance.settings.currency)
    for name in (found.one.name, found.other.name, "change"):
        table.add_column(name, justify="right")
    columns = ["before", "after", "change"]
    costs = found.tables["costs"].groupby("kind", sort=False)[columns].sum()
    measures = found.tables["indicators"].set_index("indicator")[columns]
    for rows, named in (
        (costs, COSTS),
        (measures, {name: each.heading for name, each in INDICATORS.items()}),
    ):
        some = rows[(rows != 0).any(axis=1)]
        for name, values in zip(map(str, some.index), some.to_numpy(), strict=True):
            table.add_row(named[name], *map(figure, values.tolist()))
        table.add_section()
    show_table(table)


def _two_names(one: Path, other: Path) -> tuple[str, str]:
    """Folders' names; with their parents where they are the same."""
    names = one.resolve().name, other.resolve().name
    return names if names[0] != names[1] else (str(one), str(other))


LoseOption = Annotated[
    str,
    typer.Option(
        "--lose",
        metavar="WHAT",
        help="what may be lost, separated by ',': site, infrastructure, supplier, link "
        "(all from one origin to one site or to the zones of one district); or one of "
        "a kind by its id, as supplier:mill; link:mill is every link from it",
    ),
]


def separated(text: str) -> list[str]:
    """What stands between commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


def least(text: str) -> float:
    """A share up to all of it."""
    return 1.0 if text.replace(" ", "") in ("100%", "1") else share(text)


def stress(
    run: RunPath,
    lose: LoseOption = "site,infrastructure,supplier,link",
    pairs: Annotated[
        bool, typer.Option("--pairs", help="and every two of them together")
    ] = False,
    serve: Annotated[
        float,
        typer.Option(parser=least, metavar="SHARE", help="least share still served"),
    ] = "90%",  # type: ignore[assignment]  # parsed like what is typed
    instance: InstanceOption = None,
    out: StudyOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Test a finished plan: what it still serves when things are lost.

    After each loss flows are solved again with what stands: as much as can be is
    served, by value, and that in the cheapest way. Nothing is bought or built; rules
    and the least use of modules are lifted. Ctrl-C keeps what was tried.

    \b
    Examples:
      dmopt stress runs/first
      dmopt stress runs/first --lose site --pairs --serve 90%
      dmopt stress runs/first --lose supplier:mill,link:mill

    Exit codes: 0 all tried; 3 stopped or some left out, the rest is written; 1 the
    run holds no plan; 2 bad input.
    """
    from dmopt.maps.resilience import draw_bars, draw_harm
    from dmopt.runs.study import write_study
    from dmopt.studies.stress.study import stress as test
    from dmopt.studies.stress.words import (
        cases_table,
        districts_table,
        sentences,
        stress_object,
    )

    option = _with_plans([run], instance)[0]
    folder = study_folder(out, f"{option.instance.name}-stress")
    with Work(option.instance, quiet) as work:
        found = test(
            option.plan,
            separated(lose),
            pairs=pairs,
            seed=seed,
            on_case=_now_and_then(work, option),
            cancel=work.cancel,
        )
    if found is None:
        complain("stopped before anything was tried")
        raise typer.Exit(LARGER_GAP)
    about = stress_object(found, serve)
    write_study(
        option.instance,
        folder,
        about,
        {"losses": cases_table(found), "districts": districts_table(found)},
        {
            "worst.png": lambda path: draw_bars(found, serve, path),
            "harm.png": lambda path: draw_harm(found, path),
        },
        command=shlex.join(["dmopt", *sys.argv[1:]]),
    )
    if as_json:
        print(json.dumps(about | {"folder": str(folder)}, allow_nan=False))
    else:
        show_cases(found)
        tell(*sentences(found, serve), f"written: {folder}")
    if len(found.cases) < found.planned:
        raise typer.Exit(LARGER_GAP)


def show_cases(found: "StressTest") -> None:
    """The worst losses as a table."""
    from dmopt.rules.words import percent
    from dmopt.studies.stress.words import cases_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("lost", "served", "people", "worst product", "who loses"):
        table.add_column(name)
    goods = found.plan.instance.commodities.name
    rows = cases_table(found)
    for _, row in rows.head(MOST_ROWS).iterrows():
        product, share = row.worst_product, ""
        if product:
            share = f"{goods[product] or product} {percent(row.worst_product_share)}"
        table.add_row(
            row.lost,
            percent(row.served_share),
            percent(row.people_share),
            share,
            _shortened(row.districts),
        )
    show_table(table)
    if len(rows) > MOST_ROWS:
        tell(f"the worst {MOST_ROWS} of {len(rows):,}; all are in losses.csv")


def _shortened(districts: str) -> str:
    from dmopt.studies.stress.words import MOST_DISTRICTS

    names = districts.split("; ")
    more = len(names) - MOST_DISTRICTS
    return ", ".join(names[:MOST_DISTRICTS]) + (f" and {more} more" if more > 0 else "")


def _now_and_then(
    work: Work, option: "Option"
) -> Callable[[int, int, tuple["Loss", ...]], None]:
    """Tells what is tried, at most once in `TELL_S`."""
    last = -TELL_S

    def told(number: int, of: int, losses: tuple["Loss", ...]) -> None:
        nonlocal last
        if number and time.monotonic() - last < TELL_S:
            return
        last = time.monotonic()
        lost = " and ".join(each.says(option.instance) for each in losses)
        work.say(f"  {number + 1:,} of {of:,}: {lost}")

    return told


def _with_plans(runs: list[Path], instance: Path | None) -> list["Option"]:
    """The runs, checked as `dmopt verify` checks them; ends the command where one has
    no plan. Raises InstanceError naming every fault."""
    from dmopt.runs import read_run

    for run in runs:
        read_run(run)
    options, _ = options_of(runs, instance)
    without = [
        run
        for run, option in zip(runs, options, strict=True)
        if option.result.plan is None
    ]
    if without:
        complain(f"{count(len(without), 'run')} without a plan", without)
        raise typer.Exit(NO_PLAN)
    return options
