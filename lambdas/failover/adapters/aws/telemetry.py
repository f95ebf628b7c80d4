"""High-resolution metrics for the alarms, and events that wake the decision."""

import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from failover.adapters.aws.clients import client
from failover.ports import Clock
from failover.topology import Names, Topology

logger = logging.getLogger(__name__)

WAKE = "Region Unhealthy"
"""The ``detail-type`` of the observer's own event; the control stack's rule matches it."""


HEARTBEAT_SECONDS = 20
"""A heartbeat's alarm counts minutes: more often would be calls that are paid for and say nothing more."""


class AwsTelemetry:
    """``ports.Telemetry``. What cannot be handed over is dropped: the next round says it again.

    Metrics go through PutMetricData and not through the log: an alarm with a period of 10 s needs its points
    now, at a storage resolution of one second. What is said once, in the path of an incident, goes through the log, in
    CloudWatch's embedded metric format: it waits for no call.
    """

    def __init__(self, topology: Topology, region: str, clock: Clock) -> None:
        self._topology, self._names, self._region, self._clock = topology, Names(topology), region, clock
        self._points: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._beats: dict[str, float] = {}

    def region_seen(self, subject: str, *, unhealthy: bool) -> None:
        self._point("RegionUnhealthy", float(unhealthy), Subject=subject, Observer=self._region)

    def heartbeat(self, who: str) -> None:
        at = self._clock.elapsed()
        if at - self._beats.get(who, -HEARTBEAT_SECONDS) < HEARTBEAT_SECONDS:
            return
        self._beats[who] = at
        self._point(f"{who.capitalize()}Heartbeat", 1.0, Region=self._region)

    def failsafe(self, database: str, refusals: Mapping[str, str]) -> None:
        """Each is a metric that an alarm pages for; who refused, and why, is in the function's log."""
        self._point("FailsafeRefused" if refusals else "FailsafeExtended", 1.0, Region=self._region)
        logger.warning(json.dumps({"failsafe": database, "refusals": dict(refusals)}))

    def lease_refused(self, database: str, reason: str) -> None:
        """As a failsafe's: the alarm counts, and the log says of which database, and why."""
        self._point("LeaseRefused", 1.0, Region=self._region)
        logger.warning(json.dumps({"lease_refused": database, "reason": reason}))

    def incident_stands(self, seconds: float) -> None:
        self._point("IncidentOpenSeconds", seconds, Region=self._region)

    def recovered(self, subject: str, seconds: float) -> None:
        self._write("RecoverySeconds", seconds, Subject=subject)

    def loss_bounded(self, database: str, seconds: float) -> None:
        self._write("LossBoundSeconds", seconds, Database=database)

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

    def _write(self, name: str, value: float, **dimensions: str) -> None:
        """Write one line of the embedded metric format: for the topology, and for each of ``dimensions`` in it."""
        sets = [["Topology"], ["Topology", *dimensions]]
        metric = {"Name": name, "Unit": "Seconds"}
        told = {"Namespace": self._names.metrics_namespace, "Dimensions": sets, "Metrics": [metric]}
        at = int(self._clock.now().timestamp() * 1000)
        line = {"_aws": {"Timestamp": at, "CloudWatchMetrics": [told]}, "Topology": self._topology.name}
        sys.stdout.write(json.dumps({**line, **dimensions, name: value}) + "\n")

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
