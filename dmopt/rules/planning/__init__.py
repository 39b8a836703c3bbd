"""Rules that councils set themselves."""

from dmopt.rules.planning.access_guarantee import AccessGuarantee
from dmopt.rules.planning.burden_limit import BurdenLimit
from dmopt.rules.planning.demand_met import DemandMet
from dmopt.rules.planning.either_or import EitherOr
from dmopt.rules.planning.emission_cap import EmissionCap
from dmopt.rules.planning.excluded_area import ExcludedArea
from dmopt.rules.planning.jobs_per_district import JobsPerDistrict
from dmopt.rules.planning.least_distance import LeastDistance
from dmopt.rules.planning.local_content import LocalContent
from dmopt.rules.planning.per_district import PerDistrict
from dmopt.rules.planning.requires import Requires
from dmopt.rules.planning.single_sourcing import SingleSourcing
from dmopt.rules.planning.site_count import SiteCount
from dmopt.rules.planning.sites_apart import SitesApart
from dmopt.rules.planning.unlike import Unlike
from dmopt.rules.planning.worst_served import WorstServed
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    SiteCount,
    SingleSourcing,
    AccessGuarantee,
    WorstServed,
    BurdenLimit,
    JobsPerDistrict,
    LocalContent,
    EmissionCap,
    DemandMet,
    LeastDistance,
    SitesApart,
    ExcludedArea,
    EitherOr,
    Requires,
    PerDistrict,
    Unlike,
)
