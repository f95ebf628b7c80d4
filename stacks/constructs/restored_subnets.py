"""Where a region's databases are restored for a test: in the isolated subnets, as the copies are."""

from aws_cdk import aws_rds as rds
from constructs import Construct

from stacks.constructs.data_names import DataNames
from stacks.constructs.network import Network


class RestoredSubnets(rds.CfnDBSubnetGroup):
    """A group of a computed name, since the plan that restores is another stack's."""

    def __init__(self, scope: Construct, id: str, *, names: DataNames, network: Network) -> None:
        super().__init__(
            scope,
            id,
            db_subnet_group_name=names.restored_subnets,
            db_subnet_group_description=f"Lifeboat {names.names.topology.name}: databases restored for a test",
            subnet_ids=network.isolated_subnets(),
        )
