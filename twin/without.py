"""What of a document's infrastructure the twin does not deploy: areas that it could only write down.

A drill shows what the control plane does for users and data; accounts, dashboards, clusters' manifests and transit
networks are held against their services by the tests of the templates alone.
"""

from typing import Final

from topology_document import NOTHING, Infrastructure

LEFT_OUT: Final = (
    "backups",
    "buckets",
    "compute",
    "costs",
    "delivery",
    "edge",
    "models",
    "network",
    "observability",
    "security",
    "services",
    "tables",
)


def shown(infrastructure: Infrastructure) -> Infrastructure:
    """Return the infrastructure without those areas."""
    return infrastructure.model_copy(update={name: getattr(NOTHING, name) for name in LEFT_OUT})
