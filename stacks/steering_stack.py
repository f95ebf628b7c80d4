"""The function that weighs the regions of routes, where Route 53's API is."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from failover.routing_environments import SteerRoutesEnvironment
from failover.topology import Names, Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.steering_access import let_read_metrics, let_weigh
from stacks.constructs.step_function import StepFunction
from stacks.layer import LayerStack
from stacks.zone_stack import zone_parameter
from topology_document import Infrastructure
from topology_document.infrastructure.steering import WeightsSection

LAYER: Final = "steering"
TIMEOUT_SECONDS: Final = 30


class SteeringStack(LayerStack):
    """One function for all routes, each minute. When its region is lost so is the API that it needs: weights stay."""

    def __init__(self, scope: Construct, topology: Topology, weights: dict[str, WeightsSection]) -> None:
        super().__init__(scope, topology, LAYER, Names(topology).home, stateful=False)
        told = AlarmTopic(self, "Alarms")
        zone_id = ssm.StringParameter.value_for_string_parameter(self, zone_parameter(self.names))
        steer = StepFunction(
            self,
            "SteerRoutes",
            names=self.names,
            code=FunctionBundle.build(topology).code(),
            environment=SteerRoutesEnvironment(
                quorum_table=self.names.quorum_table,
                quorum_regions=topology.quorum.replicas,
                zone_id=zone_id,
                steered={route: each.model_dump(mode="json") for route, each in sorted(weights.items())},
            ),
            failures=Failures(self, "Failures", told=told).queue,
            timeout_seconds=TIMEOUT_SECONDS,
            reserved_concurrency=1,
            # The next minute looks anew; a look that is late is worth nothing.
            asynchronous_retries=0,
        )
        QuorumAccess(self.names).grant_read(steer)
        let_weigh(steer, self.names, zone_id, list(weights))
        let_read_metrics(steer)
        minute = targets.LambdaFunction(steer, event=events.RuleTargetInput.from_object({}))
        MinuteSchedule(self, "EachMinute", description="Weighs the routes' regions.", targets=[minute], told=told)


def steering_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build it where a route's weights are computed."""
    weights = {route: each.weights for route, each in infrastructure.steering.items() if each.weights is not None}
    return [SteeringStack(scope, topology, weights)] if weights else []
