"""What notebooks and programs use: everything by one short name.

    read(path) -> Instance               folder of CSV tables, GeoPackage or Excel
    write(instance, path)                the same forms, by suffix
    make_instance(settings, tables)      from tables in memory
    region_of_place(place), region_of_zones(path, population) -> Region
                                         an instance for any city, or your boundaries
    solve(instance, ...) -> Result       a verified plan with its proof, or none
    verify(instance, plan)               what a plan breaks; [] means sound
    costs(plan), indicators(plan)        what it costs and brings, as tables
    plot(plan)                           its map, a matplotlib Figure
    write_report(result, path)           one HTML file to hand over; read_option reads
                                         a saved run for it
    save(result, folder)                 the run's folder: tables, map, GeoPackage
    read_plan(instance, folder) -> Plan  the plan of a saved run

    edit_rules(instance, ...)            rules added, changed, switched
    with_model(instance, name)           under a production model
    compare(instance) -> Comparison      all production models; with comparison_table,
                                         product_table, sentences
    explain(instance) -> Explanation     why there is no plan, and ways out
    price(instance) -> Prices            what each rule and dimension costs
    why(instance, site, result) -> Why   a site forced open or shut
    firmness(instance, result)           how firm each site is
    breakeven(instance, over)            where the winning model changes
    frontier(instance, [objective(name)])  cost against emissions, access, jobs ...; an
                                         Objective of your own is any rule's figure
    screen(instance) -> Screening        which uncertain figures change the sites most
    plan_worlds(instance, worlds) -> WorldsPlan  one plan for several futures: a World
                                         each, by hand, declared_worlds(instance) or
                                         drawn_worlds(instance, count, seed); with
                                         worlds_table, worlds_sentences, plot_worlds
    prefer(instance, [objective(name), "cost"])  the best of the first, then of the next
    alternatives(instance, result)       plans of nearly the same cost, other sites
    stress(plan) -> StressTest           what a plan serves after each loss
    withstand(instance, share)           the cheapest plan that withstands any one loss
    register_rule(kind)                  a kind of rule of your own, as a decorator
    dimensions()                         labels of the dimensions, and their status

Every instance passes the same checks, whichever way it came: InstanceError lists all
its faults. Every plan too, whoever made it (PlanRejected, `verify`).
"""

from pathlib import Path

from dmopt.data.instance import Instance
from dmopt.data.read import read_instance as read
from dmopt.data.validate import make_instance
from dmopt.data.write import write_instance as write
from dmopt.errors import InstanceError, PlanRejected
from dmopt.explaining.conflict import explain
from dmopt.explaining.firm import firmness
from dmopt.explaining.price import price
from dmopt.explaining.why import why
from dmopt.maps.geopackage import write_geopackage
from dmopt.maps.static import plot, write_map
from dmopt.maps.worlds import plot_worlds
from dmopt.models import read_model
from dmopt.models import with_model as under_model
from dmopt.plan.costs import cost_table as costs
from dmopt.plan.indicators import indicators
from dmopt.plan.plan import Plan
from dmopt.plan.verify import verify as broken_rows
from dmopt.plan.violation import Violation
from dmopt.regions.region import Region, Wishes, region_of_place, region_of_zones
from dmopt.report import read_option, write_report
from dmopt.rules import Rule, edit_rules, make_rules
from dmopt.rules.catalogue import catalogue, register_rule
from dmopt.runs import read_plan, write_run
from dmopt.solving.progress import Progress
from dmopt.solving.result import Result
from dmopt.solving.run import solve
from dmopt.studies.alternatives import alternatives
from dmopt.studies.breakeven import breakeven
from dmopt.studies.compare import compare
from dmopt.studies.frontier.frontier import frontier
from dmopt.studies.frontier.objective import Objective, objective
from dmopt.studies.frontier.preference import prefer
from dmopt.studies.screen.screen import screen
from dmopt.studies.stress.study import stress
from dmopt.studies.tables import comparison_table, product_table, sentences
from dmopt.studies.withstand.plan import withstand
from dmopt.studies.worlds.found import WorldsPlan
from dmopt.studies.worlds.plan import plan_worlds
from dmopt.studies.worlds.words import sentences as worlds_sentences
from dmopt.studies.worlds.words import worlds_table
from dmopt.studies.worlds.world import World
from dmopt.studies.worlds.world import declared as declared_worlds
from dmopt.studies.worlds.world import drawn as drawn_worlds

__all__ = [
    "Instance",
    "InstanceError",
    "Objective",
    "Plan",
    "PlanRejected",
    "Progress",
    "Region",
    "Result",
    "Rule",
    "Violation",
    "Wishes",
    "World",
    "WorldsPlan",
    "alternatives",
    "breakeven",
    "compare",
    "comparison_table",
    "costs",
    "declared_worlds",
    "dimensions",
    "drawn_worlds",
    "edit_rules",
    "explain",
    "firmness",
    "frontier",
    "indicators",
    "make_instance",
    "make_rules",
    "objective",
    "plan_worlds",
    "plot",
    "plot_worlds",
    "prefer",
    "price",
    "product_table",
    "read",
    "read_option",
    "read_plan",
    "region_of_place",
    "region_of_zones",
    "register_rule",
    "save",
    "screen",
    "sentences",
    "solve",
    "stress",
    "verify",
    "why",
    "with_model",
    "withstand",
    "worlds_sentences",
    "worlds_table",
    "write",
    "write_report",
]


def verify(instance: Instance, plan: Plan) -> list[Violation]:
    """What a plan breaks of the instance's figures and rules; [] means it is sound.

    Shares no code with the solver. Raises InstanceError for rules that cannot be read.
    """
    return broken_rows(instance, plan, make_rules(instance))


def with_model(instance: Instance, model: str) -> Instance:
    """The instance under a production model: a shipped one by name (distributed,
    multi_domestic, indigenous, centralised, free), or a TOML file by its path.

    Raises InstanceError where there is none.
    """
    return under_model(instance, read_model(model))


def dimensions() -> dict[str, dict[str, str]]:
    """Key of each dimension -> label, lens, status (confirmed or reconstructed)."""
    return dict(catalogue()["dimensions"])


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
