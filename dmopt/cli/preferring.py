"""The command on an order of what matters: prefer."""

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
from dmopt.cli.speech import show_table, tell
from dmopt.cli.trading import NAMES
from dmopt.cli.unfinished import kept_study

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.studies.frontier.objective import Objective
    from dmopt.studies.frontier.preference import Preference


@on_instance
def prefer(
    instance: "Instance",
    order: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help=f"what matters, most first, separated by ',': {NAMES}, cost (last "
            "unless named)",
        ),
    ],
    slack: Annotated[
        float,
        typer.Option(
            parser=share,
            metavar="SHARE",
            help="how much worse than its best a figure may be later on",
        ),
    ] = "1%",  # type: ignore[assignment]  # parsed like what is typed
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: TimeOption = "45",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Plan by an order of what matters: the best of the first, then of the second ...

    The best figure of each is looked for with all before it held, and what no plan can
    go beyond is proven as far as the time allows. Each stage then shows what holding
    its figure costs at least. As much of each product is delivered in all plans as in
    the cheapest one. Ctrl-C keeps what is known; the same command goes on, also after
    a kill.

    \b
    Examples:
      dmopt prefer instances/rule-town --order access,emissions,cost
      dmopt prefer my-city.xlsx --order cost,jobs --slack 5% --out runs/preferred

    Exit codes: 0 every stage proven within the gap asked for; 3 some not; 1 no plan;
    2 bad input.
    """
    from dmopt.api import save
    from dmopt.studies.frontier.preference import prefer as find
    from dmopt.studies.frontier.preference_words import (
        preference_object,
        sentences,
        stages_table,
    )

    wanted = _order(order)
    asked = {"study": "prefer", "order": order, "slack": slack, "gap": gap}
    asked |= {"time_limit": time_limit, "seed": seed, "threads": threads}
    kept = kept_study(instance, out, f"{instance.name}-preferred", asked)
    with kept as study:
        with Work(instance, quiet) as work:
            study.say_what_is_there(work)

            def tell_step(text: str, done: int, of: int) -> None:
                work.say(f"  {done} of {of} stages done: {text}")

            found = find(
                instance,
                wanted,
                slack=slack,
                gap=gap,
                time_limit_s=time_limit,
                seed=seed,
                threads=threads,
                on_step=tell_step,
                cancel=work.cancel,
                answers=study.answers,
            )
        about, result = preference_object(found), found.result
        if result is None:
            study.end(work)
            if as_json:
                print(json.dumps(about, allow_nan=False))
            end_without_plan(found.cheapest.status)
        study.write(
            work,
            about,
            {"stages": stages_table(found)},
            {"plan": lambda path: save(result, path)},
        )
        if as_json:
            print(json.dumps(about | {"folder": str(study.folder)}, allow_nan=False))
        else:
            _show_stages(found)
            tell(*sentences(found), f"written: {study.folder}")
    if not (found.is_complete and all(stage.proven for stage in found.stages)):
        raise typer.Exit(LARGER_GAP)


def _order(text: str) -> list["Objective | str"]:
    from dmopt.studies.frontier.objective import OBJECTIVES
    from dmopt.studies.frontier.preference import COST

    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in (*OBJECTIVES, COST)]
    if wrong or not set(names) - {COST} or len(set(names)) < len(names):
        read = repr(wrong[0]) if wrong else repr(text)
        raise typer.BadParameter(
            f"{read}: one or more expected, each once, of {NAMES}; cost may be among "
            "them"
        )
    return [OBJECTIVES.get(name, name) for name in names]


def _show_stages(found: "Preference") -> None:
    from dmopt.rules.words import figure
    from dmopt.runs.words import money
    from dmopt.studies.frontier.preference_words import called, limit_in_words

    settings = found.instance.settings
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "best found", "none beyond", "held at", "cost then", "gap"):
        table.add_column(name)
    for stage in found.stages:
        each = stage.objective
        name = called(stage.name) + (f", {each.unit}" if each else "")
        gap = "no bound" if stage.gap is None else f"{100 * stage.gap:.2g} %"
        best, held = figure(stage.value), figure(stage.held)
        limit, cost = limit_in_words(stage), money(stage.cost, settings)
        table.add_row(name, best, limit, held, cost, gap)
    show_table(table)
