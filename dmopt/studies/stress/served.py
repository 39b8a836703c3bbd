"""What is served after a loss, counted from the plan that is left, by code that did not
solve it.

    served share     sum worth delivered / sum worth demanded
    people's share   sum_z people[z] served[z] / sum_z people[z]     of zones that want
    running cost     all kinds of cost but sites, modules, infrastructure, unmet, rules:
                     what stands is paid for whether it is used or not
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dmopt.errors import PlanRejected
from dmopt.plan.checks import capacity, flows, recipes, returns, services, stocks
from dmopt.plan.checks.flows import delivered
from dmopt.plan.costs import total
from dmopt.plan.ledger import Ledger
from dmopt.plan.plan import Plan
from dmopt.plan.tolerance import over
from dmopt.plan.violation import Violation, broken, broken_over_time
from dmopt.studies.stress.losses import Loss, link_of
from dmopt.studies.stress.worth import unit_value

PAID_ANYWAY = ("sites", "modules", "infrastructure", "rules")


@dataclass(frozen=True)
class Served:
    """share, people: shares of 0..1. by_product, by_district: share of each, index its
    id. running_cost, unmet_cost: money as in the total cost of a plan."""

    share: float
    people: float
    by_product: pd.Series
    by_district: pd.Series
    running_cost: float
    unmet_cost: float


class Checker:
    """Checks and counts what is left of a plan."""

    def __init__(self, plan: Plan) -> None:
        instance = plan.instance
        # on a bad day all may fall short, also what must be met on a good one
        goods = instance.commodities
        lenient = goods.assign(unmet_price=goods.unmet_price.fillna(0.0))
        tables = {**instance.tables, "commodities": lenient}
        self._instance = replace(instance, tables=tables)
        self._before = Ledger(instance, plan)

    def served(self, left: Plan, losses: Iterable[Loss]) -> Served:
        """What the plan that is left serves.

        Raises PlanRejected where it breaks a row of the mathematics, uses what is lost
        or has more than the plan had.
        """
        ledger = Ledger(self._instance, left)
        found = [
            *recipes.check(ledger),
            *stocks.check(ledger),
            *services.check(ledger),
            *flows.check(ledger),
            *(each for each in returns.check(ledger) if each.row == "returned"),
            *self._more(ledger),
            *_used(ledger, list(losses)),
        ]
        if found:
            raise PlanRejected(found)
        return _counted(ledger)

    def _more(self, ledger: Ledger) -> Iterable[Violation]:
        """Work beyond what the plan's modules that still run can do, and modules, steps
        or open sites that the plan did not have."""
        before, pairs = self._before, self._before.pairs
        had, running = before.modules["modules"], before.running
        now = ledger.modules["modules"].reindex(pairs, fill_value=0)
        ready = np.divide(
            running, had, out=np.zeros(had.shape), where=had.to_numpy() > 0
        )
        each = capacity.capacity_of_modules(ledger.instance, pairs)
        most = now.to_numpy() * ready * each[:, None]
        work = ledger.work
        full = pd.DataFrame(most, pairs, work.columns).reindex(work.index, fill_value=0)
        yield from broken_over_time("capacity", work, over(work, full), "capacity")
        yield from broken_over_time("room", now, over(now, had), "modules")
        steps = ledger.steps
        yield from broken_over_time("grow", steps, over(steps, before.steps), "steps")
        extra = over(ledger.open, before.open)
        yield from broken_over_time("status", ledger.open, extra, "sites")


def _used(ledger: Ledger, losses: list[Loss]) -> Iterable[Violation]:
    """What is lost and used all the same."""
    goods, tables = ledger.flows, ledger.plan.tables
    units = goods.quantity_per_yr.to_numpy()
    where = goods[["origin", "destination", "commodity", "period"]]
    link = list(
        zip(*link_of(ledger.instance, goods.origin, goods.destination), strict=True)
    )
    gone = {kind: {e.of for e in losses if e.kind == kind} for kind in ("link", "site")}
    sites = {of[0] for of in gone["site"]}
    sellers = [e.of[0] for e in losses if e.kind == "supplier"]
    lost = goods.origin.isin([*sites, *sellers]) | goods.destination.isin(sites)
    lost |= np.array([each in gone["link"] for each in link], bool)
    yield from broken("lost", where, np.where(lost, units, 0.0), "units/yr")
    for name in ("modules", "activity", "uses", "opened", "stocks"):
        rows = tables[name][tables[name].site.isin(sites)]
        yield from broken("lost", rows[["site", "period"]], np.ones(len(rows)), "rows")
    places = {e.of for e in losses if e.kind == "infrastructure"}
    for name in ("infrastructure", "uses", "draws"):
        rows = tables[name]
        at = list(zip(rows.infrastructure, rows.location, strict=True))
        rows = rows[np.array([each in places for each in at], bool)]
        by = ["infrastructure", "location", "period"]
        yield from broken("lost", rows[by], np.ones(len(rows)), "rows")


def _counted(ledger: Ledger) -> Served:
    instance, books = ledger.instance, delivered(ledger).reset_index()
    years = instance.periods.years / instance.periods.years.sum()
    value = unit_value(instance).reindex(books.commodity).to_numpy()
    value = value * years.reindex(books.period).to_numpy()
    wanted = books.demand * value
    got = np.minimum(books.delivered, books.demand) * value
    zones = instance.zones
    by_zone = _share(got, wanted, books.zone)
    people = zones.population.reindex(by_zone.index)
    weight = people if people.sum() > 0 else pd.Series(1.0, by_zone.index)
    district = zones.district.reindex(books.zone)
    costs = ledger.costs
    unmet, paid = costs.kind == "unmet", costs.kind.isin(PAID_ANYWAY)
    return Served(
        share=float(got.sum() / wanted.sum()),
        people=float((by_zone * weight).sum() / weight.sum()),
        by_product=_share(got, wanted, books.commodity),
        by_district=_share(got, wanted, district),
        running_cost=total(instance, costs[~unmet & ~paid]),
        unmet_cost=total(instance, costs[unmet]),
    )


def _share(got: pd.Series, wanted: pd.Series, by: pd.Series) -> pd.Series:
    """Share served of each of what `by` names."""
    names = by.to_numpy(object)
    return got.groupby(names).sum() / wanted.groupby(names).sum()
