"""The command on plans that withstand losses: withstand."""

import json
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dmopt.cli.base import (
    GapOption,
    JsonOption,
    QuietOption,
    SeedOption,
    StudyOption,
    ThreadsOption,
    Work,
)
from dmopt.cli.codes import LARGER_GAP, NO_PLAN
from dmopt.cli.given import on_instance
from dmopt.cli.options import seconds, study_folder
from dmopt.cli.speech import complain, tell
from dmopt.cli.stressing import LoseOption, least, separated, show_cases

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.studies.withstand.plan import OnRound, Round


@on_instance
def withstand(
    instance: "Instance",
    serve: Annotated[
        float,
        typer.Option(
            parser=least,
            metavar="SHARE",
            help="least share of demand, by value, that any one loss leaves served",
        ),
    ] = "80%",  # type: ignore[assignment]  # parsed like what is typed
    lose: LoseOption = "site,infrastructure",
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit", parser=seconds, metavar="SECONDS", help="most time for all"
        ),
    ] = "300",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the cheapest plan that still serves enough when any one thing is lost.

    Plans are made and stress tested in turn (as `dmopt stress` does), until one holds:
    each loss that leaves too little becomes a row of the model. Says which loss is the
    worst then, and what the promise costs. Ctrl-C keeps what is known.

    \b
    Examples:
      dmopt withstand instances/rule-town --serve 60%
      dmopt withstand my-city.xlsx --serve 90% --lose site --out runs/firm
      dmopt withstand my-city.xlsx --serve 75% --lose site,supplier:mill,link

    Exit codes: 0 a plan that holds, within the gap asked for; 3 one with a larger gap;
    1 none; 2 bad input.
    """
    from dmopt.api import save
    from dmopt.maps.resilience import draw_bars
    from dmopt.runs.study import write_study
    from dmopt.studies.withstand.plan import withstand as find
    from dmopt.studies.withstand.words import (
        losses_table,
        rounds_table,
        sentences,
        withstand_object,
    )

    folder = study_folder(out, f"{instance.name}-withstanding")
    with Work(instance, quiet) as work:
        found = find(
            instance,
            serve,
            separated(lose),
            gap=gap,
            time_limit_s=time_limit,
            seed=seed,
            threads=threads,
            on_round=_telling(work),
            cancel=work.cancel,
        )
    about = withstand_object(found)
    test = None if found.best is None else found.best.test
    if test is None:
        if as_json:
            print(json.dumps(about, allow_nan=False))
        for line in sentences(found):
            complain(line)
        raise typer.Exit(NO_PLAN)
    result = found.result
    write_study(
        instance,
        folder,
        about,
        {"rounds": rounds_table(found), "losses": losses_table(found)},
        {
            "plan": lambda path: save(result, path),
            "worst.png": lambda path: draw_bars(test, serve, path),
        },
        command=shlex.join(["dmopt", *sys.argv[1:]]),
    )
    if as_json:
        print(json.dumps(about | {"folder": str(folder)}, allow_nan=False))
    else:
        show_cases(test)
        tell(*sentences(found), f"written: {folder}")
    if result.status != "optimal":
        raise typer.Exit(LARGER_GAP)


def _telling(work: Work) -> "OnRound":
    """Tells at each round what the one before has come to."""

    def told(number: int, before: Sequence["Round"]) -> None:
        after = "the cheapest plan, whatever is lost"
        if before:
            failed = len(before[-1].failed)
            some = f"{failed} loss{'es' if failed != 1 else ''} left too little"
            after = some if failed else "the plan holds, and more is to be proven"
        work.say(f"  round {number + 1}: {after}")

    return told
