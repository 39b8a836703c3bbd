"""From data to a model in HiGHS: how long, and how much memory, beside other tools.

    minimise   sum_i f_i y_i + sum_ij c_ij x_ij
    with       sum_i x_ij = 1,  sum_j d_j x_ij = o_i,  o_i <= q_i y_i,  x_ij <= y_i

Plain capacitated location with strong links. Each tool runs in a process of its own,
in turn, so that peak memory is its own; the clock starts when the data and the
tool's modules are loaded and stops when HiGHS holds the model. Tools:

    dmopt           from an Instance: arcs and costs from tables, the decision layer in
                    Pyomo, the flow layer in arrays, strong rows, scaling
    dmopt-arrays    from the matrix the others get: a LinearProgram, scaling
    pyomo           one Pyomo model, handed over by appsi_highs
    linopy          one linopy model, handed over by to_highspy

dmopt's model has some rows and columns more than the others (unmet demand, modules).
First a small case is solved with every tool: all optima have to agree.

    python benchmarks/handover.py [--sites 260 --zones 1000 --repeat 3]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np
from record import record, setting

TOOLS = ("dmopt", "dmopt-arrays", "pyomo", "linopy")
Case = dict[str, np.ndarray]


def make_case(sites: int, zones: int, seed: int) -> Case:
    """Sites and zones in a square of 100 km; cost (m, n) is demand times distance."""
    rng = np.random.default_rng(seed)
    site, zone = rng.uniform(0, 100, (sites, 2)), rng.uniform(0, 100, (zones, 2))
    demand = rng.integers(10, 100, zones).astype(float)
    km = np.hypot(*(site[:, None] - zone[None]).transpose(2, 0, 1))
    capacity = rng.uniform(1, 3, sites)
    return {
        "fixed": rng.uniform(500, 1500, sites) * zones / sites,
        "capacity": capacity / capacity.sum() * demand.sum() * 4,
        "demand": demand,
        "cost": km * demand,
    }


def from_instance(case: Case) -> Any:
    """dmopt's exact path, from an Instance."""
    import highspy

    from dmopt.importers.location import location_instance
    from dmopt.solving.builder import make_problem
    from dmopt.solving.highs import pass_model
    from dmopt.solving.program import scaled

    instance = location_instance(
        {"name": "handover"},
        case["fixed"],
        case["capacity"],
        case["demand"],
        case["cost"],
        rules=[],
    )

    def build() -> tuple[Any, float]:
        problem = make_problem(instance, ())
        program = problem.program.with_rows(*strong_rows(problem))
        small, scaling = scaled(program)
        h = highspy.Highs()
        pass_model(h, small)
        return h, scaling.money

    return build


def strong_rows(problem: Any) -> tuple[Any, np.ndarray, np.ndarray]:
    """x <= open for every delivery. dmopt adds only those that the relaxation breaks;
    the others' models have all of them, so here its model has too."""
    import scipy.sparse as sp

    decisions, layer = problem.decisions, problem.layer
    open_column = decisions.column["open"]
    site = np.array([open_column[s, t] for s, _, t in decisions.column["output"]])
    a = np.arange(len(layer.x_to))
    column = np.concatenate([decisions.size + a, site[layer.x_from]])
    value = np.repeat([1.0, -1.0], len(a))
    shape = (len(a), problem.program.A.shape[1])
    matrix = sp.csr_matrix((value, (np.tile(a, 2), column)), shape=shape)
    return matrix, np.full(len(a), -np.inf), np.zeros(len(a))


def from_arrays(case: Case) -> Any:
    """dmopt's program, from the matrix of costs."""
    import highspy
    import scipy.sparse as sp

    from dmopt.solving.highs import pass_model
    from dmopt.solving.program import LinearProgram, scaled

    def program() -> LinearProgram:
        fixed, capacity, demand, cost = case.values()
        m, n = cost.shape
        arc = np.arange(m * n, dtype=np.int32)  # half the memory of numpy's own
        i, j = np.divmod(arc, n)
        site, x = np.arange(m, dtype=np.int32), 2 * m + arc
        # rows: demand, output, capacity, strong; columns: y, o, x. As dmopt assembles
        # its own: columns rise from one family to the next, nothing is to be sorted
        triples = [
            (n + m + site, site, -capacity),
            (n + 2 * m + arc, i, -np.ones(m * n)),
            (n + site, m + site, -np.ones(m)),
            (n + m + site, m + site, np.ones(m)),
            (j, x, np.ones(m * n)),
            (n + i, x, demand[j]),
            (n + 2 * m + arc, x, np.ones(m * n)),
        ]
        row, column, value = (
            np.concatenate(part) for part in zip(*triples, strict=True)
        )
        del triples
        rows, columns = n + 2 * m + m * n, 2 * m + m * n
        below = np.full(m + m * n, -np.inf)
        return LinearProgram(
            A=sp.csr_matrix((value, (row, column)), shape=(rows, columns)),
            cost=np.concatenate([fixed, np.zeros(m), cost.ravel()]),
            offset=0.0,
            low=np.zeros(columns),
            high=np.concatenate([np.ones(m), np.full(m, np.inf), np.ones(m * n)]),
            row_low=np.concatenate([np.ones(n), np.zeros(m), below]),
            row_high=np.concatenate([np.ones(n), np.zeros(2 * m + m * n)]),
            whole=np.arange(columns) < m,
            shares=(np.arange(columns) < m) | (np.arange(columns) >= 2 * m),
        )

    def build() -> tuple[Any, float]:
        small, scaling = scaled(program())
        h = highspy.Highs()
        pass_model(h, small)
        return h, scaling.money

    return build


def with_pyomo(case: Case) -> Any:
    """The same rows in Pyomo, handed over by its persistent HiGHS interface."""
    import pyomo.environ as pyo
    from pyomo.contrib.appsi.solvers.highs import Highs

    def build() -> tuple[Any, float]:
        fixed, capacity, demand, cost = (case[key].tolist() for key in case)
        m = pyo.ConcreteModel()
        m.I, m.J = pyo.RangeSet(0, len(fixed) - 1), pyo.RangeSet(0, len(demand) - 1)
        m.y = pyo.Var(m.I, domain=pyo.Binary)
        m.o = pyo.Var(m.I, domain=pyo.NonNegativeReals)
        m.x = pyo.Var(m.I, m.J, bounds=(0, 1))
        m.cost = pyo.Objective(
            expr=pyo.quicksum(fixed[i] * m.y[i] for i in m.I)
            + pyo.quicksum(cost[i][j] * m.x[i, j] for i in m.I for j in m.J)
        )
        m.all_served = pyo.Constraint(
            m.J, rule=lambda m, j: pyo.quicksum(m.x[i, j] for i in m.I) == 1
        )
        m.sent = pyo.Constraint(
            m.I,
            rule=lambda m, i: (
                pyo.quicksum(demand[j] * m.x[i, j] for j in m.J) == m.o[i]
            ),
        )
        m.room = pyo.Constraint(m.I, rule=lambda m, i: m.o[i] <= capacity[i] * m.y[i])
        m.strong = pyo.Constraint(m.I, m.J, rule=lambda m, i, j: m.x[i, j] <= m.y[i])
        solver = Highs()
        solver.set_instance(m)
        return solver._solver_model, 1.0

    return build


def with_linopy(case: Case) -> Any:
    """The same rows in linopy, handed over directly."""
    import linopy
    import pandas as pd
    import xarray as xr
    from linopy.io import to_highspy

    def build() -> tuple[Any, float]:
        fixed, capacity, demand, cost = case.values()
        i = pd.RangeIndex(len(fixed), name="i")
        j = pd.RangeIndex(len(demand), name="j")
        m = linopy.Model()
        y = m.add_variables(binary=True, coords=[i], name="y")
        o = m.add_variables(lower=0, coords=[i], name="o")
        x = m.add_variables(lower=0, upper=1, coords=[i, j], name="x")
        wanted = xr.DataArray(demand, coords=[j])
        m.add_constraints(x.sum("i") == 1, name="demand")
        m.add_constraints((x * wanted).sum("j") - o == 0, name="sent")
        m.add_constraints(o - y * xr.DataArray(capacity, coords=[i]) <= 0, name="room")
        m.add_constraints(x - y <= 0, name="strong")
        m.add_objective(
            (y * xr.DataArray(fixed, coords=[i])).sum()
            + (x * xr.DataArray(cost, coords=[i, j])).sum()
        )
        return to_highspy(m), 1.0

    return build


PREPARE = dict(
    zip(TOOLS, (from_instance, from_arrays, with_pyomo, with_linopy), strict=True)
)


def run_here(tool: str, case: Case, solve: bool) -> dict[str, float]:
    """Build with one tool in this process; peak_mb is that of the whole process."""
    build = PREPARE[tool](case)
    before = peak_mb()
    begin = time.perf_counter()
    h, money = build()
    found = {
        "seconds": time.perf_counter() - begin,
        "peak_mb": peak_mb(),
        "before_mb": before,
        "nonzeros": h.getNumNz(),
        "rows": h.getNumRow(),
        "columns": h.getNumCol(),
    }
    if solve:
        for name, value in (("output_flag", False), ("mip_rel_gap", 1e-9)):
            h.setOptionValue(name, value)
        h.run()
        found["optimum"] = h.getInfo().objective_function_value * money
    return found


def run_apart(tool: str, given: argparse.Namespace, *more: str) -> dict[str, float]:
    """The same in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--tool",
        tool,
        "--seed",
        str(given.seed),
        "--sites",
        str(given.sites),
        "--zones",
        str(given.zones),
        *more,
    ]  # later options win
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def peak_mb() -> float:
    """Peak memory of this process, MB (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def same_optima(given: argparse.Namespace, tools: list[str]) -> None:
    """Stops the benchmark where the tools do not build the same model."""
    small = ("--sites", "12", "--zones", "40", "--solve")
    optima = {tool: run_apart(tool, given, *small)["optimum"] for tool in tools}
    print("optima of a small case:", {t: round(v, 4) for t, v in optima.items()})
    if max(optima.values()) - min(optima.values()) > 1e-6 * max(optima.values()):
        raise SystemExit("the tools do not agree: not the same model")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=260)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--tool", choices=TOOLS, help=argparse.SUPPRESS)
    parser.add_argument("--solve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.tool:
        case = make_case(given.sites, given.zones, given.seed)
        print(json.dumps(run_here(given.tool, case, given.solve)))
        return
    same_optima(given, given.only)
    compare(given)


def compare(given: argparse.Namespace) -> None:
    """Median of the repeats of every tool, as a table and as rows of CSV."""
    print(f"{given.sites} sites, {given.zones} zones, seed {given.seed}; {setting()}")
    print(f"{'tool':<14}{'seconds':>9}{'peak MB':>9}{'nonzeros':>11}{'rows':>9}  ratio")
    # the tools in turn, so that a slow spell of the machine meets all of them
    rounds = [
        {tool: run_apart(tool, given) for tool in given.only}
        for _ in range(given.repeat)
    ]
    first = None
    for tool in given.only:
        row = {
            name: statistics.median(each[tool][name] for each in rounds)
            for name in rounds[0][tool]
        }
        first = first or row
        print(
            f"{tool:<14}{row['seconds']:>9.2f}{row['peak_mb']:>9.0f}"
            f"{row['nonzeros']:>11,.0f}{row['rows']:>9,.0f}"
            f"  {row['seconds'] / first['seconds']:.1f} x time,"
            f" {row['peak_mb'] / first['peak_mb']:.1f} x memory"
        )
        path = record(
            "handover",
            {
                "tool": tool,
                "sites": given.sites,
                "zones": given.zones,
                "seed": given.seed,
                "repeat": given.repeat,
                **row,
            },
        )
    print(f"rows added to {path}")


if __name__ == "__main__":
    main()
