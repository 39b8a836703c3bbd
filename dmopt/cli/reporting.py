"""The command `report`: the plan of a run as a page for people, and as PDF."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmopt.cli.base import GapOption, QuietOption, TimeOption, Work
from dmopt.cli.codes import NO_PLAN
from dmopt.cli.of_run import InstanceOption, options_of
from dmopt.cli.speech import complain, tell

if TYPE_CHECKING:
    from dmopt.explaining.price import Prices
    from dmopt.report import Option

Runs = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN [RUN|STUDY]...",
        help="folder of the run it is about; then runs to set beside it, and folders "
        "that `dmopt compare` wrote",
        show_default=False,
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
    options, bare = options_of([r for r in runs if r not in studies], instance)
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
