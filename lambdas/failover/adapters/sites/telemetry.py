"""A site's own metrics, published in the control region that watches over it."""

import json
import logging
from collections.abc import Mapping

from failover.adapters.aws.telemetry import AwsTelemetry
from failover.ports import Clock
from failover.topology import Topology, watched_from

logger = logging.getLogger(__name__)


class SiteTelemetry(AwsTelemetry):
    """``ports.Telemetry`` of a region that has no CloudWatch of its own."""

    def __init__(self, topology: Topology, site: str, clock: Clock) -> None:
        super().__init__(topology, watched_from(topology, site), clock)
        self._site = site

    def heartbeat(self, who: str) -> None:
        self._point(f"{who.capitalize()}Heartbeat", 1.0, Region=self._site)

    def failsafe(self, database: str, refusals: Mapping[str, str]) -> None:
        self._point("FailsafeRefused" if refusals else "FailsafeExtended", 1.0, Region=self._site)
        logger.warning(json.dumps({"failsafe": database, "refusals": dict(refusals)}))

    def lease_refused(self, database: str, reason: str) -> None:
        self._point("LeaseRefused", 1.0, Region=self._site)
        logger.warning(json.dumps({"lease_refused": database, "reason": reason}))
