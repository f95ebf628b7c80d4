"""Route 53's data plane over the tables of MiniStack's Route 53, in the same process.

It reads the tables, not the API: with the API down, what was written last goes on being answered.
Changes are seen at once; in AWS they take up to 60 s to reach all servers.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import route53

from twin.dns.records import RecordSet, Zone

HOME = "us-east-1"


class EmulatedRoute53:
    """The public hosted zones and the health checks of one account."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._tables: dict[str, Any] = {}
        self._zones: tuple[Zone, ...] = ()

    def zones(self) -> Sequence[Zone]:
        """Return the public hosted zones as they are now.

        Raises:
            UnsupportedRecordError: a record set uses a policy that the twin does not answer by.
        """
        with request_scope(self._account, HOME), route53._lock:
            tables = {
                zone["id"]: (zone["name"], list(route53._records.get(zone["id"], ())))
                for zone in route53._zones.values()
                if not zone.get("private")
            }
            if tables == self._tables:
                return self._zones
            tables = copy.deepcopy(tables)
        zones = tuple(
            Zone.of(zone_id, name, (RecordSet.parse(record) for record in records))
            for zone_id, (name, records) in tables.items()
        )
        self._tables, self._zones = tables, zones
        return zones

    def health_checks(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the ``HealthCheckConfig`` of each health check by its id, as it is now."""
        with request_scope(self._account, HOME), route53._lock:
            return {check["id"]: copy.deepcopy(check["config"]) for check in route53._health_checks.values()}
