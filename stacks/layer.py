"""One layer of the product in one region: an explicit environment, a computed name, and the tags of the topology."""

from collections.abc import Sequence

import aws_cdk as cdk
import jsii
from constructs import Construct

from failover.topology import Names, Topology


class LayerStack(cdk.Stack):
    """A stack that knows its topology and is deployed by name, never by another stack's output.

    ``stateful`` layers get termination protection: what they hold must be taken out of protection one by
    one, by a person.
    """

    def __init__(self, scope: Construct, topology: Topology, layer: str, region: str, *, stateful: bool) -> None:
        self.topology = topology
        self.names = Names(topology)
        self.region_name = region
        super().__init__(
            scope,
            self.names.stack(layer, region),
            env=cdk.Environment(account=topology.account, region=region),
            description=f"Lifeboat: the {layer} layer of {topology.name} in {region}",
            termination_protection=stateful,
            tags={"lifeboat:topology": topology.name, "lifeboat:layer": layer},
        )

    @property
    @jsii.member(jsii_name="availabilityZones")
    def availability_zones(self) -> Sequence[str]:  # type: ignore[override]
        """The first three zones, asked for at deployment.

        CDK's own answer for an explicit account is a context lookup, which needs credentials at synthesis.
        """
        return [cdk.Fn.select(index, cdk.Fn.get_azs()) for index in range(3)]
