"""A plan for several worlds in sentences, as a table and as a plain object."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dmopt.explaining.why import working
from dmopt.plan.indicators import ALL, indicators
from dmopt.rules.words import figure, percent
from dmopt.runs.plain import plain
from dmopt.runs.words import money, percent_above
from dmopt.studies.worlds.found import InWorld, WorldsPlan

INDICATORS = ("emissions_t", "jobs", "people_10km")


def worlds_table(found: WorldsPlan) -> pd.DataFrame:
    """A row for each world: what is otherwise in it, the plan's cost and figures, and
    what is known of plans made for it alone."""
    return pd.DataFrame([_row(found, one) for one in found.each])


def _row(found: WorldsPlan, one: InWorld) -> dict[str, Any]:
    table = indicators(one.plan)
    whole = table[table.period == ALL].set_index("indicator").value
    alone = one.alone
    best = None if alone is None else alone.cost
    least = None if alone is None else alone.bound
    return {
        "world": one.world.key,
        "name": one.world.name,
        "probability": one.world.probability,
        **one.world.values,
        "cost": one.cost,
        "alone_cost": best,
        "alone_bound": least,
        "regret_most": None if least is None else max(0.0, one.cost - least),
        **{name: float(whole[name]) for name in INDICATORS},
    }


def decided_table(found: WorldsPlan) -> pd.DataFrame:
    """What is decided once: what (modules, infrastructure), of (technology,
    infrastructure), at (site, location), period, count."""
    tables = found.each[0].plan.tables
    parts = [
        tables[name]
        .rename(columns={of: "of", at: "at", count: "count"})
        .query("count > 0")[["of", "at", "period", "count"]]
        .assign(what=name)
        for name, of, at, count in (
            ("modules", "technology", "site", "modules"),
            ("infrastructure", "infrastructure", "location", "steps"),
        )
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["what", "of", "at", "period", "count"]]


def what_is_minimised(found: WorldsPlan) -> str:
    """ "the mean cost of the dearest 10 % of worlds"."""
    if found.kind == "cvar":
        return f"the mean cost of the dearest {percent(1 - found.level)} of worlds"
    regret = "the most by which a world costs more than it had to"
    return {"expected": "the mean cost of all worlds", "regret": regret}[found.kind]


def sentences(found: WorldsPlan) -> Iterator[str]:
    """What the plan is and what it is worth, in plain words."""
    settings, count = found.instance.settings, len(found.worlds)
    if found.refused:
        names = ", ".join(found.refused)
        several = "s" if len(found.refused) > 1 else ""
        yield (
            f"No plan serves the world{several} {names}, whatever is decided (proven): "
            "change what is otherwise there, or give what zones want an unmet_price, "
            "so that some of it may be left."
        )
        return
    if not found.each or found.value is None:
        if found.status == "infeasible":
            yield f"No plan fits all {count} worlds, though each has one (proven)."
        else:
            why = f": {found.proof}" if found.proof else ""
            yield f"No plan for all {count} worlds was found in the time{why}."
        return
    sites = sorted(working(found.each[0].plan))
    yield f"Sites that work whatever comes: {', '.join(sites) or 'none'}."
    yield (
        f"{what_is_minimised(found).capitalize()}: {money(found.value, settings)}, "
        f"{_proven(found)}."
    )
    dear = max(found.each, key=lambda one: one.cost)
    cheap = min(found.each, key=lambda one: one.cost)
    yield (
        f"It costs {money(cheap.cost, settings)} in the cheapest world "
        f"({cheap.world.name}) and {money(dear.cost, settings)} in the dearest "
        f"({dear.world.name})."
    )
    yield from _worth(found)
    if found.as_given is None:
        yield (
            "Where nothing is otherwise than the tables say the plan does not fit, or "
            "was not seen to; its decisions stand in decided.csv."
        )


def _proven(found: WorldsPlan) -> str:
    if found.gap is None:
        return "nothing proven"
    within = percent_above(found.gap) if found.gap > 0 else "0 %"
    return f"proven within {within}"


def _worth(found: WorldsPlan) -> Iterator[str]:
    """What planning for all worlds saves, and what knowing would."""
    settings = found.instance.settings
    saved = found.of_all_worlds
    if saved is None:
        yield (
            "Of the plan made for the mean of all worlds nothing is said: it does not "
            "fit in every one of them, or there was no time to see."
        )
    elif not any(saved):
        yield "The plan made for the mean of all worlds is as good (proven)."
    else:
        least, most = (money(value, settings) for value in saved)
        yield (
            "Against the plan made for the mean of all worlds it saves "
            + (f"{least}, and the best would save {most} at most." if saved[0] else
               f"nothing that is shown; the best would save {most} at most.")
        )  # fmt: skip
    knowing = found.of_knowing
    if knowing is not None and not any(knowing):
        yield "To know beforehand which world comes would be worth nothing (proven)."
    elif knowing is not None:
        least, most = (money(value, settings) for value in knowing)
        yield (
            f"To know beforehand which world comes would be worth {most} at most"
            + (f", {least} at least." if knowing[0] else ".")
        )


def worlds_object(found: WorldsPlan) -> dict[str, Any]:
    """All of it as plain values."""
    table = worlds_table(found)
    worth, knowing = found.of_all_worlds, found.of_knowing
    about = {
        "measure": found.kind,
        "level": found.level if found.kind == "cvar" else None,
        "worlds": len(found.worlds),
        "status": found.status,
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "proof": found.proof,
        "expected_cost": found.expected,
        "cost_as_given": found.as_given and found.as_given.cost,
        "worlds_without_a_plan": found.refused,
        "of_mean_plan": found.of_mean,
        "saved_least": worth and worth[0],
        "saved_most": worth and worth[1],
        "knowing_least": knowing and knowing[0],
        "knowing_most": knowing and knowing[1],
        "seconds": round(found.seconds, 3),
        "each": table,
        "says": list(sentences(found)),
    }
    made = plain(about)
    assert isinstance(made, dict)
    return made


def short_figure(value: float | None) -> str:
    """For a cell of a table; blank where there is none."""
    return "" if value is None or value != value else figure(value)
