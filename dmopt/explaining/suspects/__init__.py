"""What a user gave that can stand in the way of a plan: rules and figures, by name.

A suspect can be dropped altogether (`Elastic` does it) or loosened: each of its figures
has a value now, a way it can go, and an edit that gives the instance with another value
in its place. Edits change ordinary tables and nothing else.
"""

from collections.abc import Sequence

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.making import capacities, least_uses, supplies
from dmopt.explaining.suspects.over_time import disposals, promises
from dmopt.explaining.suspects.policies import budgets, excluded_sites, rules_held
from dmopt.explaining.suspects.shared import infrastructure, prerequisites, services
from dmopt.explaining.suspects.suspect import Suspect
from dmopt.explaining.suspects.wants import delivery_times, demands
from dmopt.rules.rule import Rule


def suspects(instance: Instance, rules: Sequence[Rule]) -> list[Suspect]:
    """All suspects of an instance, those first whose names say most to people."""
    return [
        *rules_held(rules),
        *budgets(instance),
        *demands(instance),
        *delivery_times(instance),
        *excluded_sites(instance),
        *promises(instance),
        *supplies(instance),
        *disposals(instance),
        *least_uses(instance),
        *prerequisites(instance),
        *infrastructure(instance),
        *services(instance),
        *capacities(instance),
    ]
