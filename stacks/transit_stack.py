"""The ties between the regions' networks; it comes after all of them."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Names, Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.constructs.transit import pairs_of
from stacks.constructs.transit_peerings import TransitPeerings
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.network import TransitSection

LAYER: Final = "transit"


class TransitStack(LayerStack):
    """The peerings of the regions' transit gateways, which it finds by tag; it reads no other stack."""

    def __init__(self, scope: Construct, topology: Topology, settings: TransitSection) -> None:
        super().__init__(scope, topology, LAYER, Names(topology).home, stateful=False)
        failures = Failures(self, "Failures", told=AlarmTopic(self, "Alarms")).queue
        TransitPeerings(self, "Peerings", topology=topology, settings=settings, failures=failures)


def transit_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build the ties where the document asks for gateways and there are regions to tie."""
    settings = infrastructure.network.transit if infrastructure.network else None
    if settings is None or not pairs_of(topology, settings.reach):
        return []
    return [TransitStack(scope, topology, settings)]
