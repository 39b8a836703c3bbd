"""One program in which each suspect can be switched on and off.

The instance is loosened wherever a suspect shapes the program (unmet demand, capacity,
steps, delivery times, excluded sites), the program is built once, and what each suspect
says is put back as rows and bounds of its own. Then a set of suspects holds or not by
their rows and bounds alone: whether anything is left is one solve without a cost.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

import numpy as np

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.over_time import promised
from dmopt.explaining.suspects.suspect import Suspect, many_more
from dmopt.flows.arcs import hours_of
from dmopt.formulation.scope import Scope
from dmopt.rules.rule import Rule
from dmopt.solving.builder import make_problem
from dmopt.solving.highs import Limits, run_highs
from dmopt.solving.problem import Problem
from dmopt.solving.program import LinearProgram


@dataclass(frozen=True)
class Switch:
    """What holds only while a suspect does.

    rows: rows of the program as they stand (freed otherwise). columns, high: columns
    whose upper bound is `high` (their own otherwise). whole: columns that are whole.
    """

    rows: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    columns: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    high: np.ndarray = field(default_factory=lambda: np.empty(0))
    whole: np.ndarray = field(default_factory=lambda: np.empty(0, int))


@dataclass
class Elastic:
    """Says whether a set of suspects leaves any plan.

    until: when to stop (as `time.monotonic` tells it). limit_s: most time for one
    program. solves: how many were solved.
    """

    program: LinearProgram
    switches: dict[Suspect, Switch]
    until: float
    limit_s: float
    cancel: Event | None = None
    solves: int = 0
    known: dict[frozenset[Suspect], bool | None] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the time is up, or the user has had enough."""
        cancelled = self.cancel is not None and self.cancel.is_set()
        return cancelled or time.monotonic() >= self.until

    def feasible(self, held: Iterable[Suspect]) -> bool | None:
        """Whether there is a plan under these suspects; None if time ran out first."""
        chosen = frozenset(held)
        if chosen not in self.known:
            if self.over:
                return None
            self.solves += 1
            left = self.until - time.monotonic()
            limits = Limits(max(0.0, min(left, self.limit_s)), 1.0, 0, 1)
            answer = run_highs(self._under(chosen), limits, cancel=self.cancel)
            if answer.status.startswith("infeasible"):
                self.known[chosen] = False
            else:
                self.known[chosen] = True if answer.x is not None else None
        return self.known[chosen]

    def _under(self, held: frozenset[Suspect]) -> LinearProgram:
        program = self.program
        low, high = program.row_low.copy(), program.row_high.copy()
        column_high, whole = program.high.copy(), program.whole.copy()
        for switch in self.switches.values():
            whole[switch.whole] = False
        for suspect, switch in self.switches.items():
            if suspect in held:
                np.minimum.at(column_high, switch.columns, switch.high)
                whole[switch.whole] = True
            else:
                low[switch.rows], high[switch.rows] = -np.inf, np.inf
        return replace(
            program,
            cost=np.zeros_like(program.cost),
            offset=0.0,
            row_low=low,
            row_high=high,
            high=column_high,
            whole=whole,
        )


def make_elastic(
    instance: Instance,
    rules: Sequence[Rule],
    every: Sequence[Suspect],
    until: float,
    limit_s: float,
    cancel: Event | None = None,
) -> Elastic:
    """The elastic program of an instance with these suspects."""
    hard = [rule for rule in rules if rule.soft_price is None]
    loose = _loosened(instance)
    scope = Scope(loose, by_services=False)
    problem = make_problem(loose, hard, scope=scope, all_arcs=True)
    switches = {suspect: _switch(instance, problem, suspect) for suspect in every}
    return Elastic(problem.program, switches, until, limit_s, cancel)


def _loosened(instance: Instance) -> Instance:
    tables = dict(instance.tables)
    goods = tables["commodities"].copy()
    goods["unmet_price"] = goods.unmet_price.fillna(0.0)
    goods["max_delivery_h"] = np.nan
    kinds, places = tables["technologies"].copy(), tables["locations"].copy()
    kinds["max_modules"] = many_more(kinds.max_modules)
    places["max_steps"] = many_more(places.max_steps)
    sites = tables["sites"].copy()
    sites["status"] = sites.status.replace("excluded", "candidate")
    tables |= {
        "commodities": goods,
        "technologies": kinds,
        "locations": places,
        "sites": sites,
    }
    return replace(instance, tables=tables)


def _switch(instance: Instance, problem: Problem, suspect: Suspect) -> Switch:
    name = suspect.name
    match suspect.kind:
        case "rule":
            return _rule_switch(problem, name[0])
        case "budget":
            rows = _rows(problem, f"{name[1]}_budget", lambda key: key[0] == name[0])
            return Switch(rows=rows)
        case "demand":
            return _bounded(problem, "unmet", lambda key: key[0] == name[0], 0.0)
        case "delivery time":
            return _late_switch(instance, problem, name[0])
        case "excluded site":
            return _bounded(problem, "open", lambda key: key[0] == name[0], 0.0)
        case "supply":
            return _supply_switch(problem, name)
        case "disposal":
            return Switch(rows=_rows(problem, "waste", lambda key: key[0] == name[0]))
        case "promise":
            return _promise_switch(problem, name)
        case "use":
            return Switch(
                rows=_rows(problem, "least_use", lambda key: key[1] == name[0])
            )
        case "prerequisite":
            rows = _rows(problem, "first", lambda k: (k[0], k[2]) == name)
            return Switch(rows=rows)
        case "infrastructure":
            return _infrastructure_switch(instance, problem, name[0])
        case "service":
            need = _rows(problem, "service", lambda key: key[1] == name[0])
            permit = _rows(problem, "permit", lambda key: key[2] == name[0])
            return Switch(rows=np.concatenate([need, permit]))
        case "capacity":
            allowed = Scope(instance, by_services=False).allowed
            most = int(instance.technologies.max_modules[name[0]])
            column = problem.decisions.column["modules"]
            mine = [(n, key) for key, n in column.items() if key[1] == name[0]]
            high = [allowed.get((key[0], key[1]), most) for _, key in mine]
            return Switch(
                columns=np.array([n for n, _ in mine], int), high=np.array(high, float)
            )
    raise ValueError(f"no switch for {suspect.kind}")


def _rows(problem: Problem, family: str, mine: Callable[[Any], bool]) -> np.ndarray:
    keys = problem.decisions.row_keys
    return np.array(
        [
            n
            for n, (name, index, rule) in enumerate(keys)
            if name == family and not rule and mine(index)
        ],
        int,
    )


def _bounded(
    problem: Problem, family: str, mine: Callable[[Any], bool], high: float
) -> Switch:
    column = problem.decisions.column[family]
    chosen = [n for key, n in column.items() if mine(key)]
    return Switch(columns=np.array(chosen, int), high=np.full(len(chosen), high))


def _rule_switch(problem: Problem, id: str) -> Switch:
    keys, side = problem.decisions.row_keys, problem.layer.side
    own = [n for n, (_, _, rule) in enumerate(keys) if rule == id]
    mine = np.flatnonzero(np.array([name == id for name in problem.asked_by], bool))
    over_flows = np.flatnonzero(np.isin(side.family, mine))
    rule = next(each for each in problem.rules if each.id == id)
    whole = rule.whole_deliveries(problem.instance)
    to_zone = problem.arcs.destination_kind == "zone"
    named = problem.arcs.commodity[to_zone].isin(whole).to_numpy()
    return Switch(
        rows=np.concatenate(
            [np.array(own, int), problem.assembled[1].side + over_flows]
        ),
        whole=problem.decisions.size + np.flatnonzero(named),
    )


def _late_switch(instance: Instance, problem: Problem, commodity: str) -> Switch:
    arcs = problem.arcs[problem.arcs.destination_kind == "zone"]
    limit = instance.commodities.max_delivery_h[commodity]
    late = (
        (arcs.commodity == commodity) & (hours_of(instance, arcs) > limit)
    ).to_numpy()
    columns = problem.decisions.size + np.flatnonzero(late)
    return Switch(columns=columns, high=np.zeros(len(columns)))


def _supply_switch(problem: Problem, name: tuple[str, ...]) -> Switch:
    table = problem.instance.supplies_by_period
    mine = ((table.supplier == name[0]) & (table.commodity == name[1])).to_numpy()
    return Switch(rows=problem.assembled[1].supply + np.flatnonzero(mine))


def _promise_switch(problem: Problem, name: tuple[str, ...]) -> Switch:
    number = int(np.flatnonzero(promised(problem.instance, name))[0])
    return Switch(rows=_rows(problem, "firm_promise", lambda key: key[0] == number))


def _infrastructure_switch(instance: Instance, problem: Problem, i: str) -> Switch:
    places = instance.locations.set_index(["infrastructure", "location"])
    most = places[["max_steps", "existing_steps"]].max(axis=1).to_dict()
    column = problem.decisions.column["steps"]
    mine = [(n, most[key[:2]]) for key, n in column.items() if key[0] == i]
    users = _rows(problem, "users_most", lambda key: key[0] == i)
    apart = _rows(problem, "apart", lambda key: key[0] == i)
    return Switch(
        rows=np.concatenate([users, apart]),
        columns=np.array([n for n, _ in mine], int),
        high=np.array([high for _, high in mine], float),
    )
