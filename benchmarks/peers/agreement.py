"""Do the tools agree? What one has proven, no other may undercut."""

from collections.abc import Iterable

from peers.outcome import Outcome

SAME = 1e-5
"""Most by which one's cost may be below another's bound, relative: each allows itself
a millionth in its rows and whole numbers."""


def disagreements(outcomes: Iterable[Outcome], gap: float) -> list[str]:
    """Sentences about costs below bounds and wrong plans, over outcomes of one task.

    gap: the one asked for. A tool that says "solved" without telling its bound
    (spopt) claims the bound cost (1 - gap).
    """
    found = []
    ran = [one for one in outcomes if one.ran]
    for one in ran:
        if one.status == "wrong_plan":
            found.append(f"{_who(one)}: its plan is none: {one.note}")
        if one.status == "infeasible":
            found.append(f"{_who(one)}: says there is no plan")
    plans = [one for one in ran if one.cost is not None and one.status != "wrong_plan"]
    for one in ran:
        claimed = claim(one, gap)
        if claimed is None:
            continue
        for other in plans:
            assert other.cost is not None
            if other.cost < claimed - SAME * abs(claimed):
                found.append(
                    f"{_who(one)}: {one.peer} says none costs less than "
                    f"{claimed:,.6f}, {other.peer} has one for {other.cost:,.6f}"
                )
    return found


def claim(one: Outcome, gap: float) -> float | None:
    """The lower bound that an outcome stands for, or None."""
    if one.bound is not None:
        return one.bound
    if one.status == "optimal" and one.cost is not None:
        return one.cost * (1 - gap)
    return None


def _who(one: Outcome) -> str:
    return f"{one.task.problem}, seed {one.task.seed}"
