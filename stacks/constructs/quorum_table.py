"""The DynamoDB global table that holds votes, roles, leases and incidents, and the rights to use it."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.topology import Names
from stacks.constructs.allowing import allow
from stacks.constructs.retention import KEPT

READ = ("dynamodb:GetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem",)
WITHDRAW = ("dynamodb:DeleteItem",)


class QuorumTable(Construct):
    """A table with multi-region strong consistency.

    It has no time to live, no local index and no transaction: DynamoDB refuses all three on such a table
    (expiry is logic in the functions). The stack's region must be one of the replicas.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        places = names.topology.quorum
        dynamodb.TableV2(
            self,
            "Table",
            table_name=names.quorum_table,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            multi_region_consistency=dynamodb.MultiRegionConsistency.STRONG,
            replicas=[dynamodb.ReplicaTableProps(region=region) for region in places.replicas[1:]],
            witness_region=places.witness,
            deletion_protection=True,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=KEPT,
        )


class QuorumAccess:
    """The rights to the quorum store, which lies in other regions and is known by its name alone."""

    def __init__(self, names: Names) -> None:
        self._arns = [names.quorum_table_arn(region) for region in names.topology.quorum.replicas]

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let a function read through any replica."""
        self._allow(grantee, READ)

    def grant_read_write(self, grantee: iam.IGrantable) -> None:
        """Let a function read and write through any replica."""
        self._allow(grantee, READ + WRITE)

    def grant_withdraw(self, grantee: iam.IGrantable) -> None:
        """Let the grantee take back what operators or AWS Health said; nothing else is ever taken away."""
        self._allow(grantee, WITHDRAW)

    def grant_look_at_table(self, grantee: iam.IGrantable) -> None:
        """Let the grantee see whether the table is strong over regions, as `lifeboat init` does first."""
        self._allow(grantee, ("dynamodb:DescribeTable",))

    def _allow(self, grantee: iam.IGrantable, actions: tuple[str, ...]) -> None:
        allow(grantee, iam.PolicyStatement(actions=list(actions), resources=self._arns))
