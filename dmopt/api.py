"""What notebooks and programs use: everything by one short name.

    read(path) -> Instance               folder of CSV tables, GeoPackage or Excel
    write(instance, path)                the same forms, by suffix
    make_instance(settings, tables)      from tables in memory
    solve(instance, ...) -> Result       a verified plan with its proof, or none
    verify(instance, plan)               what a plan breaks; [] means sound
    costs(plan), indicators(plan)        what it costs and brings, as tables
    plot(plan)                           its map, a matplotlib Figure
    save(result, folder)                 the run's folder: tables, map, GeoPackage
    read_plan(instance, folder) -> Plan  the plan of a saved run

Every instance passes the same checks, whichever way it came: InstanceError lists all
its faults. Every plan too, whoever made it (PlanRejected, `verify`).
"""

from pathlib import Path

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance as read
from dmopt.data.validate import make_instance
from dmopt.data.write import write_instance as write
from dmopt.errors import InstanceError, PlanRejected
from dmopt.maps.geopackage import write_geopackage
from dmopt.maps.static import plot, write_map
from dmopt.plan.costs import cost_table as costs
from dmopt.plan.indicators import indicators
from dmopt.plan.plan import Plan
from dmopt.plan.verify import verify as broken_rows
from dmopt.plan.violation import Violation
from dmopt.rules import make_rules
from dmopt.runs import read_plan, write_run
from dmopt.solving.progress import Progress
from dmopt.solving.result import Result
from dmopt.solving.run import solve

__all__ = [
    "Instance",
    "InstanceError",
    "Plan",
    "PlanRejected",
    "Progress",
    "Result",
    "Violation",
    "costs",
    "indicators",
    "make_instance",
    "plot",
    "read",
    "read_plan",
    "save",
    "solve",
    "verify",
    "write",
]


def verify(instance: Instance, plan: Plan) -> list[Violation]:
    """What a plan breaks of the instance's figures and rules; [] means it is sound.

    Shares no code with the solver. Raises InstanceError for rules that cannot be read.
    """
    return broken_rows(instance, plan, make_rules(instance))


def save(
    result: Result,
    folder: str | Path,
    *,
    instance: Instance | None = None,
    excel: bool = False,
    command: str = "",
) -> Path:
    """Write a run: plan.json, tables, map.png and plan.gpkg; whole or not at all.

    An earlier run in the folder is replaced. instance: what was solved; needed only
    where the result has no plan. excel: also plan.xlsx. command: what the user typed.
    Gives the folder. Raises FileExistsError where the folder holds something else.
    """
    folder, plan = Path(folder), result.plan
    folder.parent.mkdir(parents=True, exist_ok=True)
    extra = {}
    if plan is not None:
        extra = {
            "map.png": lambda path: write_map(plan, path, result=result),
            "plan.gpkg": lambda path: write_geopackage(plan, path, result=result),
        }
    return write_run(
        result,
        folder,
        instance=instance,
        command=command,
        excel=excel,
        extra=extra,
    )
