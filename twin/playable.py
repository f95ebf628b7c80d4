"""What a topology and this machine need before a twin is begun; said at once, and not after a minute."""

from failover.topology import Topology
from stacks.cdk_command import CdkError, require_cdk
from twin.errors import TwinError


def sites_of(topology: Topology) -> tuple[str, ...]:
    """Return the regions that are outside AWS: their hosts are nobody's to emulate."""
    return tuple(each.name for each in topology.regions if each.site is not None)


def require_playable(topology: Topology, scenario: str = "SCENARIO") -> None:
    """Raise ``TwinError`` where no twin of a topology can come up; ``scenario`` is the file that asked for it."""
    if sites := sites_of(topology):
        raise TwinError(
            f"{topology.name}: {', '.join(sites)}: sites cannot be played on the twin; play it in virtual time: "
            f"`lifeboat simulate --scenario {scenario}`"
        )
    try:
        require_cdk()
    except CdkError as exc:
        raise TwinError(str(exc)) from exc
