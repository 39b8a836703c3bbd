"""The command on plans that differ: alternatives."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from dmopt.cli.base import (
    GapOption,
    JsonOption,
    QuietOption,
    RunOption,
    SeedOption,
    StudyOption,
    ThreadsOption,
    TimeOption,
    Work,
)
from dmopt.cli.codes import LARGER_GAP
from dmopt.cli.given import on_instance
from dmopt.cli.options import share
from dmopt.cli.speech import show_table, tell
from dmopt.cli.unfinished import kept_study

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.solving.result import Result
    from dmopt.studies.alternatives import Alternatives


@on_instance
def alternatives(
    instance: "Instance",
    run: RunOption = None,
    within: Annotated[
        float,
        typer.Option(parser=share, metavar="SHARE", help="how near to the best: 2%"),
    ] = "2%",  # type: ignore[assignment]
    count: Annotated[int, typer.Option(min=1, max=50, help="most alternatives")] = 5,
    leaving: Annotated[
        bool,
        typer.Option(
            "--leaving",
            help="count only sites that an earlier plan works from and this one does "
            "not: small sites added are no difference then",
        ),
    ] = False,
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: TimeOption = "45",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show plans of nearly the same cost that work from other sites, as many as can be.

    Each is the cheapest plan found of those that differ in the most sites from every
    plan before it, and says what is proven: that none within the limit differs in more.
    Ctrl-C keeps what was found; the same command goes on, also after a kill.

    \b
    Examples:
      dmopt alternatives instances/rule-town --within 5%
      dmopt alternatives my-city.xlsx --leaving --count 3 --out runs/others

    Exit codes: 0 as many as asked, or proven that there are no more; 3 fewer; 1 no
    plan; 2 bad input.
    """
    from dmopt.api import save
    from dmopt.maps.study import draw_plans
    from dmopt.studies.alternatives import alternatives as find
    from dmopt.studies.alternatives_words import (
        alternatives_object,
        alternatives_table,
        sentences,
    )

    options: dict[str, Any] = {
        "gap": gap,
        "time_limit_s": time_limit,
        "seed": seed,
        "threads": threads,
    }
    asked: dict[str, Any] = {"study": "alternatives", "run": run and str(run)}
    asked |= {"within": within, "count": count, "leaving": leaving, **options}
    kept = kept_study(instance, out, f"{instance.name}-alternatives", asked)
    with kept as study:
        with Work(instance, quiet) as work:
            study.say_what_is_there(work)

            def tell_step(text: str, done: int, of: int) -> None:
                work.say(f"  {done} of {of} found: {text}")

            def at_hand() -> "Result":
                return work.plan_at_hand(run, **options)

            question = {"plan at hand": options}
            base = (
                study.answers.answered(question, instance, at_hand, work.cancel)
                if run is None
                else at_hand()
            )
            found = find(
                instance,
                base,
                within=within,
                count=count,
                leaving=leaving,
                on_step=tell_step,
                cancel=work.cancel,
                answers=study.answers,
                **options,
            )
        about = alternatives_object(found)
        named = {f"alternative {n}": each for n, each in enumerate(found.found, 1)}
        results = {name: found.result(each) for name, each in named.items()}
        shown = [("the plan at hand", base), *results.items()]
        title = f"Plans within {100 * within:g} % that work from other sites"
        runs = {
            name.replace(" ", "-"): lambda path, result=result: save(result, path)
            for name, result in results.items()
        }
        study.write(
            work,
            about,
            {"alternatives": alternatives_table(found)},
            {
                "maps.png": lambda path: draw_plans(
                    instance, shown, title, path, found.period
                ),
                **runs,
            },
        )
        if as_json:
            print(json.dumps(about | {"folder": str(study.folder)}, allow_nan=False))
        else:
            _show_alternatives(found)
            tell(*sentences(found, count), f"written: {study.folder}")
    if len(found.found) < count and found.most > 0:
        raise typer.Exit(LARGER_GAP)


def _show_alternatives(found: "Alternatives") -> None:
    from dmopt.rules.words import figure
    from dmopt.runs.words import money
    from dmopt.studies.alternatives_words import alternatives_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    counted = "sites left" if found.leaving else "sites otherwise"
    for name in ("", counted, "at most", "cost", "more", "gap", "t CO2e"):
        table.add_column(name)
    table.add_column("works besides")
    table.add_column("works not")
    for row in alternatives_table(found).to_dict("records"):
        gap = "no bound" if row["gap"] != row["gap"] else f"{100 * row['gap']:.2g} %"
        numbers = [f"{row['number']}", f"{row['different']}", f"{row['most']:g}"]
        table.add_row(
            *(numbers if row["number"] else ["at hand", "", ""]),
            money(row["cost"], found.instance.settings),
            f"{100 * row['more']:.2g} %",
            gap,
            figure(row["emissions_t"]),
            row["opens"],
            row["shuts"],
        )
    show_table(table)
