"""The topology document: what a product's YAML file may say."""

from pydantic import Field

from topology_document.infrastructure import Infrastructure
from topology_document.policies import FailoverSection, LeaseSection, ObservationSection, TargetsSection
from topology_document.sections import (
    CacheSection,
    DatabaseSection,
    QuorumStoreSection,
    RegionSection,
    RouteSection,
    WorkerSection,
)
from topology_document.values import AccountId, DomainName, Label, RegionName, RouteName
from topology_document.whereabouts import PlaceName


class TopologyDocument(Infrastructure):
    """Which regions, data, routes and targets a product has: the one source of truth."""

    name: Label = Field(
        description="The product's name; it begins the name of everything that is deployed.", examples=["shop"]
    )
    account: AccountId = Field(description="The AWS account, in quotes.", examples=["111122223333"])
    domain: DomainName = Field(
        description="The DNS zone of the product; routes are names in it.", examples=["shop.example.com"]
    )
    regions: dict[PlaceName, RegionSection] = Field(
        min_length=1,
        description="The regions that serve the product, by AWS name. Their order says nothing. A site has a name of "
        "its own.",
        examples=[{"us-east-1": {"role": "primary", "zone": "WORLD", "cidr": "10.1.0.0/16"}}],
    )
    control_regions: list[RegionName] | None = Field(
        None,
        min_length=1,
        description="The regions that run the control plane and observe the others. Default: every region of AWS.",
        examples=[["us-east-1", "eu-west-1", "ap-southeast-1"]],
    )
    quorum_store: QuorumStoreSection = Field(
        description="Where votes, roles, leases and incidents are kept.",
        examples=[{"replicas": ["eu-central-1", "eu-west-2", "eu-west-3"]}],
    )
    databases: dict[Label, DatabaseSection] = Field(
        min_length=1,
        description="The databases, by name.",
        examples=[{"orders": {"engine": "rds-postgres", "replicas": ["eu-west-1"]}}],
    )
    caches: dict[Label, CacheSection] = Field(
        default_factory=dict,
        description="The caches, by name. Default: one regional cache in each region, named cache.",
        examples=[{"sessions": {"tier": "global"}}],
    )
    workers: dict[Label, WorkerSection] = Field(
        default_factory=dict,
        description="Schedulers and queue consumers that work only where their database is written. Default: none.",
        examples=[{"nightly": {"kind": "scheduler", "database": "orders"}}],
    )
    routes: dict[RouteName, RouteSection] = Field(
        min_length=1,
        description='The public names, relative to the domain; "@" is the domain itself.',
        examples=[{"app": {"policy": "latency"}}],
    )
    observation: ObservationSection = Field(
        default_factory=ObservationSection, description="How the control regions watch the others."
    )
    lease: LeaseSection = Field(
        default_factory=LeaseSection, description="The time-limited right to write; promotion gives none."
    )
    failover: FailoverSection = Field(
        default_factory=FailoverSection, description="How much happens without a person, and when."
    )
    targets: TargetsSection = Field(
        description="What the product promises.",
        examples=[{"rto_seconds": 120, "rpo_seconds": 60, "detection_seconds": 15}],
    )
