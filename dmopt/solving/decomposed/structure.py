"""A problem as location, and back: from options and deliveries to all columns."""

from dataclasses import dataclass

import numpy as np

from dmopt.proof.located import Located
from dmopt.solving.decomposed.location import Location, Served
from dmopt.solving.decomposed.optionwise import counts_serving, values_of
from dmopt.solving.decomposed.reading import Counts, NotLocation, Reading
from dmopt.solving.problem import InUse, Problem


@dataclass(frozen=True)
class Structure:
    """A problem as location. located: sites' options, and the check of bounds.

    site_part (m,): part of each site. chosen (O,): option of `located` that each option
    of the location is; stands (C,): which of them stands for an option of `located`
    (-1: of no site). rest: options of parts that send nothing. counts: rows that count,
    their place in `located.linking` and what one option counts in them. served:
    columns of modules.
    """

    problem: Problem
    located: Located
    location: Location
    chosen: np.ndarray
    stands: np.ndarray
    rest: np.ndarray
    counts: Counts
    served: np.ndarray

    def solution(self, plan: Served) -> InUse:
        """A plan in the columns of the problem, as far as it uses them."""
        d, demands = self.problem.decisions, self.problem.flows.demands
        zones, quantity = len(demands.quantity), demands.quantity
        served = np.bincount(plan.zone, plan.share, minlength=zones)
        short = np.where(demands.may_fall_short, np.maximum(1.0 - served, 0.0), 0.0)
        short[short < 1e-12] = 0.0
        sent = np.bincount(
            plan.site, plan.share * quantity[plan.zone], self.location.sites
        )
        options = np.concatenate([self.chosen[plan.option], self.rest])
        sends = np.concatenate([sent, np.zeros(len(self.rest))])
        columns, value = values_of(self.located.found, d.cost, options, sends)
        x = np.zeros(d.size)
        x[columns] = value
        market = demands.gates.market
        x[market] = np.bincount(demands.market_of, short * quantity, len(market))
        return InUse(self.problem, x, plan.site, plan.zone, plan.share, short)

    def options_in(self, x: np.ndarray) -> np.ndarray | None:
        """Options (m,) that a solution of all columns has; None where some have been
        left out as no better than others."""
        options, loc = self.located.found, self.location
        place = np.full(len(options.of), -1)
        place[self.chosen] = np.arange(len(self.chosen))
        whole = self.problem.decisions.whole[options.column]
        entry = np.flatnonzero((place[options.option] >= 0) & whole)
        differs = np.abs(options.at[entry] - x[options.column[entry]]) > 0.5
        apart = np.bincount(
            place[options.option[entry]], differs, minlength=len(self.chosen)
        )
        same = np.flatnonzero(apart == 0)
        found = np.full(loc.sites, -1)
        found[loc.site_of[same]] = same
        return found if (found >= 0).all() else None

    def cost(self, solution: InUse) -> float:
        """What it costs."""
        d = self.problem.decisions
        brought = self.located.cost[solution.output, solution.demand] * solution.share
        short = self.located.demands.short_cost @ solution.short
        return float(d.offset + d.cost @ solution.decisions + brought.sum() + short)


def structure_of(problem: Problem) -> Structure | str:
    """The problem as location, or why it is none."""
    try:
        return _built(Reading(problem))
    except NotLocation as reason:
        return str(reason)


def unlike(problem: Problem) -> str:
    """Why a problem is not location with options, or "": as `structure_of`, without
    going through the deliveries one by one."""
    try:
        Reading(problem).read()
    except NotLocation as reason:
        return str(reason)
    return ""


def _built(reading: Reading) -> Structure:
    read = reading.read()
    options = reading.located.found
    demands, d = reading.demands, reading.problem.decisions
    site_of_part = np.full(reading.parts, -1)
    site_of_part[reading.site_part] = np.arange(len(reading.site_part))
    stands = reading.stands(site_of_part, read)
    kept = np.flatnonzero(stands == np.arange(len(stands)))
    site = site_of_part[options.of[kept]]
    kept = kept[np.argsort(site, kind="stable")]
    site = np.sort(site)
    rest = reading.rest(site_of_part, read.fixed)
    count = len(reading.site_part)
    penalty = demands.short_cost + demands.quantity * d.cost[demands.gates.market][0]
    location = Location(
        cost=reading.located.cost,
        demand=demands.quantity,
        penalty=np.where(demands.may_fall_short, penalty, np.inf),
        first=np.searchsorted(site, np.arange(count + 1)),
        fixed=read.fixed[kept],
        slope=read.slope[kept],
        capacity=options.capacity[kept],
        counted=read.counted[kept],
        least=read.least,
        most=read.most,
        constant=d.offset + float(read.fixed[rest].sum()),
    )
    if counts_serving(reading.served, located=reading.located, site=reading.site_part):
        location = location.covered()
    return Structure(
        reading.problem, reading.located, location, kept, stands, rest, read.counts,
        reading.served,
    )  # fmt: skip
