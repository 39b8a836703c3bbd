"""What a plan can lose: a site, infrastructure at a location, a supplier, a link.

    site            the site with its modules and its own infrastructure
    infrastructure  all steps at one location, and what stands only because of them
    supplier        all that it sells
    link            all ways from one origin to one site, or to the zones of a district

A loss lasts: it is there in every period. Shared infrastructure that stands at a lost
site is not lost with it; the pair of both is a loss of its own.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from dmopt.data.instance import Instance
from dmopt.data.rows import nearest, show
from dmopt.errors import Fault
from dmopt.plan.checks.reach import covers
from dmopt.plan.frames import positions, texts
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Plan

KINDS = ("site", "infrastructure", "supplier", "link")
WITH_ID = {
    "site": "a site",
    "infrastructure": "infrastructure",
    "supplier": "a supplier",
    "link": "the site or supplier that it comes from",
}
LOSE = "--lose"


@dataclass(frozen=True, order=True)
class Loss:
    """One thing lost.

    kind: of `KINDS`. of: its ids: (site,), (infrastructure, location), (supplier,), or
    for a link (origin, "site" | "district" | "zone", id); a zone without a district
    is one of its own.
    """

    kind: str
    of: tuple[str, ...]

    def says(self, instance: Instance) -> str:
        """In words: "site Mill Lane", "lab at north", "link from mill to Coventry"."""
        if self.kind == "link":
            origin, kind, end = self.of
            end = _named(instance, end) if kind != "district" else end
            return f"link from {_named(instance, origin)} to {end}"
        if self.kind == "infrastructure":
            name = instance.infrastructure.name[self.of[0]] or self.of[0]
            return f"{name} at {self.of[1]}"
        return f"{self.kind} {_named(instance, self.of[0])}"


def _named(instance: Instance, place: str) -> str:
    for table in (
        instance.sites,
        instance.suppliers,
        instance.infrastructure,
        instance.zones,
    ):
        if place in table.index:
            return str(table.name[place]) or place
    return place


def is_asked(loss: Loss, asked: Collection[str]) -> bool:
    """Whether a loss is in question. asked: kinds, or "kind:id" for one thing of a
    kind: all places of one infrastructure, all links from one origin."""
    return loss.kind in asked or f"{loss.kind}:{loss.of[0]}" in asked


def faults_of(asked: Collection[str], instance: Instance) -> Iterator[Fault]:
    """What is asked to be lost and is no kind, or nothing that the instance has."""
    if not asked:
        yield Fault(LOSE, expected=f"one or more of {', '.join(KINDS)}")
    known = {
        "site": instance.sites.index,
        "infrastructure": instance.infrastructure.index,
        "supplier": instance.suppliers.index,
        "link": instance.sites.index.append(instance.suppliers.index),
    }
    for each in asked:
        kind, colon, name = each.partition(":")
        if kind not in KINDS:
            expected = f"one of {', '.join(KINDS)}"
            yield Fault(LOSE, None, "", show(each), expected, nearest(kind, KINDS))
        elif colon and name not in known[kind]:
            ids, expected = (
                [str(one) for one in known[kind]],
                f"the id of {WITH_ID[kind]}",
            )
            yield Fault(LOSE, None, "", show(each), expected, nearest(name, ids))


def in_words(asked: Iterable[str], instance: Instance) -> str:
    """ "one site or link", "one of these (site, supplier Mill, link from Mill)".

    asked: as in `is_asked`.
    """
    found = []
    for each in asked:
        kind, _, name = each.partition(":")
        between = " from " if kind == "link" else " "
        found.append(kind + between + _named(instance, name) if name else kind)
    plain = all(each in KINDS for each in found)
    return (
        f"one {' or '.join(found)}" if plain else f"one of these ({', '.join(found)})"
    )


def single_losses(plan: Plan, asked: Collection[str] = KINDS) -> list[Loss]:
    """Each thing asked for that the plan has: sites with modules, infrastructure that
    stands, suppliers that sell anything, links in use. asked: as in `is_asked`."""
    kinds = {each.partition(":")[0] for each in asked}
    return [each for each in _all_of(plan, kinds) if is_asked(each, asked)]


def _all_of(plan: Plan, asked: Collection[str]) -> list[Loss]:
    tables = plan.tables
    found: list[Loss] = []
    if "site" in asked:
        modules = tables["modules"]
        working = modules.site[modules.modules > 0].unique()
        found += [Loss("site", (str(s),)) for s in sorted(working)]
    if "infrastructure" in asked:
        steps = tables["infrastructure"].query("steps > 0")
        found += [Loss("infrastructure", key) for key in sorted(set(_keys(steps)))]
    if "supplier" in asked:
        sellers = plan.instance.supplies.supplier.unique()
        found += [Loss("supplier", (str(p),)) for p in sorted(sellers)]
    if "link" in asked:
        found += links(plan)
    return found


def pairs_of(losses: Iterable[Loss]) -> Iterator[tuple[Loss, ...]]:
    """Every pair of different things."""
    return combinations(losses, 2)


def links(plan: Plan) -> list[Loss]:
    """Links that carry something in some period."""
    flows = plan.tables["flows"]
    origin, kind, end = link_of(plan.instance, flows.origin, flows.destination)
    used = set(zip(origin.tolist(), kind.tolist(), end.tolist(), strict=True))
    return [Loss("link", each) for each in sorted(used)]


def link_of(
    instance: Instance, origin: pd.Series, destination: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The link that each flow or arc is part of: three arrays of text, (n,) each."""
    names = destination.to_numpy(object)
    zone = positions(instance.zones.index, pd.Index(names))
    district = texts(instance.zones.district, zone)
    whole = (zone >= 0) & (district != "")
    kind = np.where(zone < 0, "site", np.where(whole, "district", "zone"))
    return origin.to_numpy(object), kind, np.where(whole, district, names)


def locations_lost(ledger: Ledger, losses: Iterable[Loss]) -> set[tuple[str, str]]:
    """Infrastructure lost: what is named, the own infrastructure of lost sites, and
    what requires another that no longer reaches it in every period, again and again.

    ledger: of the plan.
    """
    given, losses = ledger.locations, list(losses)
    sites = {each.of[0] for each in losses if each.kind == "site"}
    own = (given.reach == "site") & given.site.isin(sites)
    more = {*given.index[own], *(e.of for e in losses if e.kind == "infrastructure")}
    stands = ledger.steps.to_numpy() > 0
    gone: set[tuple[str, str]] = set()
    while more:
        gone |= more
        stands = stands & ~given.index.isin(list(more))[:, None]
        more = _without_prerequisite(ledger, stands)
    return gone


def _without_prerequisite(ledger: Ledger, stands: np.ndarray) -> set[tuple[str, str]]:
    """Locations that stand in a period, `stands` (locations, periods), in which nothing
    of what they require reaches them."""
    given, needed = ledger.locations, ledger.instance.prerequisites
    name = given.index.get_level_values("infrastructure").to_numpy(object)
    some = stands.any(axis=1)
    gone: set[tuple[str, str]] = set()
    for one, required in zip(needed.infrastructure, needed.requires, strict=True):
        here = np.flatnonzero(some & (name == one))
        there = np.flatnonzero(some & (name == required))
        first = given.iloc[np.repeat(there, len(here))]
        second = given.iloc[np.tile(here, len(there))]
        reached = covers(ledger, first, second).reshape(len(there), len(here))
        served = reached.T.astype(int) @ stands[there].astype(int)
        gone |= {given.index[n] for n in here[(stands[here] & (served == 0)).any(1)]}
    return gone


def _keys(steps: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(steps.infrastructure, steps.location, strict=True))
