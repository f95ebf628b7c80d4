"""Content delivery at the edge, and what empties its caches."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_shield as shield
from constructs import Construct

from failover.routing_environments import InvalidateCachesEnvironment
from failover.topology import Names, Topology
from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs import constants
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.cache_triggers import CacheTriggers
from stacks.constructs.content_delivery import ContentDelivery
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.step_function import StepFunction
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.delivery import CdnSection, DeliverySection, FirewallSection

LAYER: Final = "delivery"
TRIGGERS: Final = "cache-triggers"
RETRIES: Final = 10


class DeliveryStack(LayerStack):
    """The distribution, where CloudFront takes its certificate and its firewall from: us-east-1."""

    def __init__(self, scope: Construct, topology: Topology, delivery: DeliverySection, cdn: CdnSection) -> None:
        super().__init__(scope, topology, LAYER, Names(topology).home, stateful=True)
        told = AlarmTopic(self, "Alarms")
        failures = Failures(self, "Failures", told=told).queue
        firewall = delivery.firewall or FirewallSection()
        edge = ContentDelivery(self, "Edge", names=self.names, settings=cdn, firewall=firewall, told=told)
        arn = f"arn:aws:cloudfront::{topology.account}:distribution/{edge.distribution.ref}"
        empty = StepFunction(
            self,
            "InvalidateCaches",
            names=self.names,
            code=FunctionBundle.build(topology).code(),
            environment=InvalidateCachesEnvironment(
                distribution=edge.distribution.ref, paths=cdn.invalidation.model_dump()
            ),
            failures=failures,
            asynchronous_retries=2,
        )
        empty.add_to_role_policy(iam.PolicyStatement(actions=["cloudfront:CreateInvalidation"], resources=[arn]))
        target = targets.LambdaFunction(empty, dead_letter_queue=failures, retry_attempts=RETRIES)
        CacheTriggers(self, "Triggers", names=self.names, settings=cdn.invalidation, target=target)
        if delivery.shield_advanced:
            shield.CfnProtection(self, "Shield", name=f"lifeboat-{topology.name}-edge", resource_arn=arn)


class CacheTriggersStack(LayerStack):
    """What of another region empties the caches: its events go to the bus of the region that CloudFront is run from."""

    def __init__(self, scope: Construct, topology: Topology, region: str, cdn: CdnSection) -> None:
        super().__init__(scope, topology, TRIGGERS, region, stateful=False)
        failures = Failures(self, "Failures", told=AlarmTopic(self, "Alarms")).queue
        accept(failures, "it is where rules' events end; an alarm says that one has", "AwsSolutions-SQS3")
        arn = f"arn:aws:events:{self.names.home}:{topology.account}:event-bus/default"
        bus = events.EventBus.from_event_bus_arn(self, "Home", arn)
        role = iam.Role(self, "Forwarding", assumed_by=constants.service("events.amazonaws.com"))
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        target = targets.EventBus(bus, role=role, dead_letter_queue=failures)
        CacheTriggers(self, "Triggers", names=self.names, settings=cdn.invalidation, target=target)


def delivery_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build the distribution, and the triggers of the regions that are elsewhere than it."""
    delivery = infrastructure.delivery
    if delivery is None or delivery.cdn is None:
        return []
    home = DeliveryStack(scope, topology, delivery, delivery.cdn)
    elsewhere = [region for region in topology.aws_regions if region != home.names.home]
    return [home, *(CacheTriggersStack(scope, topology, region, delivery.cdn) for region in elsewhere)]
