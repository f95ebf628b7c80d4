"""The alarms of a regional stack as other stacks know them: by their names.

A load balancer's metrics have an id in them that nobody else knows, and its alarms do not: what they watch is shown by
showing them.
"""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from failover.topology import Names
from topology_document.infrastructure.observability import ObjectivesSection


def alarm_arn(names: Names, region: str, suffix: str) -> str:
    """Return the ARN of an alarm of a region's regional stack."""
    name = f"{names.stack('regional', region)}-{suffix}"
    return f"arn:aws:cloudwatch:{region}:{names.topology.account}:alarm:{name}"


def promised_alarms(objectives: ObjectivesSection) -> Sequence[tuple[str, str]]:
    """Return the alarms on what is promised, by the ends of their names, with what each shows."""
    shown = [
        ("budget-burns-fast-long", f"Share of faults in an hour (promised: {objectives.availability_percent:g} %)"),
        ("budget-burns-creeping-long", f"Share of faults in a day (promised: {objectives.availability_percent:g} %)"),
    ]
    if objectives.latency_p95_ms is not None:
        shown.insert(0, ("answers-slow", f"Latency p95, seconds (promised: {objectives.latency_p95_ms} ms)"))
    if objectives.requests_per_second is not None:
        shown.append(("requests-at-most", f"Requests a second (meant for: {objectives.requests_per_second})"))
    if objectives.concurrent_users is not None:
        shown.append(("connections-at-most", f"Connections at once (meant for: {objectives.concurrent_users} users)"))
    return shown


def alarm_graph(scope: Construct, names: Names, region: str, suffix: str, title: str) -> cloudwatch.AlarmWidget:
    """Return a widget that shows an alarm's metric and threshold, from whatever region it is."""
    known = cloudwatch.Alarm.from_alarm_arn(scope, f"{region}-{suffix}", alarm_arn(names, region, suffix))
    return cloudwatch.AlarmWidget(title=title, alarm=known, region=region, width=8, height=6)
