"""Rules of dimension D1, network structure."""

from dmopt.rules.network_structure.backup_cover import BackupCover
from dmopt.rules.network_structure.count_and_classes import CountAndClasses
from dmopt.rules.network_structure.no_dominant_site import NoDominantSite
from dmopt.rules.network_structure.proximity_service import ProximityService
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    ProximityService,
    NoDominantSite,
    BackupCover,
    CountAndClasses,
)
