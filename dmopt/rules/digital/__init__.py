"""Rules of dimension D6, digital infrastructure."""

from dmopt.rules.digital.connected_first import ConnectedFirst
from dmopt.rules.digital.connected_volume import ConnectedVolume
from dmopt.rules.digital.one_platform import OnePlatform
from dmopt.rules.digital.remote_release import RemoteRelease
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    ConnectedFirst,
    OnePlatform,
    ConnectedVolume,
    RemoteRelease,
)
