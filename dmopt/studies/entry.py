"""One way to produce on one instance: its plan, and what it costs and brings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.explaining.conflict import Explanation
from dmopt.solving.result import Result

HYBRID, FREE = "hybrid", "free"
INDICATORS = (
    "emissions_t",
    "jobs",
    "people_10km",
    "worst_tenth_km",
    "public_cost",
    "sites_open",
    "sites_outside",
    "unmet_share",
    "local_share",
)
"""Indicators of the comparison, by name."""


@dataclass(frozen=True)
class Entry:
    """One model on the instance.

    name, label, about, status (of its rules: confirmed or reconstructed).
    instance: the instance under the model. result: its solve.
    cost_kinds: kind -> money, as `costs.KINDS`. shared: kind of infrastructure (data:
        platform and links, licence, quality: hubs ...) -> money, part of
        "infrastructure". indicators: as `INDICATORS`. products: product x kind.
    mix: hybrid only: product -> model.
    explanation: why there is no plan.
    """

    name: str
    label: str
    about: str
    status: str
    instance: Instance
    result: Result
    cost_kinds: Mapping[str, float] = field(default_factory=dict)
    shared: Mapping[str, float] = field(default_factory=dict)
    indicators: Mapping[str, float] = field(default_factory=dict)
    products: pd.DataFrame | None = None
    mix: Mapping[str, str] | None = None
    explanation: Explanation | None = None

    @property
    def cost(self) -> float | None:
        return self.result.cost
