"""A site works for some technologies: it is open and one of their modules stands.

    (if_open)      works[s,t] <= open[s,t]
    (if_standing)  works[s,t] <= sum_k modules[s,k,t]
    (whenever)     most[s,k] works[s,t] >= modules[s,k,t]     where asked for both ways

Open sites without a module do not count. Without (whenever) `works` may be less than
what stands, which no rule that asks for enough working sites minds; rules that
ask something *of* working sites need it, and it is whole then.

Needs: m.open, m.modules.  Gives: a variable over (s, t) on the block `b.means`,
sites of `sites` that may hold such modules.
"""

from collections.abc import Collection, Iterable
from typing import Any


def add_working(
    b: Any,
    sites: Iterable[str],
    technologies: Iterable[str],
    periods: Iterable[str],
    exact: bool | Collection[str] = False,
) -> Any:
    """Add `b.means` with its rows, and give the variable works[s, t], 0..1.

    exact: also at least 1 where a module stands, at all sites or at these (the variable
    is binary then).
    """
    import pyomo.environ as pyo  # late: checking a plan needs no Pyomo

    m, kinds, chosen = b.model(), set(technologies), set(sites)
    at: dict[str, list[str]] = {}
    for s, k in m.SK:
        if s in chosen and k in kinds:
            at.setdefault(s, []).append(k)
    both_ways = set(at if exact is True else exact or ()).intersection(at)
    keys = [(s, t) for s in at for t in periods]
    b.means = pyo.Block()
    b.means.works = pyo.Var(
        pyo.Set(initialize=keys, dimen=2),
        bounds=(0, 1),
        domain=lambda _, s, t: pyo.Binary if s in both_ways else pyo.Reals,
    )

    @b.means.Constraint(keys)
    def if_open(block, s, t):
        return block.works[s, t] <= m.open[s, t]

    @b.means.Constraint(keys)
    def if_standing(block, s, t):
        return block.works[s, t] <= sum(m.modules[s, k, t] for k in at[s])

    each = [(s, k, t) for s, t in keys if s in both_ways for k in at[s]]

    @b.means.Constraint(each)
    def whenever(block, s, k, t):
        modules = m.modules[s, k, t]
        return modules.ub * block.works[s, t] >= modules

    return b.means.works
