"""Where things are, as follows from a topology and is not written in it."""

from typing import Final

from failover.topology.companions import Cache, CacheTier
from failover.topology.model import Topology

ONLY_CACHE: Final = "cache"
"""The cache of a topology that declares none: one in each region, on its own."""

ONLY_CACHE_NODE: Final = "cache.t4g.small"

GLOBAL_CACHE_PREFIXES: Final = {
    "ap-east-1": "knjmp",
    "ap-northeast-1": "quwsw",
    "ap-northeast-2": "lfqnh",
    "ap-northeast-3": "nlapn",
    "ap-south-1": "erpgt",
    "ap-southeast-1": "vlqxn",
    "ap-southeast-2": "vbgxd",
    "ca-central-1": "bxodz",
    "eu-central-1": "iudkw",
    "eu-west-1": "gxeiz",
    "eu-west-2": "okuqm",
    "eu-west-3": "fgjhi",
    "sa-east-1": "juxlw",
    "us-east-1": "ldgnf",
    "us-east-2": "fpkhr",
    "us-west-1": "virxk",
    "us-west-2": "sgaui",
}
"""What AWS puts before the id of a global datastore that is made in a region (ElastiCache user guide, "Using global
datastores (CLI)"). A region that is not here has no global datastores, as far as that page says."""

MOST_GLOBAL_CACHE_REPLICAS: Final = 2
"""A global datastore has one primary region and up to two others (the guide's "Prerequisites and limitations")."""


def replicas_of(topology: Topology, region: str) -> tuple[str, ...]:
    """Return the regions that a region's objects are copied to: every other one of its residency zone.

    All of them and not the next one only: S3 does not pass on what it has replicated, and the objects must
    be there whichever region the databases move to. A site has no bucket, so that nothing is copied to or from one.
    """
    zone, mates = topology.region(region).zone, set(topology.aws_regions)
    if region not in mates:
        return ()
    return tuple(other.name for other in topology.regions if other.zone == zone and other.name in mates - {region})


def watched_from(topology: Topology, site: str) -> str:
    """Return the control region that hears a site's guard: the one that it is near to, or the first."""
    there = topology.site(site)
    near = there.near if there else site
    return near if near in topology.control_regions else topology.control_regions[0]


def caches_of(topology: Topology) -> tuple[Cache, ...]:
    """Return the declared caches, or the regional one that every topology has which declares none.

    A site's own cache is the site's.
    """
    if topology.caches or not topology.aws_regions:
        return topology.caches
    first, *others = topology.aws_regions
    return (Cache(ONLY_CACHE, CacheTier.REGIONAL, first, tuple(others), ONLY_CACHE_NODE),)


def global_caches(topology: Topology) -> tuple[Cache, ...]:
    """Return the caches that have one writer, which moves."""
    return tuple(each for each in topology.caches if each.tier is CacheTier.GLOBAL)
