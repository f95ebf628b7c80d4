"""The metrics that the functions publish and the alarms read; Lifeboat's namespace, and these dimensions.

``RegionUnhealthy``: 1 when an observer's newest probes make its vote on a region ``UNHEALTHY``, else 0.
``ProberHeartbeat``, ``GuardHeartbeat``: 1 for each round of a prober or guard, of the region it runs in.
"""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from failover.topology import Names


def region_unhealthy(names: Names, *, subject: str, observer: str) -> cloudwatch.Metric:
    """One observer's view of one region, at high resolution."""
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name="RegionUnhealthy",
        dimensions_map={"Topology": names.topology.name, "Subject": subject, "Observer": observer},
        statistic="Maximum",
        period=cdk.Duration.seconds(10),
    )


def prober_heartbeat(names: Names, *, region: str) -> cloudwatch.Metric:
    """That the prober of a control region is alive."""
    return _heartbeat(names, "ProberHeartbeat", region)


def guard_heartbeat(names: Names, *, region: str) -> cloudwatch.Metric:
    """That the guard of a workload region is alive."""
    return _heartbeat(names, "GuardHeartbeat", region)


def _heartbeat(names: Names, metric: str, region: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name=metric,
        dimensions_map={"Topology": names.topology.name, "Region": region},
        statistic="Sum",
        period=cdk.Duration.minutes(1),
    )
