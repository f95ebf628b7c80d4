"""The deploy guard of a region."""

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.deploy_guard import DeployGuard
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.layer import LayerStack


class DeployGuardStack(LayerStack):
    """Watches over the other stacks of its region, and not over itself: what is broken in it can be mended.

    Deployed last of all, since it refuses what it cannot judge, and before the quorum store there is nothing to
    judge by. It has termination protection because a guard that goes with one call is none.
    """

    def __init__(
        self, scope: Construct, topology: Topology, region: str, bundle: FunctionBundle, stacks: list[str]
    ) -> None:
        super().__init__(scope, topology, "deploy-guard", region, stateful=True)
        alarms = AlarmTopic(self, "Alarms")
        DeployGuard(
            self,
            "DeployGuard",
            names=self.names,
            region=region,
            code=bundle.code(),
            failures=Failures(self, "Failures", told=alarms).queue,
            stacks=stacks,
        )
