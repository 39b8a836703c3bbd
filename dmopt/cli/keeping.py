"""The command that holds an instance to an earlier plan: keep."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmopt.cli.given import on_instance
from dmopt.cli.instances import refuse_existing
from dmopt.cli.speech import count, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance


@on_instance
def keep(
    instance: "Instance",
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="folder of the run to be kept")
    ],
    target: Annotated[
        Path, typer.Argument(metavar="TO", help="folder, .gpkg or .xlsx, not there yet")
    ],
    until: Annotated[
        str,
        typer.Option(
            metavar="PERIOD",
            help="last period in which all stands as in the run  (unless given: none)",
        ),
    ] = "",
    price_of_change: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="MONEY",
            help="what each module or step of the run costs that is not there in a "
            "later period  (unless given: later periods are free)",
        ),
    ] = None,
) -> None:
    """Hold an instance to the plan of an earlier run, and write it as another instance.

    What the run has in the first periods is kept: which sites are open, which modules
    and which steps of infrastructure stand. Later periods are planned anew, at a price
    for each promise that is not kept. Who is served from where is always free. The run
    may have been made for other figures, as long as its names are still there. Solve
    what is written as any instance, and see what changed with `dmopt diff`.

    \b
    Examples:
      dmopt keep my-city.xlsx runs/last-year my-city-2.xlsx --until 2027
      dmopt keep my-city runs/last-year my-city-2 --until 2027 --price-of-change 20000
    """
    from dmopt.data.write import write_instance
    from dmopt.runs import read_plan
    from dmopt.studies.keeping import with_promises

    refuse_existing(target)
    plan = read_plan(instance, run, other_data=True)
    held = with_promises(instance, plan, until, price_of_change)
    write_instance(held, target)
    firm = int(held.promises.change_cost.isna().sum())
    tell(
        f"written: {target}",
        f"  {count(firm, 'decision')} kept, "
        f"{count(len(held.promises) - firm, 'promise')} with a price",
    )
