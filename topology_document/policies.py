"""How a product is watched and when it fails over, as sections of its document."""

from typing import Annotated

from pydantic import Field, Strict

from failover.topology import Automation
from topology_document.section import Section
from topology_document.values import (
    EventBus,
    FunctionArn,
    NeutralUrl,
    Seconds,
    TimeOfDay,
    Weekday,
)
from topology_document.whereabouts import PlaceName


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
    latency_threshold_seconds: Seconds = Field(
        1.5,
        le=60,
        description="A region is missed when the 95th percentile of its answers' times is over this.",
        examples=[1.5],
    )
    error_rate_threshold: float = Field(
        0.25,
        gt=0,
        le=1,
        description="A region is missed when it reports a greater share of failed requests.",
        examples=[0.25],
    )
    window_probes: int = Field(
        6, ge=2, le=120, description="The probes over which the percentile is taken.", examples=[6]
    )
    flaps: int = Field(
        3, ge=2, le=100, description="How often a region turns unhealthy before it is called flapping.", examples=[3]
    )
    flap_window_seconds: Seconds = Field(600, le=86400, description="The time within which it does.", examples=[600])


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


class MaintenanceSection(Section):
    """A weekly window, in UTC, in which nothing fails over by itself."""

    weekday: Annotated[Weekday, Strict(strict=False)] = Field(
        description="The day on which it begins, in UTC.", examples=["sunday"]
    )
    begins: TimeOfDay = Field(description="When it begins, in UTC.", examples=["02:00"])
    minutes: int = Field(ge=1, le=1440, description="How long it lasts.", examples=[120])
    region: PlaceName | None = Field(
        None, description="The region it is for. Default: every region.", examples=["us-east-1"]
    )


class VetoSection(Section):
    """Who may refuse an incident before it acts: exactly one of a function and an event bus."""

    function_arn: FunctionArn | None = Field(
        None,
        description='A function that is asked and answers {"veto": true, "reason": …} to refuse.',
        examples=["arn:aws:lambda:eu-west-3:111122223333:function:change-board"],
    )
    event_bus: EventBus | None = Field(
        None,
        description="An event bus of each control region that gets the question; `lifeboat veto` answers it.",
        examples=["default"],
    )
    seconds: Seconds = Field(
        5, le=60, description="How long an answer is waited for; silence is no veto.", examples=[5]
    )


class FailoverSection(Section):
    """What may happen without a person, and when."""

    automation: Annotated[Automation, Strict(strict=False)] = Field(
        Automation.AUTOMATIC,
        description="observe: votes and decisions only. approve: an incident waits for a person. automatic: by itself.",
    )
    dwell_seconds: Seconds = Field(
        8,
        le=86400,
        description="How long a region that writes nothing must be down before its traffic moves.",
        examples=[8],
    )
    database_dwell_seconds: Seconds | None = Field(
        None,
        le=86400,
        description="How long a region that writes a database, or a database alone, must be down before it moves; "
        "at least dwell_seconds. Default: 12, or dwell_seconds where that is longer.",
        examples=[12],
    )
    flapping_dwell_seconds: Seconds | None = Field(
        None,
        le=86400,
        description="How long a flapping region must be down before anything happens; at least "
        "database_dwell_seconds. Default: 60, or database_dwell_seconds where that is longer.",
        examples=[60],
    )
    incident_lease_seconds: Seconds = Field(
        30,
        ge=20,
        le=600,
        description="How long an incident's executor may be silent before another control region takes over.",
        examples=[30],
    )
    approval_seconds: Seconds = Field(
        900, le=7200, description="How long an approval is waited for; without one nothing is done.", examples=[900]
    )
    consent_seconds: Seconds = Field(
        3600,
        le=7200,
        description="How long a consent to a loss is waited for, and counts; without one everything is undone.",
        examples=[3600],
    )
    bake_seconds: Seconds = Field(
        10, le=15, description="How long a planned move waits between its steps and looks again.", examples=[10]
    )
    maintenance: list[MaintenanceSection] = Field(
        default_factory=list,
        description="Weekly windows in which nothing fails over by itself. Default: none.",
        examples=[[{"weekday": "sunday", "begins": "02:00", "minutes": 120}]],
    )
    veto: VetoSection | None = Field(
        None,
        description="Who may refuse an incident before it acts. Default: nobody.",
        examples=[{"event_bus": "default"}],
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
