"""The rows of the rule `mine` over the decision layer, as text."""

import pyomo.environ as pyo

from dmopt.data.instance import Instance
from dmopt.formulation.build import build
from dmopt.formulation.scope import Scope
from dmopt.rules import make_rules

TWO_YEARS = [
    {"period": "y", "start_year": 2030, "years": 1},
    {"period": "z", "start_year": 2031, "years": 1},
]


def rows(instance: Instance) -> dict[str, str]:
    """Name of each row -> the row; rows that only give variables meaning are out."""
    m = build(instance, Scope(instance), make_rules(instance))
    block = m.rule["mine"]
    return {
        row.local_name: str(row.expr)
        .replace("rule[mine].means.", "")
        .replace("rule[mine].", "")
        for row in block.component_data_objects(pyo.Constraint, descend_into=False)
    }


def periods(instance: Instance) -> set[str]:
    """Periods in which the rule has rows."""
    return {
        name.rstrip("]").replace("[", ",").split(",")[-1] for name in rows(instance)
    }
