"""What a product promises that can be measured, and how it is measured, kept, traced, shown and told."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.section import Section
from topology_document.values import Label, Seconds, ZoneName
from topology_document.whereabouts import PlaceName

Percent = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=1, le=3650)]


class MetricKind(StrEnum):
    """Whose question a metric of the application answers."""

    BUSINESS = "business"
    PERFORMANCE = "performance"
    MODEL = "model"


class MetricStatistic(StrEnum):
    """By which the points of a minute become one."""

    SUM = "Sum"
    AVERAGE = "Average"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"
    P50 = "p50"
    P95 = "p95"
    P99 = "p99"


class SearchedIn(StrEnum):
    """Which regions have a search engine for logs."""

    GATHERING_REGION = "gathering-region"
    EACH_REGION = "each-region"


class ObjectivesSection(Section):
    """The promises that dashboards show and alarms watch, per region."""

    availability_percent: float = Field(
        99.9,
        gt=0,
        le=99.9999,
        allow_inf_nan=False,
        description="The share of requests that a region answers without a fault.",
        examples=[99.95],
    )
    window_days: Days = Field(30, description="The days over which that share is promised.", examples=[30])
    latency_p95_ms: int | None = Field(
        None,
        ge=1,
        le=60000,
        description="The 95th percentile of a region's answers' times stays under this.",
        examples=[200],
    )
    lag_ms: dict[PlaceName, int] = Field(
        default_factory=dict,
        description="How far the copies of a region may be behind their writer before an alarm says so.",
        examples=[{"eu-west-1": 100, "ap-southeast-1": 200}],
    )
    recovery_seconds: Seconds | None = Field(
        None, le=86400, description="The mean time to recovery that is promised.", examples=[300]
    )
    between_failures_days: Days | None = Field(
        None, description="The mean time between failures that is promised.", examples=[30]
    )
    requests_per_second: int | None = Field(
        None,
        ge=1,
        description="The load that the whole product is meant for; a line on the dashboards.",
        examples=[100000],
    )
    concurrent_users: int | None = Field(
        None,
        ge=1,
        description="The users at once that the whole product is meant for; a line on the dashboards.",
        examples=[1000000],
    )


class LogsSection(Section):
    """Where logs go: structured, in real time, to one place in each residency zone."""

    gathered_in: dict[ZoneName, PlaceName] = Field(
        default_factory=dict,
        description="The region of a zone in which its logs are gathered. Default: the zone's first region.",
        examples=[{"WORLD": "us-east-1"}],
    )
    hot_days: Days = Field(30, description="How long logs can be searched at once.", examples=[30])
    kept_days: Days = Field(
        365, description="How long logs are kept at all; those no longer hot are in cold storage.", examples=[365]
    )
    search: bool = Field(default=True, description="Whether there is a search engine for what is hot.", examples=[True])
    searched_in: Annotated[SearchedIn, Strict(strict=False)] = Field(
        SearchedIn.GATHERING_REGION,
        description="Where that is: in the region alone that gathers the logs of a zone, or in each of the zone's "
        "others too, for its own logs, so that a lost region takes no other's search with it.",
        examples=["each-region"],
    )
    shards: int = Field(
        1,
        ge=1,
        le=500,
        description="The shards of each stream: of a zone's, and of a region's own; each takes 1 MB a second.",
        examples=[1],
    )
    buffer_seconds: int = Field(
        60, ge=5, le=900, description="How long events are collected before they are stored.", examples=[60]
    )


class TracingSection(Section):
    """Which requests are followed from one service to the next."""

    sampling_percent: float = Field(
        10, ge=0, le=100, allow_inf_nan=False, description="The share of requests that is traced.", examples=[10]
    )
    sampling_percents: dict[Label, float] = Field(
        default_factory=dict,
        description="The share in an environment that is not production, by its name.",
        examples=[{"staging": 100}],
    )
    slow_ms: int = Field(
        500,
        ge=1,
        le=60000,
        description="Requests that take longer are a group of traces of their own.",
        examples=[500],
    )
    jaeger: bool = Field(
        default=False, description="Whether Jaeger gets the traces as well, in the cluster.", examples=[True]
    )


class PrometheusSection(Section):
    """The metrics of what runs in the clusters: each region's own, and one view of all."""

    scrape_seconds: int = Field(30, ge=5, le=300, description="The time between two looks.", examples=[30])
    kept_days: Days = Field(150, le=1095, description="How long a region's metrics are kept.", examples=[150])
    federated_in: PlaceName | None = Field(
        None,
        description="The region whose Prometheus also holds what the others add up, and nothing else of theirs. "
        "Default: there is no view of all.",
        examples=["us-east-1"],
    )


class GrafanaSection(Section):
    """The dashboards' place: managed by AWS in its regions, in the cluster of a site."""

    regions: list[PlaceName] = Field(
        min_length=1,
        description="The regions that have a Grafana; two outlive the loss of one.",
        examples=[["us-east-1", "eu-west-1"]],
    )


class PagingSection(Section):
    """Who is woken, besides those who subscribe to the topics."""

    pagerduty: bool = Field(
        default=False,
        description="Whether PagerDuty is told, with the region that each event is about; its key is the secret "
        "`lifeboat/<product>/pagerduty` of each region, which you write.",
        examples=[True],
    )


class MetricSection(Section):
    """A metric that the application publishes in the product's namespace, with the dimension ``Region``."""

    kind: Annotated[MetricKind, Strict(strict=False)] = Field(
        description="Whose question it answers.", examples=["business"]
    )
    statistic: Annotated[MetricStatistic, Strict(strict=False)] = Field(
        MetricStatistic.SUM, description="How the points of a minute become one.", examples=["Sum"]
    )
    above: dict[PlaceName, float] = Field(
        default_factory=dict,
        description="An alarm of the region goes off when the metric is over this.",
        examples=[{"us-east-1": 0.05}],
    )
    below: dict[PlaceName, float] = Field(
        default_factory=dict,
        description="An alarm of the region goes off when the metric is under this.",
        examples=[{"us-east-1": 1000}],
    )
    minutes: int = Field(5, ge=1, le=60, description="How long it must be so.", examples=[5])
    variants: list[Label] = Field(
        default_factory=list,
        max_length=2,
        description="Two variants that are compared in each region, the first against the second, by the dimension "
        "`Variant`.",
        examples=[["current", "candidate"]],
    )
    worse_percent: Percent | None = Field(
        None, description="An alarm goes off when the second variant is worse than the first by more.", examples=[5]
    )


class ObservabilitySection(Section):
    """Everything by which people see how the product is."""

    objectives: ObjectivesSection = Field(
        default_factory=ObjectivesSection, description="The promises that are shown and watched."
    )
    logs: LogsSection | None = Field(
        None, description="Where logs go. Default: they stay in CloudWatch.", examples=[{"hot_days": 30}]
    )
    tracing: TracingSection | None = Field(
        None,
        description="Which requests are traced. Default: by X-Ray's own rule.",
        examples=[{"sampling_percent": 10}],
    )
    prometheus: PrometheusSection | None = Field(
        None, description="The metrics of the clusters. Default: not kept.", examples=[{"scrape_seconds": 30}]
    )
    grafana: GrafanaSection | None = Field(
        None,
        description="Grafana, managed by AWS or in the cluster of a site. Default: none.",
        examples=[{"regions": ["us-east-1"]}],
    )
    paging: PagingSection = Field(default_factory=PagingSection, description="Who is woken.")
    metrics: dict[str, MetricSection] = Field(
        default_factory=dict,
        description="The application's own metrics, by name, such as MailsProcessed.",
        examples=[{"BookingsMade": {"kind": "business"}}],
    )
