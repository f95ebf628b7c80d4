"""The role of a site's guard: what it may do with the quorum store, and who may have it."""

from typing import Final

from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.topology import Names, SiteNames
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import durations
from stacks.constructs.promising import grant_ask_for_promises

PARTITIONS: Final = ("database", "journal")
"""A guard renews leases and says in the journal that it did without the store; votes and incidents are not its."""

SHORTEST_MOST_SECONDS: Final = 3600
"""IAM's least value of a role's longest session."""


class SiteRole(iam.Role):
    """Had for one site's certificate alone, through the trust anchors of this account.

    A region's guard is a function of ours; a site's runs on a rented machine, and may touch less.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, site: str, session_seconds: int) -> None:
        topology = names.topology
        anchors = [
            f"arn:aws:rolesanywhere:{region}:{topology.account}:trust-anchor/*" for region in topology.control_regions
        ]
        only = {
            "StringEquals": {"aws:PrincipalTag/x509Subject/CN": site},
            "ArnLike": {"aws:SourceArn": anchors},
        }
        principal = iam.ServicePrincipal("rolesanywhere.amazonaws.com", conditions=only)
        super().__init__(
            scope,
            id,
            role_name=SiteNames(topology).role(site),
            description=f"Lifeboat {topology.name}: the guard at {site}",
            # With the certificate's name as a tag of the session, and as its source in every trail.
            assumed_by=iam.SessionTagsPrincipal(principal),
            max_session_duration=durations.seconds(max(SHORTEST_MOST_SECONDS, session_seconds)),
        )
        if self.assume_role_policy is not None:
            self.assume_role_policy.add_statements(
                iam.PolicyStatement(actions=["sts:SetSourceIdentity"], principals=[principal])
            )
        self.add_to_policy(
            iam.PolicyStatement(
                actions=["dynamodb:GetItem", "dynamodb:PutItem"],
                resources=[names.quorum_table_arn(region) for region in topology.quorum.replicas],
                conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(PARTITIONS)}},
            )
        )
        grant_ask_for_promises(self, names)
        self.add_to_policy(
            iam.PolicyStatement(
                # CloudWatch knows no resource of this action; the namespace is what it can be held to.
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": names.metrics_namespace}},
            )
        )
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
