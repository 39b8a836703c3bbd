"""Members of a study whose plan was not handed out: the study goes on without them.

A plan that fails its check (PlanRejected) says nothing of the others. What was asked is
written down with the reason, counts as a member without a plan and without a bound, and
what is known of the others is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dmopt.solving.result import Result

if TYPE_CHECKING:  # wishes know knobs, which know break-evens, which come here
    from dmopt.studies.whatif import Wish

WHY_NO_PLAN = "the plan found did not pass its own check"
MOST_TOLD = 3
"""Members that a sentence names."""


@dataclass(frozen=True)
class Rejected:
    """what: was asked. why: what the check of its plan found."""

    what: str
    why: str


def rejected(what: str, error: Exception) -> Rejected:
    """One more; the first line of what was found is enough to know it by."""
    found = str(error).splitlines() or [type(error).__name__]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Rejected(what, found[0] + more)


def asked_in_words(wish: "Wish", aside: str = "\n") -> str:
    """What a member of a study asks: its figures and its rules.

    aside: rules whose id begins so stand in every member, and are not named.
    """
    figures = [f"{name} {value:.6g}" for name, value in wish.knobs.items()]
    rules = [text for text in wish.rules.add if not text.startswith(aside)]
    return "; ".join([*figures, *rules]) or "the instance as it is"


def without_plan() -> Result:
    """What is known of a member whose plan was rejected: nothing."""
    return Result(
        status="no_plan_found",
        plan=None,
        cost=None,
        bound=None,
        path="none",
        why_path=WHY_NO_PLAN,
        seconds=0.0,
        build_seconds=0.0,
        peak_mb=float("nan"),
        options={},
    )


def sentence(some: Sequence[Rejected]) -> str:
    """What was left out and why; "" where nothing was."""
    if not some:
        return ""
    told = "; ".join(f"{each.what}: {each.why}" for each in some[:MOST_TOLD])
    more = f"; and {len(some) - MOST_TOLD} more" if len(some) > MOST_TOLD else ""
    left = "1 plan is" if len(some) == 1 else f"{len(some)} plans are"
    return (
        f"{left} left out, having failed the check (a fault of the program): "
        f"{told}{more}."
    )


def as_rows(some: Sequence[Rejected]) -> list[dict[str, str]]:
    """For `--json` and study.json."""
    return [{"what": each.what, "why": each.why} for each in some]
