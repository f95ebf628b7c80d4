"""What the document's use costs in a region."""

from collections.abc import Iterator
from typing import Final

from costs.resources import Use
from topology_document.infrastructure.costs import UsageSection

MILLION: Final = 1_000_000
CONNECTIONS_PER_UNIT: Final = 25
"""New connections in a second that one unit of a load balancer takes; each request is taken to be one."""


def used(usage: UsageSection) -> Iterator[tuple[str, Use]]:
    """Yield what is used, with the words for it."""
    units = usage.requests_million * MILLION / (CONNECTIONS_PER_UNIT * 3600)
    for what, price, quantity in (
        ("sent to the internet", "sent out", usage.out_gib),
        ("sent to other regions", "sent to regions", usage.replicated_gib),
        ("through NAT gateways", "nat traffic", usage.nat_gib),
        ("kept in S3", "objects", usage.stored_gib),
        ("written to logs", "logs", usage.log_gib),
        ("logs delivered", "delivery", usage.log_gib),
        ("kept in databases that grow", "aurora storage", usage.database_gib),
        ("reads and writes of their storage", "aurora requests", usage.database_million),
        ("requests to the load balancer", "load balancer capacity", units),
        ("requests through the firewall", "firewall requests", usage.requests_million),
        ("metrics of one's own", "metric", usage.custom_metrics),
        ("traces kept", "traces", usage.traces_million),
    ):
        if quantity:
            yield what, Use(price, quantity)
