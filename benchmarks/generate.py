"""Instances of any size for benchmarks, seeded, written in a form dmopt reads.

    python benchmarks/generate.py KIND [--sites M --zones N --seed 0] --out PATH

    ufl         uncapacitated facility location          60 x 300
    p-median    p sites open, no fixed cost              60 x 300
    modular     three sizes of capacity at each site     60 x 300
    whatif      a city: 3 technologies, 4 products, 3 periods, infrastructure,
                every arc                                60 x 300
    national    the same for a country, with rules       2,000 x 34,753

PATH is a folder, or ends in .gpkg or .xlsx. The same kind, sizes and seed give the same
instance. `national` takes the zones of England and Wales where `--data` has them
(ew_small_areas/), else made-up ones, and says which.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from generators.location import Kind as Textbook
from generators.location import location_instance, location_problem
from generators.places import COUNTRY_ZONES, national, whatif_city

from dmopt.data.instance import Instance
from dmopt.data.write import write_instance

DATA = Path(
    os.environ.get("DMOPT_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
)
"""Where published data lie, if they do: they are not part of the repository."""


class Kind(NamedTuple):
    """How a kind is made, from (sites, zones, seed, data), and its usual size."""

    make: Callable[[int, int, int, Path], Instance]
    sites: int
    zones: int


KINDS = {
    "ufl": Kind(lambda m, n, s, _: textbook("ufl", m, n, s), 60, 300),
    "p-median": Kind(lambda m, n, s, _: textbook("p-median", m, n, s), 60, 300),
    "modular": Kind(lambda m, n, s, _: textbook("modular", m, n, s), 60, 300),
    "whatif": Kind(lambda m, n, s, _: whatif_city(m, n, s), 60, 300),
    "national": Kind(national, 2000, COUNTRY_ZONES),
}


def textbook(kind: Textbook, sites: int, zones: int, seed: int) -> Instance:
    """A textbook problem as an instance; ValueError for an unknown kind."""
    return location_instance(location_problem(kind, sites, zones, seed))


def generate(
    kind: str,
    sites: int | None = None,
    zones: int | None = None,
    seed: int = 0,
    data: Path = DATA,
) -> Instance:
    """A seeded instance of one of `KINDS`, at its usual size unless given."""
    made = KINDS[kind]
    m = made.sites if sites is None else sites
    n = made.zones if zones is None else zones
    return made.make(m, n, seed, data)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--sites", type=int)
    parser.add_argument("--zones", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    begin = time.perf_counter()
    instance = generate(given.kind, given.sites, given.zones, given.seed, given.data)
    made = time.perf_counter() - begin
    write_instance(instance, given.out)
    written = time.perf_counter() - begin - made
    print(
        f"{instance.name}: {instance.settings.description} {len(instance.sites):,} "
        f"sites, {len(instance.zones):,} zones; made in {made:.2f} s, written to "
        f"{given.out} in {written:.2f} s"
    )


if __name__ == "__main__":
    main()
