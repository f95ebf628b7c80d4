"""A host for secure enclaves, in the one region that the document names."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.enclave_host import EnclaveHost
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.security import EnclavesSection

LAYER: Final = "enclaves"


class EnclaveStack(LayerStack):
    """Kept: what was encrypted for the enclaves can be read by its key alone."""

    def __init__(self, scope: Construct, topology: Topology, enclaves: EnclavesSection, rotation_days: int) -> None:
        super().__init__(scope, topology, LAYER, enclaves.region, stateful=True)
        EnclaveHost(self, "Enclaves", names=self.names, enclaves=enclaves, rotation_days=rotation_days)


def enclave_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build it where the document asks for one."""
    security = infrastructure.security
    if security is None or security.enclaves is None:
        return []
    return [EnclaveStack(scope, topology, security.enclaves, security.keys.rotation_days)]
