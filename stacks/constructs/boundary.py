"""The most that any role of the product may ever do, whatever its policies say."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from failover.topology import Topology
from failover.topology.health_relays import health_relays
from stacks.acceptance import accept

BEYOND_REGIONS: Final = ("us-east-1", "us-west-2")
"""Where AWS answers for IAM, Route 53 and CloudFront, and for Global Accelerator."""

WATCHING: Final = (
    "access-analyzer:DeleteAnalyzer",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteConformancePack",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "inspector2:Disable",
    "macie2:DisableMacie",
    "securityhub:BatchDisableStandards",
    "securityhub:DisableSecurityHub",
)
KEEPING: Final = (
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultLockConfiguration",
    "dynamodb:DeleteTable",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "rds:DeleteDBCluster",
    "rds:DeleteGlobalCluster",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:PutAccountPublicAccessBlock",
    "s3:PutBucketObjectLockConfiguration",
    "secretsmanager:DeleteSecret",
)
GROWING: Final = (
    "account:*",
    "iam:AddUserToGroup",
    "iam:Attach*",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicy*",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:Put*",
    "iam:SetDefaultPolicyVersion",
    "iam:Update*",
    "organizations:*",
)
NOT_OF_A_REGION: Final = ("cloudfront:*", "globalaccelerator:*", "iam:*", "route53:*", "shield:*", "sts:*", "support:*")
ACCOUNT_SETTINGS: Final = "s3:PutAccountPublicAccessBlock"


def bound(stack: cdk.Stack, topology: Topology) -> None:
    """Put the boundary on every role of a stack; it lies in the stack itself, so that none needs another.

    It grants nothing. What no role of the product does can so not come by a mistake in a policy, nor by a function
    that somebody has taken over: to stop whoever watches, to take away what is kept, to give itself more, and to work
    where the product is not.
    """
    settles = stack.stack_name.startswith(f"lifeboat-{topology.name}-security-")
    kept = [each for each in KEEPING if not (settles and each == ACCOUNT_SETTINGS)]
    boundary = iam.ManagedPolicy(
        stack,
        "Boundary",
        description=f"The most that any role of {topology.name} may do",
        statements=[
            iam.PolicyStatement(sid="AtMost", actions=["*"], resources=["*"]),
            _never("StopWatching", *WATCHING),
            _never("TakeAway", *kept),
            _never("GrowRights", *GROWING),
            iam.PolicyStatement(
                sid="WorkElsewhere",
                effect=iam.Effect.DENY,
                not_actions=list(NOT_OF_A_REGION),
                resources=["*"],
                conditions={"StringNotEquals": {"aws:RequestedRegion": regions_of(topology)}},
            ),
        ],
    )
    accept(
        boundary,
        "a boundary grants nothing: it is the outer edge of what policies may grant, and refuses what none may",
        "AwsSolutions-IAM5",
        "NIST.800.53.R5-IAMPolicyNoStatementsWithAdminAccess",
        "NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess",
        "Lifeboat-Wildcard",
        "CKV_AWS_107",
        "CKV_AWS_108",
        "CKV_AWS_109",
        "CKV_AWS_110",
        "CKV_AWS_111",
    )
    iam.PermissionsBoundary.of(stack).apply(boundary)


def regions_of(topology: Topology) -> list[str]:
    """Return every region of AWS that the product has anything in."""
    quorum = topology.quorum
    relays = [relay.region for relay in health_relays(topology)]
    veto = topology.policy.veto
    asked = [veto.function_arn.split(":")[3]] if veto is not None and veto.function_arn is not None else []
    witness = [quorum.witness] if quorum.witness else []
    own = {*topology.aws_regions, *topology.control_regions, *quorum.replicas, *witness}
    return sorted({*own, *relays, *asked, *BEYOND_REGIONS})


def _never(sid: str, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, effect=iam.Effect.DENY, actions=list(actions), resources=["*"])
