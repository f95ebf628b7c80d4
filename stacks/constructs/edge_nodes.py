"""Who an edge node is to AWS: a thing with a certificate, which gives it a short-lived role and its own topics."""

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs.observed import metrics_namespace
from stacks.constructs.repositories import has_registry, repository_of
from topology_document.infrastructure.edge import EdgeSection

SESSION_SECONDS: Final = 3600
THING: Final = "${iot:Connection.Thing.ThingName}"
"""IoT Core writes the thing's name there that the certificate is attached to: no node is taken for another."""


class EdgeNodes(Construct):
    """The nodes of the cities that one region knows.

    Their certificates are made on the nodes and attached by a person, so that no private key is in a template. What a
    node does for its users it does without any of this: it needs AWS to fetch an image and to tell figures.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, edge: EdgeSection, cities: Sequence[str]
    ) -> None:
        super().__init__(scope, id)
        self._names, self._region = names, region
        product = names.topology.name
        role = self._role(edge)
        alias = iot.CfnRoleAlias(
            self,
            "RoleAlias",
            role_alias=f"{product}-edge",
            role_arn=role.role_arn,
            credential_duration_seconds=SESSION_SECONDS,
        )
        group = iot.CfnThingGroup(self, "Nodes", thing_group_name=f"{product}-edge")
        for city in cities:
            payload = iot.CfnThing.AttributePayloadProperty(attributes={"city": city, "product": product})
            thing = iot.CfnThing(self, city, thing_name=f"{product}-{city}", attribute_payload=payload)
            thing.add_resource_dependency(group)
        iot.CfnPolicy(
            self,
            "Policy",
            policy_name=f"{product}-edge",
            policy_document={"Version": "2012-10-17", "Statement": self._may(alias.attr_role_alias_arn)},
        )

    def _role(self, edge: EdgeSection) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "credentials.iot.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self._names.topology.account}},
            ),
            description="An edge node that has shown its certificate.",
        )
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": metrics_namespace(self._names)}},
            )
        )
        if has_registry(edge.image):
            return role
        repository = ecr.Repository.from_repository_name(self, "Image", repository_of(edge.image))
        repository.grant_pull(role)
        return role

    def _may(self, alias: str) -> list[dict[str, Any]]:
        place = f"arn:aws:iot:{self._region}:{self._names.topology.account}"
        topics = f"{self._names.topology.name}/edge/{THING}/*"
        return [
            {
                "Effect": "Allow",
                "Action": "iot:AssumeRoleWithCertificate",
                "Resource": alias,
                "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
            },
            {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{place}:client/{THING}"},
            {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": f"{place}:topic/{topics}"},
            {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": f"{place}:topicfilter/{topics}"},
        ]
