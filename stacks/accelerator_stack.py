"""What leads users to the nearest healthy region by two addresses of its own."""

from collections.abc import Iterable

from constructs import Construct

from failover.topology import Names, Topology
from stacks.constructs.accelerator import Accelerator
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.delivery import AcceleratorSection

LAYER = "accelerator"


class AcceleratorStack(LayerStack):
    """The accelerator; it is deployed after the regions, whose load balancers it finds by name."""

    def __init__(self, scope: Construct, topology: Topology, settings: AcceleratorSection, *, shielded: bool) -> None:
        super().__init__(scope, topology, LAYER, Names(topology).home, stateful=True)
        failures = Failures(self, "Failures", told=AlarmTopic(self, "Alarms")).queue
        Accelerator(self, "Accelerator", names=self.names, settings=settings, failures=failures, shielded=shielded)


def accelerator_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build the accelerator's stack where the document has one."""
    delivery = infrastructure.delivery
    if delivery is None or delivery.accelerator is None:
        return []
    return [AcceleratorStack(scope, topology, delivery.accelerator, shielded=delivery.shield_advanced)]
