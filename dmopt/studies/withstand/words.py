"""A plan that withstands losses: as tables, in sentences and as a plain object."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dmopt.rules.words import percent
from dmopt.runs.plain import plain
from dmopt.runs.words import badge, money
from dmopt.studies.rejected import as_rows, sentence
from dmopt.studies.stress.losses import in_words
from dmopt.studies.stress.words import cases_table, lost_in_words
from dmopt.studies.withstand.plan import Round, Withstanding

NOTHING = "nothing lost"


def rounds_table(found: Withstanding) -> pd.DataFrame:
    """One row for each round: round, cost, bound, gap (of the plan under the cuts so
    far), worst (loss, in words), served_share after it, failed (losses that leave too
    little), holds, counts (whether its bound is one of all plans that hold)."""
    rows = []
    for number, each in enumerate(found.rounds, 1):
        lost, share = _worst(each)
        rows.append(
            {
                "round": number,
                "cost": each.result.cost,
                "bound": each.result.bound,
                "gap": each.result.gap,
                "worst": lost,
                "served_share": share,
                "failed": len(each.failed),
                "holds": each.test is not None and not each.failed,
                "counts": each.counts,
            }
        )
    return pd.DataFrame(rows)


def losses_table(found: Withstanding) -> pd.DataFrame:
    """What each loss leaves of the best plan (studies/stress/words.py), most harm
    first; empty without one."""
    test = None if found.best is None else found.best.test
    return pd.DataFrame() if test is None else cases_table(test)


def _worst(each: Round) -> tuple[str, float]:
    """The loss that leaves least, and the share that it leaves."""
    if each.test is None:
        return "", float("nan")
    case = min((each.test.base, *each.test.cases), key=lambda case: case.served.share)
    lost = lost_in_words(case, each.test.plan.instance) or NOTHING
    return lost, case.served.share


def sentences(found: Withstanding) -> Iterator[str]:
    """What the promise is, whether it is kept, and what it costs."""
    instance, share = found.instance, percent(found.serve)
    what = in_words(found.lose, instance)
    if found.rejected:
        yield sentence(found.rejected)
    if found.best is None:
        yield _none(found, f"at least {share} of demand without any {what}")
        return
    lost, served = _worst(found.best)
    yield (
        f"Whatever {what} is lost, at least {percent(served)} of demand is still "
        f"served, by value ({share} was asked for). Worst: {lost}."
    )
    cost = found.cost
    assert cost is not None
    yield f"The plan costs {money(cost, instance.settings)}, {badge(found.result)}."
    yield _price(found)


def _price(found: Withstanding) -> str:
    """What the promise costs, and how much of that is proven."""
    settings, cost, free = found.instance.settings, found.cost, found.free_cost
    if cost is None or free is None or found.price is None:
        return "What the promise costs is not known: nothing is proven of it."
    least, most = found.price
    more = cost - free
    share = f" ({percent(more / abs(free))})" if free else ""
    return (
        f"That is {money(more, settings)}{share} more than the cheapest plan found "
        f"without the promise; the promise costs between {money(least, settings)} and "
        f"{money(most, settings)}, as far as both plans are proven."
    )


def _none(found: Withstanding, promise: str) -> str:
    if found.refused:
        return f"No plan serves {promise}: that is proven."
    if found.bound is None:
        return f"No plan that serves {promise} was found in the time."
    return (
        f"No plan that serves {promise} was found in the time; any costs at least "
        f"{money(found.bound, found.instance.settings)}."
    )


def withstand_object(found: Withstanding) -> dict[str, Any]:
    """What `--json` prints and study.json keeps."""
    price = found.price
    return dict(
        plain(
            {
                "serve": found.serve,
                "lose": list(found.lose),
                "holds": found.best is not None,
                "refused": found.refused,
                "cost": found.cost,
                "bound": found.bound,
                "gap": found.gap,
                "without": {
                    "cost": found.free_cost,
                    "bound": found.free.bound,
                    "status": found.free.status,
                },
                "price_least": None if price is None else price[0],
                "price_most": None if price is None else price[1],
                "seconds": found.seconds,
                "rejected": as_rows(found.rejected),
                "rounds": rounds_table(found),
                "losses": losses_table(found),
                "sentences": list(sentences(found)),
            }
        )
    )
