"""A control region as an observer: its prober, and the alarms on what it sees."""

import math

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import ProbeRegionsEnvironment
from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.heartbeat_alarm import HeartbeatAlarm
from stacks.constructs.metric_access import grant_put_metrics
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.signals import prober_heartbeat, region_unhealthy
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction

LAST_ROUND_SECONDS = 15
"""What a prober's last round may take beyond its life: slow answers, and the votes on them."""

PROBER_CONCURRENCY = 3
"""Started each minute and living for less than two, two run at once; one more for a late start."""

ALARM_PERIOD_SECONDS = 10
"""The shortest that CloudWatch evaluates; it takes metrics of high resolution."""


class Observation(Construct):
    """The prober of a control region, an alarm for each region it watches, and one on its own silence."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        failures: sqs.IQueue,
        pages: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        self.prober = StepFunction(
            self,
            "ProbeRegions",
            names=names,
            code=code,
            environment=ProbeRegionsEnvironment(
                quorum_table=names.quorum_table, quorum_regions=names.topology.quorum.replicas
            ),
            failures=failures,
            timeout_seconds=math.ceil(names.topology.observation.run_seconds) + LAST_ROUND_SECONDS,
            memory_mib=ALWAYS_ON_MIB,
            reserved_concurrency=PROBER_CONCURRENCY,
            asynchronous_retries=0,
        )
        QuorumAccess(names).grant_read_write(self.prober)
        grant_put_metrics(self.prober, names)
        self._may_wake(names)
        MinuteSchedule(
            self,
            "ProbeEachMinute",
            description="Starts a prober each minute; its runs overlap, so that no round is missed.",
            targets=[targets.LambdaFunction(self.prober, retry_attempts=0, max_event_age=durations.minutes(1))],
            told=pages,
        )
        for subject in names.topology.region_names:
            if subject != region:
                self._alarm(names, subject, region)
        HeartbeatAlarm(
            self,
            "ProberSilent",
            name=f"{cdk.Stack.of(self).stack_name}-prober-silent",
            description=f"No prober ran in {region} for two minutes: one observer fewer.",
            heartbeat=prober_heartbeat(names, region=region),
            told=pages,
        )

    def _may_wake(self, names: Names) -> None:
        bus = cdk.Stack.of(self).format_arn(service="events", resource="event-bus", resource_name="default")
        self.prober.add_to_role_policy(
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[bus],
                conditions={"StringEquals": {"events:source": names.event_source}},
            )
        )

    def _alarm(self, names: Names, subject: str, observer: str) -> None:
        # An alarm tells of itself once. It must do so when the longer of the two ordinary dwell times is over, or
        # its hint comes too early to be acted on; the prober's own events, every few seconds, are the fast way.
        policy = names.topology.policy
        dwell = max(policy.dwell_seconds, policy.database_dwell_seconds)
        periods = math.ceil(dwell / ALARM_PERIOD_SECONDS) + 1
        alarm = cloudwatch.Alarm(
            self,
            f"Unhealthy-{subject}",
            alarm_name=f"lifeboat-{names.topology.name}-{subject}-unhealthy-seen-from-{observer}",
            alarm_description="The observer's vote; its state change wakes decide_failover, which reads the votes.",
            metric=region_unhealthy(names, subject=subject, observer=observer),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            # A dead observer makes this INSUFFICIENT_DATA, which is what it knows: breaching would make a dead
            # prober a dead region, and not breaching a dead region a healthy one.
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
        )
        accept(alarm, "a rule takes its change of state; it tells no person", "NIST.800.53.R5-CloudWatchAlarmAction")
