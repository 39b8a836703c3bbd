"""Commands that turn published location problems into instances."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmopt.cli.instances import refuse_existing
from dmopt.cli.options import capacity as read_capacity
from dmopt.cli.speech import tell

if TYPE_CHECKING:
    from dmopt.data.instance import Instance

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Turn a published location problem into an instance.",
)

Source = Annotated[
    Path, typer.Argument(metavar="FILE", help="text file, plain or gzip")
]
Target = Annotated[
    Path,
    typer.Argument(metavar="OUT", help="folder, .gpkg or .xlsx to write"),
]


@app.command("orlib-cap")
def orlib_cap(
    source: Source,
    target: Target,
    capacity: Annotated[
        float | None,
        typer.Option(
            parser=read_capacity,
            metavar="N",
            help="number for the word 'capacity' in capa, capb, capc; "
            "'uncapacitated': no capacities",
        ),
    ] = None,
) -> None:
    """OR-Library capacitated warehouse location (cap41 .. cap134, capa, capb, capc).

    \b
    Examples:
      dmopt import orlib-cap cap41.txt cap41
      dmopt import orlib-cap capa.txt.gz capa-8000 --capacity 8000
    """
    from dmopt.importers.orlib_cap import read_orlib_cap

    refuse_existing(target)
    if capacity == math.inf:
        _write(read_orlib_cap(source, uncapacitated=True), target)
    else:
        _write(read_orlib_cap(source, capacity), target)


@app.command("orlib-pmed")
def orlib_pmed(source: Source, target: Target) -> None:
    """OR-Library uncapacitated p-median (pmed1 .. pmed40).

    \b
    Examples:
      dmopt import orlib-pmed pmed1.txt pmed1
      dmopt solve pmed1
    """
    from dmopt.importers.orlib_pmed import read_orlib_pmed

    refuse_existing(target)
    _write(read_orlib_pmed(source), target)


@app.command("cflp-single-source")
def single_source(source: Source, target: Target) -> None:
    """Single-source capacitated facility location, in the common format.

    Number of sites and customers; capacity and fixed cost of each site; demand of
    each customer; for each site the cost of serving all of each customer.

    \b
    Examples:
      dmopt import cflp-single-source p1 holmberg-p1
    """
    from dmopt.importers.single_source import read_single_source

    refuse_existing(target)
    _write(read_single_source(source), target)


def _write(instance: "Instance", target: Path) -> None:
    from dmopt.data.write import write_instance

    write_instance(instance, target)
    tell(f"{instance.name}: {instance.settings.description}", f"written: {target}")
