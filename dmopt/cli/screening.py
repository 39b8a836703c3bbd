"""The command on uncertain figures: screen."""

import json
from typing import TYPE_CHECKING, Annotated

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
    end_without_plan,
)
from dmopt.cli.codes import LARGER_GAP
from dmopt.cli.given import on_instance
from dmopt.cli.options import share
from dmopt.cli.speech import complain, show_table, tell
from dmopt.cli.unfinished import kept_study

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.studies.screen.screen import Screening


@on_instance
def screen(
    instance: "Instance",
    trajectories: Annotated[
        int,
        typer.Option(
            min=1, max=1000, help="walks through all ranges: one step of each figure"
        ),
    ] = 10,
    half: Annotated[
        float | None,
        typer.Option(
            "--range",
            parser=share,
            metavar="SHARE",
            help="how far figures whose range the instance does not declare may lie "
            "from today, either way  (unless given: by the confidence of the rows "
            "they scale, 20% where those say nothing)",
        ),
    ] = None,
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "20",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Screen uncertain figures: which change the recommended sites most?

    So that the next survey money goes there. Prices, labour and demand move through
    their ranges (table `uncertain`) one at a time, from many places; each point is a
    plan, and each change of sites is held against the gap: it may be chance, or have
    to be. Ctrl-C keeps what is known; the same command goes on, also after a kill.

    \b
    Examples:
      dmopt screen instances/rule-town
      dmopt screen my-city.xlsx --trajectories 20 --gap 0.5%
      dmopt screen my-city.xlsx --range 30% --out runs/screened

    Exit codes: 0 every point within the gap asked for; 3 some with a larger gap, or
    stopped; 1 no plan at the likely values; 2 bad input.
    """
    from dmopt.maps.screening import draw_screening
    from dmopt.studies.screen.ranges import ranges
    from dmopt.studies.screen.screen import screen as find
    from dmopt.studies.screen.table import points_table, steps_table
    from dmopt.studies.screen.words import of_ranges, screening_object

    asked = {"study": "screen", "trajectories": trajectories, "range": half}
    asked |= {"gap": gap, "time_limit": time_limit, "seed": seed, "threads": threads}
    name = f"{instance.name}-screening"
    with kept_study(instance, out, name, asked) as study:
        with Work(instance, quiet) as work:
            study.say_what_is_there(work)
            for line in of_ranges(ranges(instance, half)):
                work.say(line)

            def tell_point(text: str, done: int, of: int) -> None:
                work.say(f"  {done + 1} of {of}: {text}")

            found = find(
                instance,
                half=half,
                trajectories=trajectories,
                gap=gap,
                time_limit_s=time_limit,
                seed=seed,
                threads=threads,
                on_point=tell_point,
                cancel=work.cancel,
                answers=study.answers,
            )
        if found.likely is None or not found.likely.has_plan:
            study.end(work)
            _end_without(found, as_json)
        about = screening_object(found)
        study.write(
            work,
            about,
            {
                "screen": found.table,
                "points": points_table(found.points, found.likely),
                "steps": steps_table(found.steps),
            },
            {"screen.png": lambda path: draw_screening(found, path)},
        )
        if as_json:
            print(json.dumps(about | {"folder": str(study.folder)}, allow_nan=False))
        else:
            _show(found)
            tell(f"written: {study.folder}")
    if not found.is_proven:
        raise typer.Exit(LARGER_GAP)


def _end_without(found: "Screening", as_json: bool) -> None:
    """There is no plan to begin from, so nothing is written."""
    from dmopt.studies.screen.words import screening_object

    if as_json:
        print(json.dumps(screening_object(found), allow_nan=False))
    if found.likely is None:
        complain("stopped before anything was known")
        raise typer.Exit(LARGER_GAP)
    end_without_plan(found.likely.status, "at the likely values")


def _show(found: "Screening") -> None:
    from dmopt.rules.words import figure, percent
    from dmopt.studies.screen.words import of_ranges, sentences, span

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    currency = found.instance.settings.currency
    for name in (
        "figure",
        "range",
        "sites changed",
        "had to",
        "left open",
        "could stay",
        "most often",
        f"cost, {currency}",
        "t CO2e",
    ):
        table.add_column(name)
    given = {each.figure: each for each in found.given}
    for row in found.table.to_dict("records"):
        parts = ("sites_changed", "had_to_change", "left_open", "could_stay")
        table.add_row(
            row["label"],
            span(given[row["figure"]]),
            *(percent(row[part]) if row["steps"] else "" for part in parts),
            ", ".join(row["flips"].split("; ")[:2]),
            *(
                "" if row[name] != row[name] else figure(row[name])
                for name in ("cost_mu_star", "emissions_mu_star")
            ),
        )
    show_table(table)
    tell(
        "Sites changed: share of the sites of two plans that only one has, mean of all "
        "steps; had to: proven. Cost and t: mean change over the whole range.",
        *of_ranges(found.ranges),
        *sentences(found),
    )
