"""Unlike another plan: at least so many sites are otherwise than in it.

    (unlike)   sum_{s in P} (1 - works[s,t]) + sum_{s not in P} works[s,t] >= least
                                                                 for all t     sites

    P       sites      the sites that work in the other plan, separated by ','; the
                       other sites that the rule covers work not; blank: none works
    s       covered sites, in the region or outside
    works   a module of a covered technology stands there  (dmopt/rules/working.py);
            whole for those of P
    least   least      sites that are otherwise            sites
    counts  counts     all: as above; left: only those of P, the first sum

A site that is open and idle does not work: else the cheapest way to be unlike would be
to open sites for nothing. A module that makes nothing counts: it is paid for. Where
small sites cost little, many of them are a cheap difference too: then `left` says more.
Two plans are told apart by which sites work, not by how much they make. One rule for
each plan that is not to be seen again: alternatives are made so (`dmopt alternatives`).
Source: modelling to generate alternatives (Brill, Chang and Hopkins 1982); counted as
in the cuts of Balas and Jeroslow (1972), which ask for one. Form of the rows ours.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.plan.violation import Violation
from dmopt.rules.parameters import STRICT, Count, Names, looser
from dmopt.rules.where import Where
from dmopt.rules.working import add_working


class Unlike(BaseModel):
    model_config = STRICT
    name: ClassVar[str] = "unlike"

    least: Count = looser("down", to=0, unit="sites")
    """Least number of sites that work here and not in the other plan, or there and not
    here."""
    sites: Names = ()
    """Ids of the sites that work in the other plan, separated by commas; blank: none
    works in it."""

    counts: Literal["all", "left"] = "all"
    """Which sites count: all that are otherwise, or only those that work in the other
    plan and are left here."""

    def sentence(self) -> str:
        if self.counts == "left":
            verb = "does" if self.least == 1 else "do"
            return f"Of {', '.join(self.sites)} at least {self.least} {verb} not work."
        number = f"{self.least} {'site is' if self.least == 1 else 'sites are'}"
        there = f"only {', '.join(self.sites)} work" if self.sites else "no site works"
        return f"At least {number} otherwise than in a plan in which {there}."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        for s in self.sites:
            yield "sites", "site", s

    def constrain(self, b: Any, instance: Instance, where: Where) -> None:
        import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

        named = [s for s in where.sites if s in self.sites]
        counted = named if self.counts == "left" else where.sites
        works = add_working(b, counted, where.technologies, where.periods, exact=named)
        # A row needs a variable, also where no site can work.
        b.nobody = pyo.Var(bounds=(0, 0))

        @b.Constraint(list(where.periods))
        def unlike(b, t):
            left = sum(works[s, t] for s in named if (s, t) in works)
            come = sum(works[s, u] for s, u in works if u == t and s not in self.sites)
            return b.nobody + len(named) - left + come >= self.least

    def check(
        self, instance: Instance, plan: Plan, where: Where
    ) -> Iterator[Violation]:
        other = set(self.sites) & set(where.sites)
        modules = plan.tables["modules"].query("modules > 0")
        modules = modules[modules.technology.isin(where.technologies)]
        there = modules.merge(plan.tables["opened"], on=["site", "period"])
        for t in where.periods:
            works = set(there.site[there.period == t]) & set(where.sites)
            otherwise = other - works if self.counts == "left" else works ^ other
            short = self.least - len(otherwise)
            if short > 0:
                yield Violation("unlike", (t,), short, "sites too like")
