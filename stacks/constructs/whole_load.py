"""The load of a whole product: the sum of what the load balancers of its regions count, which no region knows.

A page can add up metrics of several regions, and nothing else can: an alarm takes metrics of its own region alone, and
no search (CloudWatch User Guide, "Use search expressions in graphs").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch

from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.signals import incident_open
from topology_document.infrastructure.environment import Environment
from topology_document.infrastructure.observability import ObjectivesSection

BESIDE: Final = (Environment.STAGING, Environment.DEVELOPMENT)
"""They may be in production's account, under the product's name and a word more."""


@dataclass(frozen=True, slots=True)
class Load:
    """A load that the whole product is meant for: a metric of load balancers, summed up over so many seconds."""

    what: str
    metric: str
    seconds: int
    most: int


def promised_loads(objectives: ObjectivesSection) -> Sequence[Load]:
    """Return what is said of the load; each region's alarms (``ServiceLevels``) look at the same metrics."""
    loads = (
        ("requests a second", "RequestCount", 1, objectives.requests_per_second),
        ("connections at once", "ActiveConnectionCount", 60, objectives.concurrent_users),
    )
    return [Load(what, metric, seconds, most) for what, metric, seconds, most in loads if most is not None]


def load_graphs(names: Names, objectives: ObjectivesSection, *, width: int) -> Iterator[cloudwatch.GraphWidget]:
    """Yield a graph for each load, with the sum, each region's part of it, and the line of what is promised."""
    for load in promised_loads(objectives):
        yield cloudwatch.GraphWidget(
            title=f"All regions: {load.what} (meant for: {load.most})",
            left=list(_lines(names, load)),
            left_annotations=[cloudwatch.HorizontalAnnotation(value=load.most, label="meant for")],
            width=width,
            height=6,
        )


def _lines(names: Names, load: Load) -> Iterator[cloudwatch.IMetric]:
    regions = names.topology.aws_regions
    counts: dict[str, cloudwatch.IMetric] = {
        f"count{n}": _counted(names, load, region) for n, region in enumerate(regions)
    }
    # A page that shows a longer time takes longer periods, and no search knows its own: a metric beside it does.
    counts_and_clock = counts | {"clock": incident_open(names, region=names.topology.control_regions[0])}

    def rate(counted: str, label: str) -> cloudwatch.MathExpression:
        return cloudwatch.MathExpression(
            expression=f"{counted} * {load.seconds} / PERIOD(clock)",
            using_metrics=counts_and_clock,
            period=durations.minutes(1),
            label=label,
        )

    yield rate(f"SUM([{','.join(counts)}])", "all regions")
    yield from (rate(count, region) for count, region in zip(counts, regions, strict=True))


def _counted(names: Names, load: Load, region: str) -> cloudwatch.MathExpression:
    """Return what a region's load balancer counts; it is searched by its name, as its id is another stack's to know."""
    schema = f'{{AWS/ApplicationELB,LoadBalancer}} MetricName="{load.metric}" LoadBalancer=app/{names.load_balancer}'
    schema += "".join(f" NOT {each}" for each in BESIDE if each not in names.topology.name.split("-"))
    return cloudwatch.MathExpression(
        expression=f"SUM(SEARCH('{schema}', 'Sum'))", search_region=region, period=durations.minutes(1)
    )
