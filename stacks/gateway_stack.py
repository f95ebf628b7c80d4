"""A region's API gateway, in front of its load balancer."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.gateway import Gateway
from stacks.constructs.record_key import RecordKey
from stacks.constructs.security_names import SecurityNames
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.security import GatewaySection, SecuritySection
from topology_document.infrastructure.security_words import Service

LAYER: Final = "gateway"


class GatewayStack(LayerStack):
    """Kept, since the callers' directory is in it, and no other region has a copy of that."""

    def __init__(
        self, scope: Construct, topology: Topology, region: str, gateway: GatewaySection, security: SecuritySection
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=True)
        key = RecordKey(
            self,
            "Key",
            alias=SecurityNames(self.names).records_alias(LAYER),
            description=f"Lifeboat {topology.name}: who called the gateway",
            rotation_days=security.keys.rotation_days,
        )
        key.let_logs_use()
        allowed = Service.ACCOUNT_SETTINGS in security.provided
        Gateway(self, "Gateway", names=self.names, region=region, gateway=gateway, key=key, logs_allowed=allowed)


def gateway_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each region of AWS that the gateway's route leads to."""
    security = infrastructure.security
    if security is None or security.gateway is None:
        return []
    gateway = security.gateway
    routed = next(route.regions for route in topology.routes if route.name == gateway.route)
    return [
        GatewayStack(scope, topology, region, gateway, security) for region in topology.aws_regions if region in routed
    ]
