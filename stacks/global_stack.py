"""What users' traffic is moved by. Nothing here is called while failing over."""

from constructs import Construct

from failover.topology import Names, Topology, replicas_of
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.bucket_replication import BucketReplication
from stacks.constructs.failures import Failures
from stacks.constructs.lever_checks import LeverCheck
from stacks.constructs.route_records import RouteRecords
from stacks.constructs.security_names import GatewayNames
from stacks.layer import LayerStack
from topology_document import NOTHING, Infrastructure


class GlobalStack(LayerStack):
    """The regions' levers and the routes' records; deployed last."""

    def __init__(self, scope: Construct, topology: Topology, infrastructure: Infrastructure = NOTHING) -> None:
        super().__init__(scope, topology, "global", Names(topology).home, stateful=True)
        levers = {
            region: LeverCheck(self, f"Lever-{region}", names=self.names, region=region)
            for region in topology.region_names
        }
        alarms = AlarmTopic(self, "Alarms")
        gateway = infrastructure.security.gateway if infrastructure.security else None
        by_gateway = gateway.route if gateway else None
        for route in topology.routes:
            RouteRecords(
                self,
                f"Route-{route.name}",
                names=GatewayNames(topology) if route.name == by_gateway else self.names,
                route=route,
                levers=levers,
                steering=infrastructure.steering.get(route.name),
                told=alarms,
                notice=infrastructure.notices.get(route.name),
                by_and_by=route.name in infrastructure.recovery,
            )
        if any(replicas_of(topology, region) for region in topology.region_names):
            failures = Failures(self, "Failures", told=alarms).queue
            BucketReplication(self, "Replication", names=self.names, failures=failures)
