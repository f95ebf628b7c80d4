"""What makes ``decide_failover`` look. Each event is a hint: the function reads the votes, never its word."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.heartbeat_alarm import HeartbeatAlarm
from stacks.constructs.metric_access import grant_put_metrics
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.signals import decider_heartbeat


class WakeRules(Construct):
    """Four ways to wake, of which the last needs nothing but a clock.

    A rule that waits for events may be silent for months, and so has no alarm on its silence. The tick proves
    what such a rule would start: each minute ``decide_failover`` comes to its end, or people are paged.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, decide: lambda_.IFunction, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        self._decide = decide
        topology = names.topology.name
        self._rule(
            "OwnEvent",
            "The prober of this region sees a region unhealthy.",
            events.EventPattern(source=[names.event_source], detail_type=["Region Unhealthy"]),
        )
        self._rule(
            "AlarmRaised",
            "An alarm of this topology went off in this region.",
            events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                detail={
                    "alarmName": events.Match.prefix(f"lifeboat-{topology}-"),
                    "state": {"value": ["ALARM"]},
                },
            ),
        )
        self._rule(
            "DatabaseEvent",
            "RDS says something of a copy in this region.",
            events.EventPattern(
                source=["aws.rds"],
                detail_type=["RDS DB Instance Event", "RDS DB Cluster Event"],
                detail={"SourceIdentifier": events.Match.prefix(f"{topology}-")},
            ),
        )
        MinuteSchedule(
            self,
            "Tick",
            description="The minute's tick: whatever event was lost, the votes are read again.",
            targets=[self._target(events.RuleTargetInput.from_object({"source": "lifeboat.tick"}))],
            told=told,
        )
        accept(self, "an event is a hint: the next minute's tick reads the same votes", "Serverless-EventBusDLQ")
        grant_put_metrics(decide, names)
        HeartbeatAlarm(
            self,
            "DeciderSilent",
            name=f"{cdk.Stack.of(self).stack_name}-decider-silent",
            description=f"decide_failover of {region} has not come to its end for two minutes: nobody decides there.",
            heartbeat=decider_heartbeat(names, region=region),
            told=told,
        )

    def _rule(self, id: str, description: str, pattern: events.EventPattern) -> None:
        events.Rule(self, id, description=description, event_pattern=pattern, targets=[self._target(None)])

    def _target(self, said: events.RuleTargetInput | None) -> targets.LambdaFunction:
        return targets.LambdaFunction(self._decide, event=said, retry_attempts=2, max_event_age=durations.minutes(1))
