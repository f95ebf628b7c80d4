"""What is thrown out of the edge caches, by what an event says has happened."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from failover.errors import PathsRefusedError
from failover.ports.edge_caches import EdgeCaches

CONTENT_UPDATED: Final = "Content Updated"
SECURITY_INCIDENT: Final = "Security Incident"
TRIGGERS: Final = {
    CONTENT_UPDATED: "content_updates",
    "Parameter Store Change": "configuration_changes",
    SECURITY_INCIDENT: "security_incidents",
    "GuardDuty Finding": "security_incidents",
}
"""What events of EventBridge are called, and what the document calls it."""

MOST_PATHS: Final = 3000
"""So many may be under way at once (CloudFront, "Quotas")."""

_PATH: Final = re.compile(r"/[!-)+-~]*\*?")


def empty_caches(caches: EdgeCaches, event: Mapping[str, Any], said: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Have the paths of an event's trigger thrown out; one event is one order, however often it is delivered.

    Of content the product may say which paths, and then these are thrown out and no others.

    Raises:
        PathsRefusedError: it names paths that CloudFront would not take.
    """
    trigger = TRIGGERS[event["detail-type"]]
    paths = list(said[trigger])
    if trigger == "content_updates":
        paths = _named(event.get("detail") or {}) or paths
    if not paths:
        return {"trigger": trigger, "paths": []}
    return {"trigger": trigger, "paths": paths, "order": caches.empty(paths, event["id"])}


def _named(detail: Mapping[str, Any]) -> list[str]:
    paths = detail.get("paths") or []
    if not isinstance(paths, list) or len(paths) > MOST_PATHS:
        raise PathsRefusedError(
            f"paths: got {str(paths)[:100]}: a list of {MOST_PATHS} or fewer; write detail.paths so"
        )
    for path in paths:
        if not isinstance(path, str) or not _PATH.fullmatch(path):
            fix = "write it as in an address, from its slash on"
            raise PathsRefusedError(f"paths: got {path!r}: a path with a star at its end only, or none; {fix}")
    return paths
