"""What DNS is told of a route beyond its policy: places of users, health of endpoints, and weights."""

from pydantic import Field

from topology_document.infrastructure.geography import Place
from topology_document.infrastructure.request_words import Bias, CheckInterval, CheckPath, MetricName, PerMinute
from topology_document.section import Section
from topology_document.values import RegionName, RouteName


class EndpointChecksSection(Section):
    """Route 53's own look at each region's entrance, beside what the control regions see."""

    interval_seconds: CheckInterval = Field(
        30, description="How often each of Route 53's checkers looks.", examples=[30]
    )
    failures: int = Field(
        1, ge=1, le=10, description="Looks in a row that must fail, or succeed, before a checker says so.", examples=[1]
    )
    path: CheckPath = Field(
        "/health/live", description="What is asked of the region's origin name.", examples=["/health/live"]
    )
    slow_ms: int | None = Field(
        None,
        ge=1,
        le=60000,
        description="A region whose answers take longer on average counts as failed for a name that is only read. "
        "Default: slow answers are answers.",
        examples=[100],
    )
    slow_minutes: int = Field(3, ge=1, le=60, description="So many minutes in a row.", examples=[3])


class WeightsSection(Section):
    """Weights by what each region can take, how its models do and how much fails, computed from its own metrics."""

    capacity_per_minute: dict[RegionName, PerMinute] = Field(
        min_length=2,
        description="What each region of the route can process in a minute.",
        examples=[{"us-east-1": 1000, "us-west-2": 1000}],
    )
    namespace: MetricName = Field(
        description="The CloudWatch namespace in which the product publishes, in each region.", examples=["Product"]
    )
    processed: MetricName = Field(
        "Processed", description="The metric that counts what a region has processed.", examples=["Processed"]
    )
    routed: MetricName | None = Field(
        None,
        description="The metric that counts what came by this name. Default: all that was processed.",
        examples=["Routed"],
    )
    failed: MetricName | None = Field(
        None, description="The metric that counts what failed. Default: nothing is known to fail.", examples=["Failed"]
    )
    model_health: MetricName | None = Field(
        None,
        description="The metric of the models' health, 0 to 1. Default: models are taken for healthy.",
        examples=["ModelHealth"],
    )
    healthy_from: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Models under this health get nothing, while any region's are over.",
        examples=[0.5],
    )
    window_minutes: int = Field(
        5,
        ge=1,
        le=60,
        description="The worst minute of so many counts: a region falls at once and rises when all are good.",
        examples=[5],
    )
    least_change_percent: int = Field(
        5, ge=1, le=50, description="A smaller change of every share is not made.", examples=[5]
    )
    most_change_percent: int = Field(
        20, ge=1, le=100, description="So much may a share change in a minute, unless models fail.", examples=[20]
    )


class SteeringSection(Section):
    """What DNS is told of one route beyond its policy."""

    places: dict[RouteName, list[Place]] = Field(
        default_factory=dict,
        description="With policy geolocation: the route of each residency zone, and whose users it is for.",
        examples=[{"eu": ["EU", "GB", "CH"]}],
    )
    elsewhere: RouteName | None = Field(
        None,
        description="With policy geolocation: the route for users in no such place. Default: they get no answer.",
        examples=["us"],
    )
    biases: dict[RegionName, Bias] = Field(
        default_factory=dict,
        description="With policy geoproximity: how much wider, or narrower, a region's surroundings are made.",
        examples=[{"eu-west-1": 10}],
    )
    checks: EndpointChecksSection | None = Field(
        None,
        description="Route 53's look at the endpoints. A name that is only read follows them; one that is written "
        "follows the lever alone, and people are told. Default: no look.",
        examples=[{"interval_seconds": 30}],
    )
    all_unhealthy: RegionName | None = Field(
        None,
        description="The region that answers a name that is only read when no endpoint does. Default: the policy's "
        "choice, as if all did.",
        examples=["us-east-1"],
    )
    weights: WeightsSection | None = Field(
        None,
        description="With policy weighted: how weights are computed. Default: all alike, for ever.",
        examples=[{"capacity_per_minute": {"us-east-1": 1000, "us-west-2": 1000}, "namespace": "Product"}],
    )
