"""What makes ``decide_failover`` look. Each event is a hint: the function reads the votes, never its word."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from failover.topology import Names


class WakeRules(Construct):
    """Four ways to wake, of which the last needs nothing but a clock."""

    def __init__(self, scope: Construct, id: str, *, names: Names, decide: lambda_.IFunction) -> None:
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
                detail_type=["RDS DB Instance Event"],
                detail={"SourceIdentifier": events.Match.prefix(f"{topology}-")},
            ),
        )
        events.Rule(
            self,
            "Tick",
            description="The minute's tick: whatever event was lost, the votes are read again.",
            schedule=events.Schedule.rate(cdk.Duration.minutes(1)),
            targets=[self._target(events.RuleTargetInput.from_object({"source": "lifeboat.tick"}))],
        )

    def _rule(self, id: str, description: str, pattern: events.EventPattern) -> None:
        events.Rule(self, id, description=description, event_pattern=pattern, targets=[self._target(None)])

    def _target(self, said: events.RuleTargetInput | None) -> targets.LambdaFunction:
        return targets.LambdaFunction(self._decide, event=said, retry_attempts=2, max_event_age=cdk.Duration.minutes(1))
