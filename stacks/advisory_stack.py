"""The relay of AWS Health's events."""

from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from failover.topology import Topology
from failover.topology.health_relays import HealthRelay
from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs.health_events import trouble_in
from stacks.layer import LayerStack

TARGETS_PER_RULE: Final = 5
"""EventBridge's quota, "Targets per rule"."""


class AdvisoryStack(LayerStack):
    """Passes what AWS Health says in its backup region on to the default bus of each control region."""

    def __init__(self, scope: Construct, topology: Topology, relay: HealthRelay) -> None:
        super().__init__(scope, topology, "advisory", relay.region, stateful=False)
        for start in range(0, len(relay.to), TARGETS_PER_RULE):
            events.Rule(
                self,
                f"HealthEvent{start // TARGETS_PER_RULE + 1}",
                description="AWS Health's events about other regions come here alone; the control regions get them.",
                event_pattern=trouble_in(relay.about),
                targets=[self._bus(region) for region in relay.to[start : start + TARGETS_PER_RULE]],
            )
        accept(self, "it is advice: nothing waits for it, and an hour old it is none", "Serverless-EventBusDLQ")
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")

    def _bus(self, region: str) -> targets.EventBus:
        arn = f"arn:aws:events:{region}:{self.topology.account}:event-bus/default"
        return targets.EventBus(events.EventBus.from_event_bus_arn(self, f"Bus-{region}", arn))
