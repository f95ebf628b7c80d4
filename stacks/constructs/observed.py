"""The names by which what is observed is found: by other stacks, by the collectors in the clusters, and by people."""

from collections.abc import Sequence
from typing import Final

from failover.topology import Names

NAMESPACE: Final = "telemetry"
LOGS, TRACES, METRICS, DASHBOARDS = "logs", "traces", "metrics", "dashboards"
"""Where the collectors of a cluster are, and their service accounts there."""


def application_log(names: Names) -> str:
    """The log group that the collectors of a region's cluster write, one line of JSON for each event."""
    return f"/lifeboat/{names.topology.name}/application"


def log_stream(names: Names) -> str:
    """The Kinesis stream that takes the logs of a residency zone in the region that gathers them.

    In another one that has a search engine the stream of this name takes that region's own.
    """
    return f"lifeboat-{names.topology.name}-logs"


def log_stream_arn(names: Names, region: str) -> str:
    """The ARN of that stream in a region."""
    return f"arn:aws:kinesis:{region}:{names.topology.account}:stream/{log_stream(names)}"


def log_way(names: Names, region: str) -> str:
    """The name of a region's way to its zone's stream; each event carries it, and with it where it is from."""
    return f"lifeboat-{names.topology.name}-from-{region}"


def search_way(names: Names, region: str) -> str:
    """The name of a region's way to its own stream, whose end is that of the other's."""
    return f"lifeboat-{names.topology.name}-search-from-{region}"


def workspace_parameter(names: Names, what: str) -> str:
    """The parameter that tells a region's collectors where its Prometheus workspace is."""
    return f"/lifeboat/{names.topology.name}/prometheus/{what}"


def pagerduty_secret(names: Names) -> str:
    """The secret of each region with the key of PagerDuty's service; an operator writes it."""
    return f"lifeboat/{names.topology.name}/pagerduty"


def metrics_namespace(names: Names) -> str:
    """The CloudWatch namespace of the application's own metrics."""
    return names.topology.name


def gathered_in(names: Names, zone: str, wanted: str | None) -> str:
    """The region in which a zone's logs are gathered: the one that is wanted, or the zone's first."""
    return wanted or zone_regions(names, zone)[0]


def zone_regions(names: Names, zone: str) -> Sequence[str]:
    """The regions of AWS in a residency zone, the primary first."""
    return [each for each in names.topology.aws_regions if names.topology.region(each).zone == zone]


def zones(names: Names) -> Sequence[str]:
    """The residency zones that have a region of AWS, in the order of their regions."""
    return list(dict.fromkeys(names.topology.region(each).zone for each in names.topology.aws_regions))


def log_key_alias(names: Names) -> str:
    """The alias of the key that encrypts such a stream, in its region."""
    return f"alias/lifeboat-{names.topology.name}-logs"
