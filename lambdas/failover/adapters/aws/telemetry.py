"""High-resolution metrics for the alarms, and events that wake the decision."""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from failover.adapters.aws.clients import client
from failover.ports import Clock
from failover.topology import Names, Topology

logger = logging.getLogger(__name__)

WAKE = "Region Unhealthy"
"""The ``detail-type`` of the observer's own event; the control stack's rule matches it."""


class AwsTelemetry:
    """``ports.Telemetry``. What cannot be handed over is dropped: the next round says it again.

    Metrics go through PutMetricData and not through the log: an alarm with a period of 10 s needs its points
    now, at a storage resolution of one second.
    """

    def __init__(self, topology: Topology, region: str, clock: Clock) -> None:
        self._topology, self._names, self._region, self._clock = topology, Names(topology), region, clock
        self._points: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []

    def region_seen(self, subject: str, *, unhealthy: bool) -> None:
        self._point("RegionUnhealthy", float(unhealthy), Subject=subject, Observer=self._region)

    def heartbeat(self, who: str) -> None:
        self._point(f"{who.capitalize()}Heartbeat", 1.0, Region=self._region)

    def failsafe(self, database: str, refusals: Mapping[str, str]) -> None:
        """Each is a metric that an alarm pages for; who refused, and why, is in the function's log."""
        self._point("FailsafeRefused" if refusals else "FailsafeExtended", 1.0, Region=self._region)
        logger.warning(json.dumps({"failsafe": database, "refusals": dict(refusals)}))

    def wake(self, subject: str, reason: str) -> None:
        detail = {"topology": self._topology.name, "subject": subject, "observer": self._region, "reason": reason}
        self._events.append({"Source": self._names.event_source, "DetailType": WAKE, "Detail": json.dumps(detail)})

    def flush(self) -> None:
        points, self._points = self._points, []
        events, self._events = self._events, []
        if events:
            _drop_failure(lambda: client("events", self._region, 1.5).put_events(Entries=events))
        if points:
            namespace = self._names.metrics_namespace
            _drop_failure(
                lambda: client("cloudwatch", self._region, 1.5).put_metric_data(Namespace=namespace, MetricData=points)
            )

    def _point(self, name: str, value: float, **dimensions: str) -> None:
        told = {"Topology": self._topology.name, **dimensions}
        self._points.append(
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": text} for key, text in told.items()],
                "Timestamp": self._clock.now(),
                "Value": value,
                "StorageResolution": 1,
            }
        )


def _drop_failure(call: Any) -> None:
    with suppress(Exception):  # a lost point or hint is said again in the next round
        call()
