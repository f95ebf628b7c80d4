"""PagerDuty, told by each region for itself, so that no region's loss keeps it from people."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs import constants, durations, observed

ENQUEUE: Final = "https://events.pagerduty.com/v2/enqueue"
INTEGRATION: Final = "https://events.pagerduty.com/integration"
"""Where PagerDuty takes events (Events API v2), and messages of SNS (its integration with Amazon CloudWatch)."""

STATES: Final = {"ALARM": "trigger", "OK": "resolve"}


class PagerDuty(Construct):
    """Alarms open and resolve incidents that say their region; the control plane's own pages come by their topic.

    The key is read from the region's secret when the stack is deployed, and stands in no template.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, failures: sqs.IQueue, pages: bool
    ) -> None:
        super().__init__(scope, id)
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        key = cdk.SecretValue.secrets_manager(observed.pagerduty_secret(names), json_field="routing_key")
        connection = events.Connection(
            self,
            "Connection",
            description="The key of PagerDuty's service",
            authorization=events.Authorization.api_key("X-Routing-Key", key),
            body_parameters={"routing_key": events.HttpParameter.from_secret(key)},
        )
        there = events.ApiDestination(
            self, "Destination", connection=connection, endpoint=ENQUEUE, rate_limit_per_second=10
        )
        role = iam.Role(self, "Role", assumed_by=constants.service("events.amazonaws.com"))
        for state, action in STATES.items():
            self._rule(names, region, state, _Target(there, role, failures, action))
        if pages:
            sns.Subscription(
                self,
                "Pages",
                topic=sns.Topic.from_topic_arn(self, "Topic", names.pages_topic_arn(region)),
                protocol=sns.SubscriptionProtocol.HTTPS,
                endpoint=f"{INTEGRATION}/{key.unsafe_unwrap()}/enqueue",
                dead_letter_queue=failures,
            )

    def _rule(self, names: Names, region: str, state: str, target: "_Target") -> None:
        events.Rule(
            self,
            f"Alarms{state.title()}",
            description=f"Alarms of {region} that go to {state} are told to PagerDuty.",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                region=[region],
                detail={
                    "alarmName": events.Match.prefix(f"lifeboat-{names.topology.name}-"),
                    "state": {"value": [state]},
                    # Silence that ends, of an alarm that was never raised, resolves nothing.
                    "previousState": {"value": events.Match.anything_but("INSUFFICIENT_DATA")}
                    if state == "OK"
                    else events.Match.exists(),
                },
            ),
            targets=[target.of(names)],
        )


class _Target:
    """The event of PagerDuty's API that an alarm's change becomes."""

    def __init__(self, there: events.IApiDestination, role: iam.IRole, failures: sqs.IQueue, action: str) -> None:
        self._there, self._role, self._failures, self._action = there, role, failures, action

    def of(self, names: Names) -> targets.ApiDestination:
        """Return the target; the alarm's own ARN, which has the region in it, is what opens and resolves."""
        alarm = events.EventField.from_path("$.detail.alarmName")
        region = events.EventField.from_path("$.region")
        said = {
            "event_action": self._action,
            "dedup_key": events.EventField.from_path("$.resources[0]"),
            "payload": {
                "summary": f"{region}: {alarm}",
                "source": region,
                "severity": "critical",
                "component": names.topology.name,
                "group": region,
                "custom_details": {
                    "region": region,
                    "reason": events.EventField.from_path("$.detail.state.reason"),
                },
            },
        }
        return targets.ApiDestination(
            self._there,
            event=events.RuleTargetInput.from_object(said),
            event_role=self._role,
            dead_letter_queue=self._failures,
            retry_attempts=185,
            max_event_age=durations.hours(24),
        )
