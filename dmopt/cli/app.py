"""The program `dmopt`: its commands, and what it does with errors.

Modules that take long to import (pandas, Pyomo, matplotlib) are imported inside the
commands that use them, so that help comes at once.
"""

import os
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dmopt.cli import (
    comparing,
    differing,
    explaining,
    importing,
    instances,
    keeping,
    planning_worlds,
    plans,
    preferring,
    region,
    reporting,
    ruling,
    screening,
    serving,
    solving,
    stressing,
    sweeping,
    trading,
    whatif,
    withstanding,
)
from dmopt.cli.codes import BAD_INPUT, INTERRUPTED, NO_PLAN
from dmopt.cli.speech import complain, count
from dmopt.errors import InstanceError, PlanRejected
from dmopt.garbage import look_seldom


class Commands(TyperGroup):
    """Turns what users can cause into a message and an exit code, no traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except InstanceError as error:
            complain(f"{count(len(error.faults), 'fault')} in the input", error.faults)
            code = BAD_INPUT
        except PlanRejected as error:
            complain(
                "the plan found did not pass its own check, so it is not handed out; "
                "this is a fault of the program",
                error.violations,
            )
            code = NO_PLAN
        except OSError as error:
            what = error.strerror or str(error)
            complain(f"{error.filename}: {what}" if error.filename else what)
            code = BAD_INPUT
        except KeyboardInterrupt:
            complain("stopped")
            code = INTERRUPTED
        raise typer.Exit(code)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(instances.check)
app.command("convert")(instances.convert)
app.command("template")(instances.template)
app.command("region")(region.region)
app.command("solve")(solving.solve)
app.command("keep")(keeping.keep)
app.command("verify")(plans.verify)
app.command("map")(plans.draw)
app.command("report")(reporting.report)
app.command("rules")(ruling.rules)
app.command("whatif")(whatif.whatif)
app.command("compare")(comparing.compare)
app.command("explain")(explaining.explain)
app.command("price")(explaining.price)
app.command("why")(explaining.why)
app.command("firm")(explaining.firm)
app.command("breakeven")(comparing.breakeven)
app.command("frontier")(trading.frontier)
app.command("screen")(screening.screen)
app.command("worlds")(planning_worlds.worlds)
app.command("prefer")(preferring.prefer)
app.command("alternatives")(differing.alternatives)
app.command("sweep")(sweeping.sweep)
app.command("runs")(sweeping.runs)
app.command("diff")(stressing.diff)
app.command("stress")(stressing.stress)
app.command("withstand")(withstanding.withstand)
app.command("serve")(serving.serve)
app.add_typer(importing.app, name="import")


def _show_version(wanted: bool) -> None:
    if wanted:
        from dmopt import __version__

        typer.echo(f"dmopt {__version__}")
        raise typer.Exit


@app.callback()
def dmopt(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Plan local micro-factories for a city region.

    Which sites open, with which modules and shared infrastructure, when, and
    who is served from where - with a proof of how good the plan is.

    \b
    Examples:
      dmopt check instances/west-midlands
      dmopt solve instances/west-midlands --gap 1% --time-limit 60
      dmopt compare instances/case-bread
      dmopt COMMAND --help

    Exit codes: 0 done, plan within the gap asked for; 3 plan with a larger gap;
    1 no plan; 2 bad input.
    """


def main() -> None:
    """Entry point of the program."""
    look_seldom()
    try:
        app(prog_name="dmopt")
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            # A solver that still runs in its thread would hold up a normal exit.
            os._exit(INTERRUPTED)
        raise
