"""A plan that is proven to be the cheapest, for sums by hand."""

from dmopt.data.instance import Instance
from dmopt.plan.plan import Plan
from dmopt.solving.run import solve


def plan_of(instance: Instance, path: str = "exact") -> Plan:
    result = solve(instance, path=path, gap=0, time_limit_s=20, threads=1)
    assert result.status == "optimal", result.proof
    assert result.plan is not None
    return result.plan
