"""The command `report`: the plan of a run as a page for people, and as PDF."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmopt.cli.base import GapOption, QuietOption, TimeOption, Work
from dmopt.cli.codes import NO_PLAN
from dmopt.cli.given import OPTIONS, read_given
from dmopt.cli.speech import complain, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.explaining.price import Prices
    from dmopt.report import Option

THIS_PLAN = "This plan"
Runs = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN [RUN|STUDY]...",
        help="folder of the run it is about; then runs to set beside it, and folders "
        "that `dmopt compare` wrote",
        show_default=False,
    ),
]
InstanceOption = Annotated[
    Path | None,
    typer.Option(
        "--instance",
        metavar="INSTANCE",
        help="the data that were solved  (unless given: as the run's own command "
        "names them, seen from here)",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(metavar="HTML", help="file to write  (unless given: RUN.html)"),
]
PriceOption = Annotated[
    bool, typer.Option("--price", help="work out the price of each rule now")
]
PricesOption = Annotated[
    Path | None,
    typer.Option(metavar="JSON", help="prices that `dmopt price --json` printed"),
]


def report(
    runs: Runs,
    instance: InstanceOption = None,
    out: OutOption = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="also print it to PDF, beside the page")
    ] = False,
    price: PriceOption = False,
    prices: PricesOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "60",  # type: ignore[assignment]
    static: Annotated[
        bool, typer.Option("--static", help="without the interactive map: smaller")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Write the report of a plan: one page that opens from disk and prints.

    The first run is what it is about. Others are set beside it; districts are held
    against the first other run. Every figure is computed from the plan.

    \b
    Examples:
      dmopt report runs/first
      dmopt report runs/first runs/distant runs/compared --pdf
      dmopt report runs/first --instance my-city.xlsx --price --time-limit 30

    Exit codes: 0 written; 1 the run holds no plan; 2 bad input.
    """
    from dmopt.report import is_study, read_comparison, write_report

    if price and prices is not None:
        raise typer.BadParameter("--price and --prices exclude each other")
    studies = [folder for folder in runs if is_study(folder)]
    if len(studies) > 1 or runs[0] in studies:
        raise typer.BadParameter("first a run, then other runs and at most one study")
    options, bare = _options([r for r in runs if r not in studies], instance)
    if options[0].result.plan is None:
        complain(f"{runs[0]} holds no plan; `dmopt explain` says why")
        raise typer.Exit(NO_PLAN)
    known = [options[0].instance, bare]
    page = write_report(
        options[0],
        out or runs[0].with_name(f"{runs[0].resolve().name}.html"),
        others=options[1:],
        comparison=read_comparison(studies[0], known) if studies else None,
        prices=_prices(options[0], price, prices, gap, time_limit, quiet),
        interactive=not static,
        command=shlex.join(["dmopt", *sys.argv[1:]]),
    )
    tell(f"written: {page}")
    if pdf:
        from dmopt.report.printing import print_pdf

        tell(f"written: {print_pdf(page, page.with_suffix('.pdf'))}")


def _prices(
    option: "Option",
    price: bool,
    prices: Path | None,
    gap: float,
    time_limit: float,
    quiet: bool,
) -> "Prices | dict[str, Any] | None":
    """Prices from a file, worked out now, or none."""
    from dmopt.explaining.price import price as price_rules
    from dmopt.report import read_prices

    if prices is not None:
        return read_prices(prices)
    if not price:
        return None
    with Work(option.instance, quiet) as work:
        return price_rules(
            option.instance,
            base=option.result,
            gap=gap,
            time_limit_s=time_limit,
            on_case=lambda name: work.say(f"without {name}"),
            cancel=work.cancel,
        )


def _options(runs: list[Path], path: Path | None) -> tuple[list["Option"], "Instance"]:
    """Each run with the instance it was made for, and the first one's own instance
    before any model or change of rules.

    Raises InstanceError naming every fault of every run.
    """
    from dmopt.errors import InstanceError
    from dmopt.report import read_option

    found, faults, bare = [], [], None
    names = _names([_asked(run).get("model") for run in runs], runs)
    for run, name in zip(runs, names, strict=True):
        try:
            asked = _asked(run)
            where = path or asked.pop("instance", None) or _unknown(run)
            asked.pop("instance", None)
            given = read_given(where, **asked)
            bare = bare or read_given(where)
            found.append(read_option(given, run, name))
        except InstanceError as error:
            faults += error.faults
    if faults or bare is None:
        raise InstanceError(faults)
    return found, bare


def _asked(run: Path) -> dict[str, Any]:
    """INSTANCE and the options of rules in the command that a run says made it; empty
    where it says none, or one that is not `dmopt solve`."""
    import json

    from dmopt.cli.app import app

    try:
        about = json.loads((run / "plan.json").read_text(encoding="utf-8"))
        _, command, *words = shlex.split(about["manifest"]["command"])
        solve = typer.main.get_command(app).commands["solve"]  # type: ignore[attr-defined]
        if command != "solve":
            return {}
        asked = solve.make_context("solve", words, resilient_parsing=True).params
    except (OSError, ValueError, KeyError, TypeError, typer.TyperException):
        return {}
    wanted = {name: asked.get(name) for name in ("instance", *OPTIONS)}
    return {name: value for name, value in wanted.items() if value}


def _unknown(run: Path) -> Path:
    from dmopt.errors import Fault, InstanceError

    fault = Fault(
        str(run),
        expected="a run that says from which data it was made",
        hint="name them: --instance PATH",
    )
    raise InstanceError([fault])


def _names(models: list[str | None], runs: list[Path]) -> list[str]:
    """What the options are called: the first "This plan", others by their model where
    it tells them apart, else by their folder."""
    from dmopt.models import read_model

    names = [THIS_PLAN]
    for model, run in zip(models[1:], runs[1:], strict=True):
        if model and models.count(model) == 1:
            names.append(read_model(model).label)
        else:
            names.append(run.resolve().name)
    return names
