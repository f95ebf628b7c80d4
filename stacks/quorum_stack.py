"""The quorum store."""

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.quorum_table import QuorumTable
from stacks.layer import LayerStack


class QuorumStack(LayerStack):
    """The quorum store, created from its first replica's region."""

    def __init__(self, scope: Construct, topology: Topology) -> None:
        super().__init__(scope, topology, "quorum", topology.quorum.replicas[0], stateful=True)
        QuorumTable(self, "Quorum", names=self.names)
