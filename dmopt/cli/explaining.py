"""Commands that say why: explain, price, why, firm."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from dmopt.cli.base import (
    GapOption,
    JsonOption,
    QuietOption,
    RunOption,
    SeedOption,
    ThreadsOption,
    TimeOption,
    Work,
)
from dmopt.cli.codes import LARGER_GAP, NO_PLAN, OK
from dmopt.cli.given import on_instance
from dmopt.cli.options import share
from dmopt.cli.speech import show_table, tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance
    from dmopt.explaining.price import Price


@on_instance
def explain(
    instance: "Instance",
    ways: Annotated[int, typer.Option(min=1, help="ways out to look for")] = 3,
    gap: GapOption = "1%",  # type: ignore[assignment]  # parsed like what is typed
    time_limit: TimeOption = "120",  # type: ignore[assignment]
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say why there is no plan: which rules and figures collide, and ways out.

    A conflict is as small as can be, unless it says that the time ran out: without any
    one of its members there is a plan. Each way out is the least change of your own
    figures that was found in the time, with the cost after it.

    \b
    Examples:
      dmopt explain my-city.xlsx
      dmopt explain my-city.xlsx --model distributed --ways 5

    Exit codes: 0 there is a plan, nothing to explain; 1 no plan, explained; 2 bad
    input; 3 not decided in the time given.
    """
    from dmopt.explaining.conflict import explain as explain_instance
    from dmopt.explaining.words import as_object

    with Work(instance, quiet) as work:
        work.say("looking for what collides")
        found = explain_instance(
            instance,
            ways=ways,
            cost=True,
            gap=gap,
            time_limit_s=time_limit,
            cancel=work.cancel,
        )
    if as_json:
        print(json.dumps(as_object(found), allow_nan=False))
    else:
        from dmopt.runs.words import money

        tell(instance.name, *found.sentences())
        for way in found.ways:
            if way.cost is not None:
                tell(f"  {way.says()}: {money(way.cost, instance.settings)}")
    code = {True: NO_PLAN, False: OK, None: LARGER_GAP}[found.infeasible]
    raise typer.Exit(code)


@on_instance
def price(
    instance: "Instance",
    run: RunOption = None,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: TimeOption = "60",  # type: ignore[assignment]
    seed: SeedOption = 0,
    threads: ThreadsOption = 2,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Price each rule and each dimension: cost, emissions and sites without it.

    A price smaller than the gaps is said to be unknown, not made up.

    \b
    Examples:
      dmopt price my-city.xlsx --model distributed --gap 0.5%
      dmopt price my-city.xlsx --run runs/first
    """
    from dmopt.explaining.price import price as price_rules
    from dmopt.explaining.words import price_object

    options: dict[str, Any] = {
        "gap": gap,
        "time_limit_s": time_limit,
        "seed": seed,
        "threads": threads,
    }
    with Work(instance, quiet) as work:
        base = work.plan_at_hand(run, **options)
        found = price_rules(
            instance,
            base=base,
            on_case=lambda name: work.say(f"without {name}"),
            cancel=work.cancel,
            **options,
        )
    if as_json:
        print(json.dumps(price_object(found), allow_nan=False))
        return
    table = _table(
        "rule", "price", "cost without", "emissions", "sites", "what it asks"
    )
    for each in found.prices:
        table.add_row(*_price_row(instance, each))
    show_table(table)
    tell(f"{found.solves} solves besides the first; prices within the gaps are unknown")


def _price_row(instance: "Instance", each: "Price") -> list[str]:
    from dmopt.explaining.words import price_words
    from dmopt.runs.words import money, quantity

    def change(name: str) -> str:
        value = each.change.get(name)
        return "" if value is None else f"{'+' if value > 0 else ''}{quantity(value)}"

    cost = "no plan" if each.cost is None else money(each.cost, instance.settings)
    return [
        each.name,
        price_words(each, instance.settings),
        cost,
        f"{change('emissions_t')} t" if each.change else "",
        change("sites_open"),
        each.says,
    ]


@on_instance
def why(
    instance: "Instance",
    site: Annotated[str, typer.Argument(metavar="SITE", help="name of a site")],
    run: RunOption = None,
    open_: Annotated[bool, typer.Option("--open", help="force it open")] = False,
    shut: Annotated[bool, typer.Option("--shut", help="force it shut")] = False,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: TimeOption = "60",  # type: ignore[assignment]
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say why a site is used, or not: force it the other way and show what changes.

    \b
    Examples:
      dmopt why instances/west-midlands coventry-depot-1 --run runs/west-midlands-demo
      dmopt why my-city.xlsx "mill lane" --shut
    """
    from dmopt.explaining.why import why as ask
    from dmopt.explaining.words import why_object, why_sentences

    if open_ and shut:
        raise typer.BadParameter("--open and --shut exclude each other")
    options = {"gap": gap, "time_limit_s": time_limit, "seed": seed}
    with Work(instance, quiet) as work:
        base = work.plan_at_hand(run, **options)
        found = ask(
            instance,
            site,
            base,
            force="open" if open_ else "shut" if shut else None,
            cancel=work.cancel,
            gap=gap,
            time_limit_s=time_limit,
            seed=seed,
        )
    if as_json:
        print(json.dumps(why_object(found), allow_nan=False))
        return
    tell(*why_sentences(found, instance))


@on_instance
def firm(
    instance: "Instance",
    run: RunOption = None,
    within: Annotated[
        float,
        typer.Option(parser=share, metavar="SHARE", help="how near to the best: 2%"),
    ] = "2%",  # type: ignore[assignment]
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="write a table and a map there"),
    ] = None,
    gap: GapOption = "1%",  # type: ignore[assignment]
    time_limit: TimeOption = "180",  # type: ignore[assignment]
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say how firm each site is: how often it works among near-optimal plans found.

    \b
    Examples:
      dmopt firm my-city.xlsx --within 2%
      dmopt firm instances/west-midlands --run runs/first --out runs/firm
    """
    from dmopt.explaining.firm import firmness
    from dmopt.explaining.words import firm_object

    options = {"gap": gap, "time_limit_s": min(time_limit, 60.0), "seed": seed}
    with Work(instance, quiet) as work:
        base = work.plan_at_hand(run, **options)

        def tell_site(name: str, done: int, of: int) -> None:
            work.say(f"  {done + 1} of {of}: {name}")

        found = firmness(
            instance,
            base,
            within=within,
            time_limit_s=time_limit,
            seed=seed,
            on_site=tell_site,
            cancel=work.cancel,
        )
    if out is not None:
        from dmopt.maps.study import write_firmness

        write_firmness(found, out)
    if as_json:
        print(json.dumps(firm_object(found), allow_nan=False))
        return
    table = _table("site", "firm", "in plans", "now", "if turned over")
    columns = ["site", "firm", "proven", "share", "works", "flip_cost"]
    rows = found.table[columns].itertuples(index=False, name=None)
    for site, word, proven, times, works, flip_cost in rows:
        table.add_row(
            site,
            word + (" (proven)" if proven else ""),
            f"{100 * times:.0f} %",
            "works" if works else "",
            _money_more(instance, flip_cost),
        )
    show_table(table)
    tell(
        f"{len(found.plans)} plans within {100 * within:g} %; {found.method}: "
        f"{found.searched} of {found.of} in {found.seconds:.0f} s. "
        "A plan not found may still exist."
    )


def _money_more(instance: "Instance", amount: float) -> str:
    from dmopt.runs.words import money

    if amount != amount:
        return "no plan found"
    sign = "-" if amount < 0 else "+"
    return sign + money(abs(amount), instance.settings)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name)
    return table
