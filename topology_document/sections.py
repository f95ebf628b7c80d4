"""The sections of a topology document: their keys, types, defaults and the words that editors show.

Strict: a text is never taken for a number, nor a number for a text. Every required key has an example, which
editors offer and which stands in for a broken value while the rest of the document is checked.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from failover.topology import Automation, DatasetKind, Engine, Role, RoutePolicy
from topology_document.values import InstanceClass, Network, NeutralUrl, RegionName, Seconds, ZoneName


class Section(BaseModel):
    """A mapping of known keys; any other key is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RegionSection(Section):
    """An AWS region that serves the product."""

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


class DatabaseSection(Section):
    """One database of the product."""

    engine: Annotated[Engine, Strict(strict=False)] = Field(
        description="The database engine; it decides how a replica is promoted.", examples=["rds-postgres"]
    )
    kind: Annotated[DatasetKind, Strict(strict=False)] = Field(
        DatasetKind.SINGLE,
        description="single: one writer, moved by promotion. home-region: never leaves its region.",
    )
    born_in: RegionName | None = Field(
        None,
        description="The region of the first writer. It never changes, not even after a failover. "
        "Default: the primary region.",
        examples=["us-east-1"],
    )
    replicas: list[RegionName] = Field(
        default_factory=list,
        description="Regions with a replica that may be promoted. Default: none.",
        examples=[["eu-west-1", "ap-southeast-1"]],
    )
    residency: ZoneName | None = Field(
        None,
        description="The residency zone that the data may not leave. Default: the zone of the region it is born in.",
        examples=["EU"],
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
    regions: list[RegionName] | None = Field(
        None,
        min_length=1,
        description="The regions that serve this name. Default: every region.",
        examples=[["us-east-1", "eu-west-1"]],
    )
    writes: bool = Field(
        default=True, description="Whether requests to this name write: such a name follows the lever alone."
    )


class ObservationSection(Section):
    """How control regions probe the others."""

    probe_seconds: Seconds = Field(5, le=60, description="The time between two probes.", examples=[5])
    timeout_seconds: Seconds = Field(
        2, le=60, description="How long a probe waits for its answer; less than probe_seconds.", examples=[2]
    )
    misses: int = Field(
        3, ge=1, le=20, description="Missed probes in a row that make a vote of UNHEALTHY.", examples=[3]
    )
    fresh_seconds: Seconds | None = Field(
        None,
        le=86400,
        description="The age after which a vote counts no more; at least two probes. Default: three probes.",
        examples=[15],
    )
    neutral: list[NeutralUrl] | None = Field(
        None,
        min_length=1,
        description="Places outside the product's regions that tell an observer whether it can see at all. "
        "Default: DynamoDB's endpoint in each place of the quorum store outside the product's regions.",
        examples=[["https://dynamodb.eu-west-3.amazonaws.com/ping"]],
    )


class LeaseSection(Section):
    """The time-limited right to write."""

    lease_seconds: Seconds = Field(
        20, le=600, description="How long a renewed lease lets its region write.", examples=[20]
    )
    margin_seconds: Seconds = Field(
        2,
        le=60,
        description="What clock drift over one lease and one commit may take: the gate shuts that much early, "
        "a promotion waits that much longer.",
        examples=[2],
    )
    renew_seconds: Seconds = Field(
        5, le=60, description="The time between two renewals; a third of the lease or less.", examples=[5]
    )


class FailoverSection(Section):
    """What may happen without a person, and when."""

    automation: Annotated[Automation, Strict(strict=False)] = Field(
        Automation.AUTOMATIC,
        description="observe: votes and decisions only. approve: a person starts it. automatic: by itself.",
    )
    dwell_seconds: Seconds = Field(
        10, le=86400, description="How long a region must be down before anything happens.", examples=[10]
    )
    cool_down_seconds: Seconds = Field(
        3600,
        le=86400,
        description="The time after an incident in which no other one starts by itself.",
        examples=[3600],
    )
    observers: int = Field(
        2,
        ge=1,
        le=20,
        description="Observers outside a region that must agree that it is down; two or more for automatic.",
        examples=[2],
    )


class TargetsSection(Section):
    """What the product promises. Drills are measured against it."""

    rto_seconds: int = Field(
        ge=1, le=86400, description="The longest time without service after the loss of a region.", examples=[120]
    )
    rpo_seconds: int = Field(
        ge=1, le=86400, description="The greatest loss of acknowledged writes, as their age.", examples=[60]
    )
    detection_seconds: int = Field(
        ge=1, le=3600, description="The time from the loss of a region to votes that say so.", examples=[15]
    )
