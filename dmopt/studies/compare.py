"""Ways to produce, compared on one instance: the same demand, sites, costs, factors.

    free          no rules: its bound holds for every model
    the pure ones as their rules say
    hybrid        each product under the pure model that makes it cheapest; where one
                  pure model is cheaper as a whole, that one: it is a mix too

Models have plans or have none, and then say why. Who wins stands in `verdicts`.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.data.rows import show
from dmopt.errors import Fault, InstanceError, PlanRejected
from dmopt.explaining.conflict import explain
from dmopt.models import MODELS as SHIPPED
from dmopt.models import PURE, ProductionModel, read_model, with_mix, with_model
from dmopt.plan.costs import KINDS, cost_table, infrastructure_costs, weights
from dmopt.plan.frames import positions
from dmopt.plan.indicators import ALL, indicators
from dmopt.plan.products import product_costs
from dmopt.runs.fingerprint import instance_hash
from dmopt.solving.progress import OnProgress, relative_gap
from dmopt.solving.result import Result
from dmopt.solving.run import solve
from dmopt.studies.answers import Answers
from dmopt.studies.entry import FREE, HYBRID, INDICATORS, Entry
from dmopt.studies.rejected import WHY_NO_PLAN, Rejected, rejected, without_plan
from dmopt.studies.verdicts import Verdict, cheapest_first, products_of, verdicts


@dataclass(frozen=True)
class Comparison:
    """rejected: models of which a plan did not pass its check."""

    instance: Instance
    entries: Sequence[Entry]
    verdicts: Sequence[Verdict]
    rejected: Sequence[Rejected] = ()

    def entry(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.name == name), None)


OnModel = Callable[[str], OnProgress | None]
"""Told the name of each model before it is solved; gives who hears its progress."""


def compare(
    instance: Instance,
    models: Iterable[str] = (FREE, *PURE, HYBRID),
    *,
    gap: float = 0.01,
    time_limit_s: float = 45.0,
    seed: int = 0,
    threads: int = 2,
    on_model: OnModel = lambda name: None,
    cancel: Event | None = None,
    answers: Answers | None = None,
) -> Comparison:
    """Solve the instance under each model.

    models: shipped names, paths of TOML files, "hybrid". gap, time_limit_s: of each;
    what one leaves over goes to those that did not reach the gap. answers: of solves
    that were made before, for the same study (answers.py).
    A model whose plan does not pass its check is left without one and named.
    Raises InstanceError for models or rules that cannot be read, before any solve.
    """
    asked = list(models)
    _refuse_unclear(asked)
    known = [read_model(name) for name in asked if name != HYBRID]
    known.sort(key=lambda model: model.keeps_own_rules)  # free first, for its bound
    under = {model.name: with_model(instance, model) for model in known}
    limits: dict[str, Any] = {
        "gap": gap,
        "time_limit_s": time_limit_s,
        "seed": seed,
        "threads": threads,
        "cancel": cancel,
    }
    entries, out = list[Entry](), list[Rejected]()
    for model in known:
        try:
            result = _answered(model.name, under[model.name], limits, on_model, answers)
        except PlanRejected as error:
            out.append(rejected(model.label, error))
            result = without_plan()
        entries.append(_entry(model, under[model.name], result, entries))
    used = sum(entry.result.seconds for entry in entries)  # also of kept answers
    left = time_limit_s * len(asked) - used
    spare = left - time_limit_s * (HYBRID in asked)
    entries = _again(entries, spare, limits, on_model, out)
    if HYBRID in asked:
        entries.append(_hybrid(instance, entries, limits, on_model, out, answers))
    entries = _in_order(entries, asked)
    return Comparison(instance, entries, verdicts(instance, entries), out)


def _answered(
    name: str,
    instance: Instance,
    limits: Mapping[str, Any],
    on_model: OnModel,
    answers: Answers | None,
) -> Result:
    """An instance under a model solved; or the answer that was kept."""

    def ask() -> Result:
        return solve(instance, on_progress=on_model(name), **limits)

    if answers is None:
        return ask()
    question = {key: value for key, value in limits.items() if key != "cancel"}
    question |= {"model": name, "sha256": instance_hash(instance)}
    return answers.answered(question, instance, ask, limits["cancel"])


def _entry(
    model: ProductionModel, instance: Instance, result: Result, before: Sequence[Entry]
) -> Entry:
    result = _with_free_bound(result, before)
    entry = Entry(model.name, model.label, model.about, model.status, instance, result)
    return _measured(entry)


def _again(
    entries: Sequence[Entry],
    seconds: float,
    limits: Mapping[str, Any],
    on_model: OnModel,
    out: list[Rejected],
) -> list[Entry]:
    """Models that did not reach the gap go on with the time that others left over."""
    undone = ("feasible", "no_plan_found")
    open_ones = [
        entry
        for entry in entries
        if entry.result.status in undone and entry.result.why_path != WHY_NO_PLAN
    ]
    found = list(entries)
    for number, entry in enumerate(open_ones):
        share = seconds / (len(open_ones) - number)
        if share < 1 or (limits["cancel"] is not None and limits["cancel"].is_set()):
            break
        begin, before = time.monotonic(), entry.result
        try:
            result = solve(
                entry.instance,
                start=before.plan,
                bound=before.bound,
                on_progress=on_model(entry.name),
                **{**limits, "time_limit_s": share},
            )
        except PlanRejected as error:
            out.append(rejected(f"{entry.label}, again", error))
            result = before
        seconds -= time.monotonic() - begin
        reached = np.inf if before.gap is None else before.gap
        if result.gap is not None and result.gap < reached:
            result = _with_free_bound(result, entries)
            found[found.index(entry)] = _measured(replace(entry, result=result))
    return found


def _with_free_bound(result: Result, before: Sequence[Entry]) -> Result:
    """A bound without rules is a bound with any."""
    free = next((e.result.bound for e in before if not len(e.instance.rules)), None)
    known = -np.inf if result.bound is None else result.bound
    if free is None or result.cost is None or known >= free:
        return result
    bound = min(free, result.cost)
    gap = relative_gap(result.cost, bound)
    wanted = float(result.options["gap"])
    status = "optimal" if gap is not None and gap <= wanted + 1e-6 else result.status
    proof = "Bound of the same instance without rules, which holds with any."
    return replace(result, bound=bound, status=status, proof=proof, certificate=None)


def _measured(entry: Entry) -> Entry:
    plan = entry.result.plan
    if plan is None and entry.result.why_path == WHY_NO_PLAN:
        return entry  # nothing in the instance stands in the way of a plan
    if plan is None:
        return replace(entry, explanation=explain(entry.instance, time_limit_s=30.0))
    table = cost_table(plan)
    weight = weights(plan.instance)[
        positions(plan.instance.periods.index, table.period)
    ]
    kinds = (table.cost_per_yr * weight).groupby(table.kind).sum()
    found = indicators(plan)
    whole = found[found.period == ALL].set_index("indicator").value
    return replace(
        entry,
        cost_kinds=kinds.reindex(list(KINDS)).to_dict(),
        shared=infrastructure_costs(plan),
        indicators={name: float(whole[name]) for name in INDICATORS},
        products=product_costs(plan),
    )


def _hybrid(
    instance: Instance,
    entries: Sequence[Entry],
    limits: Mapping[str, Any],
    on_model: OnModel,
    out: list[Rejected],
    answers: Answers | None,
) -> Entry:
    """Each product under its cheapest pure model, or the cheapest pure model whole."""
    pure = [e for e in entries if e.name in PURE and e.products is not None]
    label, about = "Hybrid", "each product under the model that makes it cheapest"
    if not pure:
        result = _no_plan(entries)
        return Entry(HYBRID, label, about, "reconstructed", instance, result)
    best = min(pure, key=lambda entry: entry.cost or np.inf)
    mix = {
        product: cheapest_first(pure, product)[0].name for product in products_of(pure)
    }
    chosen = best
    if len(set(mix.values())) > 1:
        mixed = with_mix(instance, {p: read_model(name) for p, name in mix.items()})
        try:
            result = _answered(HYBRID, mixed, limits, on_model, answers)
        except PlanRejected as error:
            out.append(rejected(label, error))
            result = without_plan()
        if result.cost is not None and result.cost < (best.cost or np.inf):
            result = _with_free_bound(result, entries)
            chosen = Entry(HYBRID, label, about, "reconstructed", mixed, result)
    if chosen is best:
        mix = dict.fromkeys(mix, best.name)
        return replace(best, name=HYBRID, label=label, about=about, mix=mix)
    return replace(_measured(chosen), mix=mix)


def _name_of(model: str) -> str:
    """Name of a model as asked for: that of its file, if it is one."""
    return Path(model).stem if model.endswith(".toml") else model


def _refuse_unclear(asked: Sequence[str]) -> None:
    """Two models of one name, and a mix of nothing."""
    names = [_name_of(model) for model in asked]
    faults = [
        Fault("models", None, "", show(name), "each name once")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    own = [m for m in asked if m.endswith(".toml") and _name_of(m) in SHIPPED]
    faults += [
        Fault("models", None, "", show(m), "a name that no shipped model has")
        for m in own
    ]
    if HYBRID in names and not set(names) & set(PURE):
        expected = f"one of {', '.join(PURE)} beside hybrid, which mixes them"
        faults.append(Fault("models", None, "", "hybrid", expected))
    if faults:
        raise InstanceError(faults)


def _no_plan(entries: Sequence[Entry]) -> Result:
    """What a mix is where no pure model has a plan."""
    pure = next(e for e in entries if e.name in PURE)
    return replace(
        pure.result,
        status="no_plan_found",
        plan=None,
        cost=None,
        bound=None,
        proof="There is no pure model with a plan to mix.",
    )


def _in_order(entries: Sequence[Entry], asked: Sequence[str]) -> list[Entry]:
    names = [_name_of(model) for model in asked]
    return sorted(entries, key=lambda entry: names.index(entry.name))
