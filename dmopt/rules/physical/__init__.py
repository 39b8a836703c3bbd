"""Rules of dimension D5, physical and resource infrastructure."""

from dmopt.rules.physical.local_inputs import LocalInputs
from dmopt.rules.physical.low_carbon_last_mile import LowCarbonLastMile
from dmopt.rules.physical.service_reserve import ServiceReserve
from dmopt.rules.physical.shared_facilities import SharedFacilities
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    ServiceReserve,
    SharedFacilities,
    LocalInputs,
    LowCarbonLastMile,
)
