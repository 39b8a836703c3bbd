"""Rules of dimension D7, institutional infrastructure."""

from dmopt.rules.institutional.land_use_permission import LandUsePermission
from dmopt.rules.institutional.licence import Licence
from dmopt.rules.institutional.public_provision import PublicProvision
from dmopt.rules.institutional.skills_programme import SkillsProgramme
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    Licence,
    SkillsProgramme,
    LandUsePermission,
    PublicProvision,
)
