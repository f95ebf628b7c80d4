"""What a host of a self-managed server may do: be managed, read its passwords, archive, and tell how it is."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants
from stacks.constructs.hosting import Hosting

METRICS = "Lifeboat/Hosts"


class HostAccess(Construct):
    """A role and its instance profile; each right ends at the host's own secrets, keys, files and log."""

    def __init__(
        self, scope: Construct, id: str, *, hosting: Hosting, region: str, key: kms.IKey, log: logs.ILogGroup
    ) -> None:
        super().__init__(scope, id)
        managed = iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
        role = iam.Role(self, "Role", assumed_by=constants.service("ec2.amazonaws.com"), managed_policies=[managed])
        accept(role, "AWS's own policy for hosts that Session Manager reaches", "AwsSolutions-IAM4")
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        account = hosting.names.topology.account
        secret = f"arn:aws:secretsmanager:{region}:{account}:secret:"
        files = f"arn:aws:s3:::{hosting.names.bucket(region)}"
        prefix = hosting.names.host_backups(hosting.database.name)
        _allow(
            role, ["secretsmanager:GetSecretValue"], [f"{secret}{each}-??????" for each in hosting.secrets().values()]
        )
        _allow(role, ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [f"{files}/{prefix}/*"])
        _allow(role, ["s3:ListBucket"], [files], {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}})
        key.grant_encrypt_decrypt(role)
        log.grant_write(role)
        _allow(role, ["logs:DescribeLogStreams"], [log.log_group_arn])
        _allow(role, ["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": METRICS}})
        self.profile = iam.CfnInstanceProfile(self, "Profile", roles=[role.role_name])


def _allow(
    role: iam.Role, actions: list[str], resources: list[str], conditions: dict[str, dict[str, object]] | None = None
) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))
