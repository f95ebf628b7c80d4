"""What a region has for those who lead users to it from outside: an accelerator's lever, slowness, and Shield."""

from typing import Final

from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_shield as shield
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.routing_environments import AnswerBalancerEnvironment
from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.front_door import FrontDoor
from stacks.constructs.slow_alarm import SlowAlarm
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction
from topology_document import Infrastructure
from topology_document.infrastructure.delivery import AcceleratorSection

LEVER_PATH: Final = "/lifeboat/lever"
"""Where anybody may read what the load balancer is told of its region."""

LEVER_PRIORITY: Final = 1
ANSWER_SECONDS: Final = 4
"""A round of questions takes half of it, also when no lever answers."""


class RegionDelivery(Construct):
    """Without an accelerator, a route that goes around slow regions, or Shield, this is nothing."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        door: FrontDoor,
        infrastructure: Infrastructure,
        code: lambda_.Code,
        failures: sqs.IQueue,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        for route in names.topology.routes:
            steering = infrastructure.steering.get(route.name)
            checks = steering.checks if steering else None
            if checks is not None and checks.slow_ms is not None and region in route.regions:
                SlowAlarm(
                    self,
                    route.name,
                    names=names,
                    route=route.name,
                    settings=checks,
                    balancer=door.balancer,
                    told=told,
                )
        delivery = infrastructure.delivery
        if delivery is not None and delivery.accelerator is not None:
            self._follow_the_lever(names, door, delivery.accelerator, code, failures)
        if delivery is not None and delivery.shield_advanced:
            shield.CfnProtection(
                self,
                "Shield",
                name=f"lifeboat-{names.topology.name}-{region}",
                resource_arn=door.balancer.load_balancer_arn,
            )

    def _follow_the_lever(
        self,
        names: Names,
        door: FrontDoor,
        accelerator: AcceleratorSection,
        code: lambda_.Code,
        failures: sqs.IQueue,
    ) -> None:
        """Make the load balancer unhealthy while its region is evacuated.

        An accelerator takes a load balancer for healthy when each of its target groups has a healthy target; its own
        checks do not count for one. So a group with this function for its only target is a lever that it obeys.
        """
        answer = StepFunction(
            self,
            "AnswerBalancer",
            names=names,
            code=code,
            environment=AnswerBalancerEnvironment(),
            failures=failures,
            timeout_seconds=ANSWER_SECONDS,
            memory_mib=ALWAYS_ON_MIB,
        )
        group = elb.ApplicationTargetGroup(
            self,
            "Lever",
            target_type=elb.TargetType.LAMBDA,
            targets=[targets.LambdaTarget(answer)],
            health_check=elb.HealthCheck(
                enabled=True,
                path=LEVER_PATH,
                interval=durations.seconds(accelerator.check_seconds),
                timeout=durations.seconds(min(ANSWER_SECONDS, accelerator.check_seconds - 1)),
                healthy_threshold_count=accelerator.failures,
                unhealthy_threshold_count=accelerator.failures,
                healthy_http_codes="200",
            ),
        )
        for each in answer.node.find_all():
            if isinstance(each, lambda_.CfnPermission):
                # The group cannot be named: it exists only when the load balancer may call its target.
                each.source_account = names.topology.account
        # A group is looked at only where a rule leads to it.
        door.listener.add_target_groups(
            "Lever",
            priority=LEVER_PRIORITY,
            conditions=[elb.ListenerCondition.path_patterns([LEVER_PATH])],
            target_groups=[group],
        )
