"""What brings users back to a region by and by; it stands where Route 53's API does, and nothing waits for it."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.routing_environments import ReturnUsersEnvironment
from failover.topology import Names, Topology
from stacks.constructs import durations
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.step_function import StepFunction
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.recovery import RecoverySection

LAYER: Final = "returns"


class ReturnsStack(LayerStack):
    """One function, each minute. With its region Route 53's API is gone as well, so that a second could do no more."""

    def __init__(self, scope: Construct, topology: Topology, recovery: dict[str, RecoverySection]) -> None:
        super().__init__(scope, topology, LAYER, Names(topology).home, stateful=False)
        told = AlarmTopic(self, "Alarms")
        regions = {route.name: route.regions for route in topology.routes}
        function = StepFunction(
            self,
            "ReturnUsers",
            names=self.names,
            code=FunctionBundle.build(topology).code(),
            environment=ReturnUsersEnvironment(
                quorum_table=self.names.quorum_table,
                quorum_regions=topology.quorum.replicas,
                returning={
                    route: {**section.model_dump(), "regions": list(regions[route])}
                    for route, section in sorted(recovery.items())
                },
            ),
            failures=Failures(self, "Failures", told=told).queue,
            asynchronous_retries=0,
        )
        QuorumAccess(self.names).grant_read(function)
        self._grant(function, sorted(recovery))
        MinuteSchedule(
            self,
            "EachMinute",
            description="Brings users back to regions that have their traffic again, one step.",
            targets=[targets.LambdaFunction(function, retry_attempts=0, max_event_age=durations.minutes(1))],
            told=told,
        )

    def _grant(self, function: StepFunction, routes: list[str]) -> None:
        """Let it change these names' records and no others; what finds a zone by its name knows no resource."""
        zones = "arn:aws:route53:::hostedzone/*"
        function.add_to_role_policy(iam.PolicyStatement(actions=["route53:ListHostedZonesByName"], resources=["*"]))
        function.add_to_role_policy(iam.PolicyStatement(actions=["route53:ListResourceRecordSets"], resources=[zones]))
        asked = "route53:ChangeResourceRecordSets"
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[asked],
                resources=[zones],
                conditions={
                    "ForAllValues:StringEquals": {
                        f"{asked}NormalizedRecordNames": [self.names.route(route) for route in routes],
                        f"{asked}RecordTypes": ["CNAME"],
                        f"{asked}Actions": ["UPSERT"],
                    }
                },
            )
        )


def returns_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build it where the document says how users come back."""
    return [ReturnsStack(scope, topology, infrastructure.recovery)] if infrastructure.recovery else []
