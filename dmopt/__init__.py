"""dmopt plans local micro-factories for a city region, with proof.

    import dmopt

    instance = dmopt.read("instances/west-midlands")
    result = dmopt.solve(instance, gap=0.01, time_limit_s=60)
    dmopt.plot(result.plan)

The names of `dmopt.api` are here too; what they need is imported when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dmopt.api import (
        Instance,
        InstanceError,
        Objective,
        Plan,
        PlanRejected,
        Progress,
        Region,
        Result,
        Rule,
        Violation,
        Wishes,
        World,
        WorldsPlan,
        alternatives,
        breakeven,
        compare,
        comparison_table,
        costs,
        declared_worlds,
        dimensions,
        drawn_worlds,
        edit_rules,
        explain,
        firmness,
        frontier,
        indicators,
        make_instance,
        make_rules,
        objective,
        plan_worlds,
        plot,
        plot_worlds,
        prefer,
        price,
        product_table,
        read,
        read_option,
        read_plan,
        region_of_place,
        region_of_zones,
        register_rule,
        save,
        screen,
        sentences,
        solve,
        stress,
        verify,
        why,
        with_model,
        withstand,
        worlds_sentences,
        worlds_table,
        write,
        write_report,
    )

__version__ = "0.1.0"
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


def __getattr__(name: str) -> Any:
    """Names of the api, imported late: `import dmopt` takes no time."""
    if name in __all__:
        return getattr(import_module("dmopt.api"), name)
    raise AttributeError(f"module 'dmopt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
