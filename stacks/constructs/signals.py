"""The metrics that the functions publish and the alarms read; Lifeboat's namespace, and these dimensions.

``RegionUnhealthy``: 1 when an observer's newest probes make its vote on a region ``UNHEALTHY``, else 0.
``FailsafeExtended``, ``FailsafeRefused``: 1 each time a guard that reached no replica of the quorum store was promised
by every control region, or was not, in the region it runs in.
``LeaseRefused``: 1 each time that the copy of the writer's region refused an extension that the store grants.
``ProberHeartbeat``, ``GuardHeartbeat``: 1 for each round of a prober or guard, of the region it runs in.
``DeciderHeartbeat``: 1 for each time that ``decide_failover`` came to its end there.
``IncidentOpenSeconds``: for how long an incident is open, 0 without one; each minute, of each control region.
``RecoverySeconds``: from the opening of an unplanned incident to its closing, once for each, where it was executed.
``LossBoundSeconds``: of a database that was promoted, the loss that could not be ruled out; where it was executed.
"""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events

from failover.topology import Names
from stacks.constructs import durations


def region_unhealthy(names: Names, *, subject: str, observer: str) -> cloudwatch.Metric:
    """One observer's view of one region, at high resolution."""
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name="RegionUnhealthy",
        dimensions_map={"Topology": names.topology.name, "Subject": subject, "Observer": observer},
        statistic="Maximum",
        period=durations.seconds(10),
    )


def prober_heartbeat(names: Names, *, region: str) -> cloudwatch.Metric:
    """That the prober of a control region is alive."""
    return _heartbeat(names, "ProberHeartbeat", region)


def guard_heartbeat(names: Names, *, region: str) -> cloudwatch.Metric:
    """That the guard of a workload region is alive."""
    return _heartbeat(names, "GuardHeartbeat", region)


def decider_heartbeat(names: Names, *, region: str) -> cloudwatch.Metric:
    """That ``decide_failover`` of a control region reads the votes and decides."""
    return _heartbeat(names, "DeciderHeartbeat", region)


def rule_triggered(rule: events.IRule, period: cdk.Duration | None = None) -> cloudwatch.Metric:
    """That a rule fired, each minute unless told; EventBridge's own metric ("Monitoring Amazon EventBridge")."""
    return cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="TriggeredRules",
        dimensions_map={"RuleName": rule.rule_name},
        statistic="Sum",
        period=period or durations.minutes(1),
    )


def failsafe(names: Names, *, region: str, extended: bool) -> cloudwatch.Metric:
    """That the guard of a workload region asked for promises, and got them all, or not."""
    return _heartbeat(names, "FailsafeExtended" if extended else "FailsafeRefused", region)


def lease_refused(names: Names, *, region: str) -> cloudwatch.Metric:
    """That a copy in a workload region is shut though the store says that it is the writer."""
    return _heartbeat(names, "LeaseRefused", region)


def incident_open(names: Names, *, region: str) -> cloudwatch.Metric:
    """For how long an incident is open, as a control region knows."""
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name="IncidentOpenSeconds",
        dimensions_map={"Topology": names.topology.name, "Region": region},
        statistic="Maximum",
        period=durations.minutes(1),
        region=region,
    )


def recovery(names: Names, *, region: str, statistic: str) -> cloudwatch.Metric:
    """The recoveries that a control region executed."""
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name="RecoverySeconds",
        dimensions_map={"Topology": names.topology.name},
        statistic=statistic,
        region=region,
    )


def loss_bound(names: Names, *, database: str, region: str) -> cloudwatch.Metric:
    """The loss bounds of a database's promotions that a control region executed."""
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name="LossBoundSeconds",
        dimensions_map={"Topology": names.topology.name, "Database": database},
        statistic="Maximum",
        region=region,
    )


def _heartbeat(names: Names, metric: str, region: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=names.metrics_namespace,
        metric_name=metric,
        dimensions_map={"Topology": names.topology.name, "Region": region},
        statistic="Sum",
        period=durations.minutes(1),
    )
