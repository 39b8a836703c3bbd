"""Commands that compare ways to produce: compare, breakeven."""

import json
import shlex
import sys
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
)
from dmopt.cli.codes import NO_PLAN
from dmopt.cli.given import on_instance
from dmopt.cli.options import study_folder
from dmopt.cli.speech import show_table, tell
from dmopt.cli.unfinished import kept_study

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.studies.breakeven import Breakeven
    from dmopt.studies.compare import Comparison

ALL_MODELS = "free,distributed,multi_domestic,indigenous,centralised,hybrid"


@on_instance
def compare(
    instance: "Instance",
    models: Annotated[
        str,
        typer.Option(
            metavar="NAMES", help="models, separated by ','; a .toml path is your own"
        ),
    ] = ALL_MODELS,
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "45",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare ways to produce: who wins for which product, and why.

    Demand, sites, costs and emission factors are the same in all of them; only rules
    differ. A margin smaller than the gaps is said not to be certain. Killed or stopped,
    the same command goes on where it was.

    \b
    Examples:
      dmopt compare instances/case-bread
      dmopt compare instances/west-midlands --gap 1% --time-limit 45 --out runs/compared
      dmopt compare my-city.xlsx --models distributed,centralised,my-model.toml
    """
    from dmopt.maps.study import draw_comparison
    from dmopt.studies.compare import compare as compare_models
    from dmopt.studies.tables import comparison_object, comparison_table, product_table

    names = [name.strip() for name in models.split(",") if name.strip()]
    asked = {"study": "compare", "models": names, "gap": gap}
    asked |= {"time_limit": time_limit, "seed": seed, "threads": threads}
    kept = kept_study(instance, out, f"{instance.name}-compared", asked)
    with kept as study:
        with Work(instance, quiet) as work:
            study.say_what_is_there(work)
            found = compare_models(
                instance,
                names,
                gap=gap,
                time_limit_s=time_limit,
                seed=seed,
                threads=threads,
                on_model=lambda name: work.say(f"solving {name}"),
                cancel=work.cancel,
                answers=study.answers,
            )
        about = comparison_object(found)
        study.write(
            work,
            about,
            {"comparison": comparison_table(found), "products": product_table(found)},
            {"maps.png": lambda path: draw_comparison(found, path)},
        )
        if as_json:
            print(json.dumps(about | {"folder": str(study.folder)}, allow_nan=False))
        else:
            _show(found)
            tell(f"written: {study.folder}")
    if not found.verdicts:
        raise typer.Exit(NO_PLAN)


def _show(found: "Comparison") -> None:
    from dmopt.plan.called import INDICATORS
    from dmopt.rules.words import percent
    from dmopt.runs.words import badge, quantity
    from dmopt.studies.tables import product_table, sentences

    entries, settings = found.entries, found.instance.settings
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_unit_of_money(found), no_wrap=True)
    for entry in entries:
        table.add_column(entry.label, justify="right", no_wrap=True)

    def row(name: str, values: list[float | None], words: Any = _short) -> None:
        if any(value for value in values):
            table.add_row(name, *(_or(value, words) for value in values))

    table.add_row("result", *(badge(e.result).replace("proven ", "") for e in entries))
    row("cost", [e.result.cost for e in entries])
    row("no plan costs less", [e.result.bound for e in entries])
    for kind in dict.fromkeys(k for e in entries for k in e.cost_kinds):
        row(f"  {kind}", [e.cost_kinds.get(kind) for e in entries])
        if kind == "infrastructure":
            for part in dict.fromkeys(k for e in entries for k in e.shared):
                row(f"    of it {part}", [e.shared.get(part) for e in entries])
    for name in dict.fromkeys(k for e in entries for k in e.indicators):
        called = INDICATORS[name]
        words = percent if called.unit == "share" else quantity
        said = called.heading[0].lower() + called.heading[1:]
        row(said, [e.indicators.get(name) for e in entries], words)
    products = product_table(found)
    for product in dict.fromkeys(products["product"] if len(products) else []):
        mine = products[products["product"] == product].set_index("model")
        unit = found.instance.commodities.unit[product]
        about = f"{product}, {settings.currency} a {unit}"
        row(about, [mine.cost_per_unit.get(e.name) for e in entries], quantity)
        missed = [mine.unmet_share.get(e.name) for e in entries]
        row("  share of it unmet", missed, quantity)
    show_table(table)
    tell(*sentences(found))
    tell("The rules of the models are reconstructed, not quoted: see `dmopt rules`.")


def _unit_of_money(found: "Comparison") -> str:
    settings = found.instance.settings
    over = "present value" if settings.money == "discounted" else "a year"
    return f"{settings.currency} {over}"


def _short(value: float) -> str:
    """Money without its currency: 29.1 m, 480 k."""
    from dmopt.runs.words import quantity

    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{quantity(value / size)} {letter}"
    return quantity(value)


def _or(value: float | None, words: Any) -> str:
    return "" if value is None or value != value else words(value)


@on_instance
def breakeven(
    instance: "Instance",
    over: Annotated[
        str,
        typer.Option(
            metavar="WHAT",
            help="transport_price, emission_price, machine_price, crew or volume",
        ),
    ],
    values: Annotated[
        str,
        typer.Option(
            metavar="NUMBERS",
            help="values to begin with, separated by ','  "
            "(unless given: a quarter to four times today; emission prices 0 to 500)",
        ),
    ] = "",
    models: Annotated[
        str, typer.Option(metavar="NAMES", help="models, separated by ','")
    ] = "distributed,multi_domestic,indigenous,centralised",
    out: StudyOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: TimeOption = "30",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find where the winning model changes as a price or a quantity does.

    \b
    Examples:
      dmopt breakeven instances/case-bread --over transport_price
      dmopt breakeven my-city.xlsx --over emission_price --values 0,100,300
    """
    from dmopt.maps.study import draw_breakeven
    from dmopt.runs.study import write_study
    from dmopt.studies.breakeven import OVER
    from dmopt.studies.breakeven import breakeven as find

    if over not in OVER:
        raise typer.BadParameter(f"{over!r} is not one of {', '.join(OVER)}")
    folder = study_folder(out, f"{instance.name}-{over.replace('_', '-')}")
    with Work(instance, quiet) as work:
        found = find(
            instance,
            over,
            values=_numbers(values),
            models=[name.strip() for name in models.split(",") if name.strip()],
            gap=gap,
            time_limit_s=time_limit,
            seed=seed,
            threads=threads,
            on_model=lambda value, name: work.say(f"{over} {value:g}: {name}"),
            cancel=work.cancel,
        )
    about = _breakeven_object(found)
    write_study(
        instance,
        folder,
        about,
        {"breakeven": found.table},
        {"breakeven.png": lambda path: draw_breakeven(instance, found, path)},
        command=shlex.join(["dmopt", *sys.argv[1:]]),
    )
    if as_json:
        print(json.dumps(about | {"folder": str(folder)}, allow_nan=False))
        return
    _show_breakeven(instance, found)
    tell(f"written: {folder}")


def _numbers(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not numbers separated by ','") from None
    if found and (len(found) < 2 or min(found) < 0):
        raise typer.BadParameter("at least two values, none below 0")
    return found


def _breakeven_object(found: "Breakeven") -> dict[str, Any]:
    from dmopt.runs.plain import plain
    from dmopt.studies.rejected import as_rows

    return {
        "over": found.over,
        "unit": found.unit,
        "table": plain({"table": found.table})["table"],
        "changes": [
            {
                "low": each.low,
                "high": each.high,
                "before": each.before,
                "after": each.after,
                "certain": each.certain,
            }
            for each in found.changes
        ],
        "rejected": as_rows(found.rejected),
    }


def _show_breakeven(instance: "Instance", found: "Breakeven") -> None:
    from dmopt.runs.words import money
    from dmopt.studies.rejected import sentence

    if found.rejected:
        tell(sentence(found.rejected))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    models = list(dict.fromkeys(found.table.model))
    for name in (found.unit, *models, "cheapest"):
        table.add_column(name)
    for value, rows in found.table.groupby("value"):
        rows = rows.set_index("model")
        best = [name for name in models if rows.wins[name]]
        sure = "" if rows.certain.all() else " (not certain)"
        cells = [
            _or(rows.cost[m], lambda v: money(v, instance.settings)) for m in models
        ]
        table.add_row(f"{value:.3g}", *cells, f"{best[0] if best else 'none'}{sure}")
    show_table(table)
    if not found.changes:
        tell("The same model is cheapest over the whole range.")
    for each in found.changes:
        sure = "" if each.certain else ", not certain within the gaps"
        tell(
            f"Between {each.low:.3g} and {each.high:.3g} ({found.unit}) the cheapest "
            f"goes from {each.before or 'none'} to {each.after or 'none'}{sure}."
        )
