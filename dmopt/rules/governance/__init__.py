"""Rules of dimension D3, relationships and governance."""

from dmopt.rules.governance.control_site import ControlSite
from dmopt.rules.governance.exclusive_territory import ExclusiveTerritory
from dmopt.rules.governance.plural_ownership import PluralOwnership
from dmopt.rules.governance.pooled_capacity import PooledCapacity
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    ControlSite,
    PluralOwnership,
    PooledCapacity,
    ExclusiveTerritory,
)
