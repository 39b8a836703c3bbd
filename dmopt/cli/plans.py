"""Commands about the plan of a run: verify, map."""

import math
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
def verify(
    instance: "Instance",
    run: RunPath,
    bound: Annotated[
        bool,
        typer.Option("--bound", help="check the proof of the bound too"),
    ] = False,
    resolve: Annotated[
        bool,
        typer.Option(
            "--resolve",
            help="and solve again what rests on the solver's own bound",
        ),
    ] = False,
    time_limit: Annotated[
        float,
        typer.Option("--time-limit", help="seconds for each part solved again", min=0),
    ] = 600.0,
) -> None:
    """Check the plan of a run against an instance and its rules, without the solver.

    Every row, cost and indicator is computed anew. With --bound, so is the proof that
    no plan costs less: prices of rows are multiplied out over all zones and arcs, and
    the parts that divide all plans are seen to leave none out.

    Exit code 0: the plan keeps every row and rule, plan.json states what it costs and
    brings, and the bound holds; 1: not so, and each breach is named; 2: instance or
    run cannot be read.

    \b
    Examples:
      dmopt verify instances/west-midlands runs/first
      dmopt verify instances/west-midlands runs/first --bound
      dmopt verify instances/west-midlands runs/first --bound --resolve
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
    if bound or resolve:
        _verify_bound(instance, run, time_limit if resolve else None)


def _verify_bound(instance: "Instance", run: Path, time_limit: float | None) -> None:
    """Check the certificate of a run; exits with 1 where it does not hold."""
    from dmopt.rules import make_rules
    from dmopt.runs import read_result
    from dmopt.runs.words import money
    from dmopt.solving.again import check_bound
    from dmopt.solving.builder import make_problem
    from dmopt.solving.highs import Limits
    from dmopt.solving.outcome import FAR_OFF
    from dmopt.solving.result import WORLDS_PATH

    result = read_result(instance, run)
    if result.path == WORLDS_PATH:
        tell(
            "  the plan was decided for several worlds at once: what is proven is the "
            "bound on all of them together, in study.json of that study, and of a kind "
            "that cannot be checked again; of this world alone nothing is proven"
        )
        raise typer.Exit(NO_PLAN)
    if result.certificate is None or result.bound is None:
        tell("  the run holds no certificate of its bound: nothing to check")
        raise typer.Exit(NO_PLAN)
    problem = make_problem(instance, make_rules(instance))
    limits = None if time_limit is None else Limits(time_limit, 0.0)
    checked = check_bound(problem, result.certificate, limits)
    faults = list(checked.faults)
    if not faults and result.bound > checked.bound + 1e-9 * abs(checked.bound):
        faults.append(
            f"plan.json states a bound of {result.bound:.12g}, the certificate "
            f"proves {checked.bound:.12g}"
        )
    most = math.inf if result.cost is None else result.cost
    if not faults and checked.bound > most + FAR_OFF * max(1.0, abs(most)):
        faults.append(
            f"it proves that no plan costs less than {checked.bound:.12g}, "
            f"and the plan costs {most:.12g}"
        )
    if faults:
        complain(f"the bound does not hold: {count(len(faults), 'fault')}", faults)
        raise typer.Exit(NO_PLAN)
    settings = instance.settings
    parts = f"{count(checked.parts, 'part')} that leave no plan out"
    tell(
        f"  no plan costs less than {money(checked.arithmetic, settings)}: "
        f"arithmetic, in {parts}"
    )
    if checked.trusting:
        how = (
            "said so again" if checked.confirmed else "was not asked again (--resolve)"
        )
        tell(
            f"  nor less than {money(result.bound, settings)}, as the solver said for "
            f"{checked.trusting} of them, of a program shown to leave no plan out; "
            f"it {how}"
        )
    if checked.unconfirmed:
        complain("the solver did not say so again", checked.unconfirmed)
        raise typer.Exit(NO_PLAN)


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
