"""What a product has, as sections of its document: their keys, types, defaults and the words that editors show.

Strict: a text is never taken for a number, nor a number for a text. Every required key has an example, which
editors offer and which stands in for a broken value while the rest of the document is checked.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from failover.topology import Automation, CacheTier, DatasetKind, Engine, Role, RoutePolicy, WorkerKind
from topology_document.section import Section
from topology_document.values import (
    GroupName,
    InstanceClass,
    Label,
    Network,
    NodeType,
    RegionName,
    ZoneName,
)
from topology_document.whereabouts import IpAddress, PlaceName


class SiteSection(Section):
    """What a region is that is none of AWS: a provider's machines, known by their addresses."""

    provider: Label = Field(description="Whose machines they are.", examples=["hetzner"])
    pair: Label = Field(
        description="The place. Sites with the same word are one place with two providers, and the first to take over "
        "from each other.",
        examples=["frankfurt"],
    )
    near: RegionName = Field(
        description="The AWS region whose distance to users stands for the site's, where a route goes by latency.",
        examples=["eu-central-1"],
    )
    addresses: list[IpAddress] = Field(
        min_length=1,
        description="The public addresses of its entrance, which do not change.",
        examples=[["203.0.113.10"]],
    )
    agent_port: int = Field(
        8443, ge=1, le=65535, description="Where its agent listens for control regions.", examples=[8443]
    )


class RegionSection(Section):
    """A region that serves the product: of AWS, or a site."""

    role: Annotated[Role, Strict(strict=False)] = Field(
        description="What the region is born as. Exactly one is primary; who writes now is never written here.",
        examples=["secondary"],
    )
    zone: ZoneName = Field(
        "WORLD",
        description="The residency zone that the region belongs to. Data moves inside its zone only.",
        examples=["EU"],
    )
    cidr: Network = Field(
        description="The region's own network, /16 to /20; no two regions may overlap.",
        examples=["10.1.0.0/16"],
    )
    nodes: int = Field(2, ge=1, le=1000, description="The nodes that the region starts with.", examples=[2])
    most_nodes: int = Field(
        6, ge=1, le=1000, description="The nodes that it may have when it takes over.", examples=[6]
    )
    needed_nodes: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="The nodes that its own users need; the others run for those of a lost region, who then need not "
        "wait for instances to start. Default: nodes.",
        examples=[2],
    )
    site: SiteSection | None = Field(
        None,
        description="What it is where it is no region of AWS. Default: a region of AWS.",
        examples=[
            {
                "provider": "hetzner",
                "pair": "frankfurt",
                "near": "eu-central-1",
                "addresses": ["203.0.113.10"],
            }
        ],
    )


class QuorumStoreSection(Section):
    """The three places of the quorum store: three replicas, or two and a witness, all of one region set."""

    replicas: list[RegionName] = Field(
        description="Regions with a replica of the quorum store, in order of preference: three, or two with a "
        "witness. They need not be regions of the product.",
        examples=[["eu-central-1", "eu-west-2", "eu-west-3"]],
    )
    witness: RegionName | None = Field(
        None,
        description="The region that only takes part in the quorum, where there are two replicas.",
        examples=["eu-west-1"],
    )


class Standby(StrEnum):
    """What stands by for a copy in another zone of its region.

    ``instance``: a second server that nobody reads. ``cluster``: two that can be read, a Multi-AZ DB cluster of RDS.
    """

    INSTANCE = "instance"
    CLUSTER = "cluster"


class DatabaseSection(Section):
    """One database of the product."""

    engine: Annotated[Engine, Strict(strict=False)] = Field(
        description="The database engine; it decides how a replica is promoted.", examples=["rds-postgres"]
    )
    kind: Annotated[DatasetKind, Strict(strict=False)] = Field(
        DatasetKind.SINGLE,
        description="single: one writer, moved by promotion. home-region: never leaves its region.",
    )
    born_in: PlaceName | None = Field(
        None,
        description="The region of the first writer. It never changes, not even after a failover. "
        "Default: the primary region.",
        examples=["us-east-1"],
    )
    replicas: list[PlaceName] = Field(
        default_factory=list,
        description="Regions with a replica that may be promoted. Default: none.",
        examples=[["eu-west-1", "ap-southeast-1"]],
    )
    follows: dict[PlaceName, PlaceName] = Field(
        default_factory=dict,
        description="What a replica follows: the region of the first writer, since a replica of a replica is lost with "
        "it. Default: that region.",
        examples=[{"eu-west-1": "us-east-1"}],
    )
    standby: Annotated[Standby, Strict(strict=False)] = Field(
        Standby.INSTANCE,
        description="What stands by in another zone. instance: a server that nobody reads. cluster: two that can be "
        "read, which have no replicas in other regions.",
    )
    residency: ZoneName | None = Field(
        None,
        description="The residency zone that the data may not leave. Default: the zone of the region it is born in.",
        examples=["EU"],
    )
    also_in: list[ZoneName] = Field(
        default_factory=list,
        description="Zones beside its own that copies may stand in: for data that may be replicated there, as "
        "datasets says. Default: none.",
        examples=[["CA", "SG"]],
    )
    port: int = Field(
        5432,
        ge=1024,
        le=65535,
        description="Where its server listens at sites, each database of a site at another one.",
        examples=[5433],
    )
    rpo_seconds: int | None = Field(
        None,
        ge=1,
        le=86400,
        description="The greatest loss that needs nobody's consent. Default: targets.rpo_seconds.",
        examples=[60],
    )
    instance_class: InstanceClass = Field(
        "db.t4g.medium", description="The size of each copy.", examples=["db.r7g.large"]
    )
    storage_gib: int = Field(20, ge=20, le=65536, description="The storage of each copy.", examples=[100])
    automation: Annotated[Automation, Strict(strict=False)] = Field(
        Automation.AUTOMATIC,
        description="How much may happen to this database without a person; failover.automation may allow less.",
    )
    together: GroupName | None = Field(
        None,
        description="A word of your own: databases with the same word move together, or hold. Default: alone.",
        examples=["shop"],
    )


class RouteSection(Section):
    """One public name of the product."""

    policy: Annotated[RoutePolicy, Strict(strict=False)] = Field(
        RoutePolicy.LATENCY, description="How Route 53 chooses among the regions."
    )
    ttl_seconds: int = Field(
        20,
        ge=1,
        le=3600,
        description='How long clients may remember an answer. At the domain itself ("@") 60 or more.',
        examples=[20],
    )
    regions: list[PlaceName] | None = Field(
        None,
        min_length=1,
        description="The regions that serve this name. Default: every region.",
        examples=[["us-east-1", "eu-west-1"]],
    )
    writes: bool = Field(
        default=True, description="Whether requests to this name write: such a name follows the lever alone."
    )


class CacheSection(Section):
    """One cache of the product."""

    tier: Annotated[CacheTier, Strict(strict=False)] = Field(
        CacheTier.REGIONAL,
        description="global: one global datastore, moved with its writer. neighbour: each region fills its own, of "
        "which its neighbour has a copy to read. regional: each region fills its own.",
    )
    born_in: RegionName | None = Field(
        None, description="The region of its first writer. Default: the primary region.", examples=["us-east-1"]
    )
    replicas: list[RegionName] | None = Field(
        None, description="The other regions that hold a copy. Default: every other region.", examples=[["eu-west-1"]]
    )
    neighbours: dict[RegionName, RegionName] = Field(
        default_factory=dict,
        description="With tier neighbour: the region that has a copy of each region's cache. Default: nobody has.",
        examples=[{"us-east-1": "eu-west-1", "eu-west-1": "us-east-1"}],
    )
    node_type: NodeType = Field("cache.r7g.large", description="The size of each node.", examples=["cache.r7g.large"])


class WorkerSection(Section):
    """A scheduler or a queue consumer: it runs in every region and works only where its database is written."""

    kind: Annotated[WorkerKind, Strict(strict=False)] = Field(
        WorkerKind.SCHEDULER, description="scheduler: starts work by the clock. consumer: takes it from a queue."
    )
    database: Label = Field(description="The database whose lease it obeys.", examples=["orders"])
