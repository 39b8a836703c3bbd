"""The report of a plan: gathered, drawn, written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from dmopt.data.atomic import atomic_file
from dmopt.explaining.price import Prices
from dmopt.report.assumptions import (
    counts_table,
    group_tables,
    groups,
    settings_table,
)
from dmopt.report.beside import (
    columns_of_runs,
    columns_of_study,
    options_table,
)
from dmopt.report.compliance import compliance, switched_off
from dmopt.report.districts import district_table
from dmopt.report.gains import change_table, gains_table
from dmopt.report.library import HOW, Library, find_library
from dmopt.report.mapdata import map_data
from dmopt.report.option import Option, as_option, refuse_other_accounts
from dmopt.report.page import render
from dmopt.report.picture import picture
from dmopt.report.places import infrastructure_table, sites_table
from dmopt.report.pricing import prices_table
from dmopt.report.record import files_table, log_table, made_table
from dmopt.report.summary import Known, firmness, summary, verdict_sentences
from dmopt.rules.catalogue import catalogue
from dmopt.runs.manifest import versions
from dmopt.runs.words import badge, money
from dmopt.solving.result import Result


def write_report(
    plan: Option | Result,
    path: str | Path,
    *,
    others: Sequence[Option | Result] = (),
    comparison: Mapping[str, Any] | None = None,
    prices: Prices | Mapping[str, Any] | None = None,
    interactive: bool = True,
    command: str = "",
) -> Path:
    """Write the report of a plan as one HTML file, whole or not at all.

    plan: what it is about: a result, or an option (`read_option` reads a run as one).
    others: plans set beside it; districts are held against the first of them.
    comparison: what `dmopt compare` found, as `read_comparison` reads it.
    prices: of the plan's rules, as `dmopt.price` or `read_prices` gives them.
    interactive: whether to draw the interactive map too; it needs the extra `web`,
        and without that the report says how to get it.
    command: what the user typed, for the record.
    Gives the path. Raises ValueError where there is no plan, InstanceError where the
    others or the prices do not belong to it, OSError where it cannot be written.
    """
    options = _options(plan, others)
    if options[0].result.plan is None:
        raise ValueError("there is no plan to report on; `dmopt explain` says why")
    refuse_other_accounts(options)
    library = find_library() if interactive else None
    about = _about(options, comparison, prices, library, command)
    about["missing"] = HOW if interactive and library is None else ""
    text = render(about, map_data(options[0].plan), library)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return path


def _options(plan: Option | Result, others: Sequence[Option | Result]) -> list[Option]:
    def named(number: int, each: Option | Result) -> Option:
        name = f"option {number + 1}" if number else "this plan"
        return as_option(each, name) if isinstance(each, Result) else each

    return [named(number, each) for number, each in enumerate([plan, *others])]


def _about(
    options: list[Option],
    comparison: Mapping[str, Any] | None,
    prices: Prices | Mapping[str, Any] | None,
    library: Library | None,
    command: str,
) -> dict[str, Any]:
    """All that the template shows."""
    option = options[0]
    plan, result, instance = option.plan, option.result, option.instance
    settings = instance.settings
    rows = groups(instance)
    rules = compliance(plan)
    columns = columns_of_runs(options)
    if comparison is not None:
        columns += columns_of_study(comparison, "the comparison")
    districts = district_table(plan)
    baseline = next((o for o in options[1:] if o.result.plan is not None), None)
    verdicts = [] if comparison is None else verdict_sentences(comparison, option)
    return {
        "instance": instance,
        "badge": badge(result),
        "badge_kind": _kind(result),
        "firmness": firmness(option),
        "cost": money(result.cost or 0.0, settings),
        "sections": summary(
            Known(option, districts, columns, len(options), verdicts, rules, rows)
        ),
        "pictures": {
            "demand": picture(plan, result),
            "access": picture(plan, result, "access"),
        },
        "sites": sites_table(plan),
        "infrastructure": infrastructure_table(plan),
        "options": options_table(columns, settings) if len(columns) > 1 else None,
        "verdicts": verdicts,
        "rules": rules,
        "off": switched_off(instance),
        "source": catalogue()["source"],
        "prices": None if prices is None else prices_table(option, prices),
        "gains": gains_table(districts, settings),
        "changes": baseline
        and change_table(
            districts, district_table(baseline.plan), baseline.name, settings
        ),
        "counts": counts_table(rows),
        "assumptions": list(group_tables(rows)),
        "settings": settings_table(settings),
        "made": [made_table(each) for each in options],
        "logs": [log_table(each) for each in options if each.result.log],
        "files": [files_table(each) for each in options if each.about.get("files")],
        "library": library,
        "maplibre_licence": _licence(),
        "written": datetime.now(UTC).isoformat(timespec="minutes"),
        "version": versions()["dmopt"] or "",
        "command": command,
    }


def _kind(result: Result) -> str:
    """How the badge is marked: "proven", "feasible" or "open"."""
    if result.gap is None:
        return "open"
    return "proven" if result.status == "optimal" else "feasible"


def _licence() -> str:
    return (
        files("dmopt.report")
        .joinpath("static", "maplibre-licence.txt")
        .read_text(encoding="utf-8")
    )
