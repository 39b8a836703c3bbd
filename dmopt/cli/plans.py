"""Commands about the plan of a run: verify, map."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmopt.cli.codes import NO_PLAN
from dmopt.cli.given import on_instance
from dmopt.cli.speech import complain, count, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance

RunPath = Annotated[
    Path, typer.Argument(metavar="RUN", help="folder of a run", show_default=False)
]


@on_instance
def verify(instance: "Instance", run: RunPath) -> None:
    """Check the plan of a run against an instance and its rules, without the solver.

    Every row, cost and indicator is computed anew. Exit code 0: the plan keeps every
    row and rule, and plan.json states what it costs and brings; 1: it does not, and
    each breach is named; 2: instance or run cannot be read.

    \b
    Examples:
      dmopt verify instances/west-midlands runs/first
    """
    from dmopt.plan.costs import total_cost
    from dmopt.plan.verify import verify as broken_rows
    from dmopt.rules import make_rules
    from dmopt.runs import misstated, read_plan
    from dmopt.runs.words import money

    rules = make_rules(instance)
    plan = read_plan(instance, run)
    if violations := broken_rows(instance, plan, rules):
        complain(f"the plan breaks {count(len(violations), 'row')}", violations)
        raise typer.Exit(NO_PLAN)
    if wrong := misstated(plan, run):
        complain(f"plan.json misstates {count(len(wrong), 'figure')}", wrong)
        raise typer.Exit(NO_PLAN)
    tell(
        f"{instance.name}: the plan keeps every row"
        + (f" and {count(len(rules), 'rule')}" if rules else ""),
        f"  cost {money(total_cost(plan), instance.settings)}",
    )


@on_instance
def draw(
    instance: "Instance",
    run: RunPath,
    target: Annotated[Path, typer.Argument(metavar="PNG", help="picture to write")],
    access: Annotated[
        bool,
        typer.Option("--access", help="shade zones by the way to the nearest site"),
    ] = False,
) -> None:
    """Draw the plan of a run again, for example shaded by access.

    \b
    Examples:
      dmopt map instances/west-midlands runs/first access.png --access
    """
    from dmopt.maps.static import write_map
    from dmopt.runs import read_result

    result = read_result(instance, run)
    if result.plan is None:
        tell(f"{run} holds no plan: nothing to draw")
        raise typer.Exit(NO_PLAN)
    write_map(
        result.plan, target, result=result, shade="access" if access else "demand"
    )
    tell(f"written: {target}")
