"""The command on trade-offs: frontier."""

import json
from typing import TYPE_CHECKING, Annotated, Any

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
from dmopt.cli.speech import show_table, tell
from dmopt.cli.unfinished import kept_study

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.studies.frontier.frontier import Frontier, Point
    from dmopt.studies.frontier.objective import Objective

NO_PLAN = {
    "none": "no plan",
    "not found": "no plan found",
    "rejected": "left out, see below",
}
"""Status of a point without a plan -> what is said of it."""
NAMES = "emissions, access, worst_served, jobs, trips, public_money, backup"


@on_instance
def frontier(
    instance: "Instance",
    against: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help=f"what cost is traded against, one or two separated by ',': {NAMES}",
        ),
    ] = "emissions",
    points: Annotated[
        int, typer.Option(min=2, max=50, help="figures of each, both ends among them")
    ] = 8,
    dearest: Annotated[
        float,
        typer.Option(
            metavar="TIMES",
            min=0.01,
            max=100,
            help="how far to go: until a further 1 % costs so many % more",
        ),
    ] = 3.0,
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "45",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Trade cost against emissions, access, jobs ...: what each step costs at least.

    Every point is a plan with a rule more, each a little tighter than the one before,
    and says how far it is proven. As much of each product is delivered in all of them
    as in the cheapest plan. What solves leave over of their time goes to the points
    that did not reach the gap. Killed or stopped, the same command goes on where it
    was.

    \b
    Examples:
      dmopt frontier instances/case-makerspaces
      dmopt frontier my-city.xlsx --against access --points 12
      dmopt frontier instances/west-midlands --points 12 --dearest 10
      dmopt frontier my-city.xlsx --against emissions,jobs --points 5 --out runs/traded

    Exit codes: 0 every point within the gap asked for; 3 some with a larger gap; 1 no
    plan; 2 bad input.
    """
    from dmopt.maps.frontier import draw_frontier
    from dmopt.studies.frontier.frontier import frontier as find

    objectives = _objectives(against)
    asked = {"study": "frontier", "against": against, "points": points}
    asked |= {"dearest": dearest, "gap": gap, "time_limit": time_limit}
    asked |= {"seed": seed, "threads": threads}
    name = f"{instance.name}-frontier"
    with kept_study(instance, out, name, asked) as study:
        with Work(instance, quiet) as work:
            study.say_what_is_there(work)

            def tell_point(text: str, done: int, of: int) -> None:
                work.say(f"  {done + 1} of {of}: {text}")

            found = find(
                instance,
                objectives,
                points=points,
                gap=gap,
                time_limit_s=time_limit,
                dearest=dearest,
                seed=seed,
                threads=threads,
                on_point=tell_point,
                cancel=work.cancel,
                answers=study.answers,
            )
        if not found.points:
            study.end(work)
            if as_json:
                print(json.dumps(_object(found), allow_nan=False))
            end_without_plan(found.status)
        about = _object(found)
        study.write(
            work,
            about,
            {"frontier": _frame(found)},
            {"frontier.png": lambda path: draw_frontier(found, path)},
        )
        if as_json:
            print(json.dumps(about | {"folder": str(study.folder)}, allow_nan=False))
        else:
            _show(instance, found)
            tell(f"written: {study.folder}")
    if any(p.status not in ("proven", "none") for p in found.points):
        raise typer.Exit(LARGER_GAP)


def _objectives(text: str) -> list["Objective"]:
    from dmopt.studies.frontier.objective import OBJECTIVES

    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in OBJECTIVES]
    if wrong or not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        read = repr(wrong[0]) if wrong else repr(text)
        raise typer.BadParameter(f"{read}: one or two expected of {NAMES}")
    return [OBJECTIVES[name] for name in names]


def _frame(found: "Frontier") -> Any:
    import pandas as pd

    return pd.DataFrame([_row(found, point) for point in found.points])


def _row(found: "Frontier", point: "Point") -> dict[str, Any]:
    names = [each.name for each in found.objectives]
    attained = point.attained or (None,) * len(names)
    return {
        **{f"{n}_asked": v for n, v in zip(names, point.figures, strict=True)},
        **dict(zip(names, attained, strict=True)),
        "cost": point.cost,
        "bound": point.bound,
        "gap": point.gap,
        "status": point.status,
        "dominated": point.dominated,
    }


def _object(found: "Frontier") -> dict[str, Any]:
    from dmopt.runs.plain import plain
    from dmopt.studies.frontier.volume import volumes
    from dmopt.studies.rejected import as_rows

    covered = volumes(found)
    return {
        "objectives": [
            {"name": o.name, "unit": o.unit, "rule": o.rule, "cheapest_plan": loose,
             "best_found": tight}
            for o, (loose, tight) in zip(found.objectives, found.ends, strict=True)
        ],
        "served": [
            {"product": c, "period": t, "share": share}
            for (c, t), share in found.served.items()
        ],
        "status": found.status,
        "gap_asked": found.gap,
        "points": plain({"points": _frame(found)})["points"],
        "rejected": as_rows(found.rejected),
        "hypervolume": None if covered is None else plain(
            {"least": covered[0], "most": covered[1]}
        ),
    }  # fmt: skip


def _show(instance: "Instance", found: "Frontier") -> None:
    from dmopt.rules.words import figure
    from dmopt.runs.words import money
    from dmopt.studies.rejected import sentence

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for each in found.objectives:
        table.add_column(f"{each.name.replace('_', ' ')}, {each.unit}")
    for name in ("cost", "gap", ""):
        table.add_column(name)
    for point in found.points:
        asked = [figure(value) for value in point.attained or point.figures]
        if point.cost is None:
            table.add_row(*asked, NO_PLAN[point.status], "", "")
            continue
        words = [] if point.status == "proven" else ["not proven within the gap"]
        words += ["a tighter step costs no more"] if point.dominated else []
        gap = "no bound" if point.gap is None else f"{100 * point.gap:.2g} %"
        table.add_row(
            *asked, money(point.cost, instance.settings), gap, "; ".join(words)
        )
    show_table(table)
    for each, (loose, tight) in zip(found.objectives, found.ends, strict=True):
        tell(
            f"{each.name.replace('_', ' ')}: from {figure(loose)} of the cheapest plan "
            f"to {figure(tight)}, the best found ({each.unit})."
        )
    if found.rejected:
        tell(sentence(found.rejected))
