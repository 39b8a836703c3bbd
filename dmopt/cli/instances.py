"""Commands about instances: check, convert, template."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmopt.cli.codes import NO_PLAN
from dmopt.cli.given import on_instance
from dmopt.cli.speech import aside, count, show_list, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance


@on_instance
def check(instance: "Instance") -> None:
    """Check an instance: every fault at once, then whether its figures add up.

    Exit codes: 0 no fault; 1 its figures alone say that there is no plan; 2 faults.

    \b
    Examples:
      dmopt check instances/west-midlands
      dmopt check my-city.xlsx
    """
    from dmopt.rules import make_rules

    rules = make_rules(instance)
    tell(f"{instance.name}: no faults", f"  {contents(instance)}")
    if rules:
        tell(f"  rules: {', '.join(rule.id for rule in rules)}")
    if warn_of_figures(instance):
        raise typer.Exit(NO_PLAN)


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="FROM", help="folder, .gpkg or .xlsx")
    ],
    target: Annotated[
        Path, typer.Argument(metavar="TO", help="folder, .gpkg or .xlsx, not there yet")
    ],
) -> None:
    """Write an instance in another form; nothing is lost on the way.

    \b
    Examples:
      dmopt convert instances/west-midlands city.xlsx
      dmopt convert city.xlsx city.gpkg
    """
    from dmopt.data.read import read_instance
    from dmopt.data.write import write_instance

    refuse_existing(target)
    write_instance(read_instance(source), target)
    tell(f"written: {target}")


def template(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help=".xlsx to write, not there yet")
    ],
) -> None:
    """Write an empty Excel workbook with every table and column explained.

    \b
    Examples:
      dmopt template my-city.xlsx
    """
    from dmopt.data.template import write_template

    refuse_existing(target)
    write_template(target)
    tell(f"written: {target}")


def refuse_existing(path: Path) -> None:
    """Raises a usage error where something stands already: nothing is overwritten."""
    if path.exists():
        raise typer.BadParameter(f"{path} is there already; name another or remove it")


def warn_of_figures(instance: "Instance") -> bool:
    """On stderr: where figures do not add up. Whether they rule out any plan."""
    from dmopt.data.arithmetic import arithmetic_findings

    findings = arithmetic_findings(instance)
    console = aside()
    for title, severity, style in (
        ("no plan is possible", "error", "bold red"),
        ("worth a look", "warning", "yellow"),
    ):
        messages = [each.message for each in findings if each.severity == severity]
        if messages:
            console.print(f"{title}:", style=style)
            show_list(console, messages)
    return any(each.severity == "error" for each in findings)


def contents(instance: "Instance") -> str:
    """What an instance holds, in one line."""
    people = instance.zones.population.sum()
    parts = [
        count(len(instance.zones), "zone") + f" ({people:,.0f} people)",
        count(len(instance.sites), "site"),
        count(len(instance.commodities), "commodity", "commodities"),
        count(len(instance.technologies), "technology", "technologies"),
        count(
            len(instance.infrastructure),
            "kind of infrastructure",
            "kinds of infrastructure",
        ),
        count(len(instance.periods), "period"),
    ]
    return ", ".join(parts)
