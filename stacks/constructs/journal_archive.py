"""The function that keeps the journal in a locked bucket of its own region."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import ArchiveJournalEnvironment
from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.heartbeat_alarm import HeartbeatAlarm
from stacks.constructs.metric_access import grant_put_metrics
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.signals import rule_triggered
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction

TIMEOUT_SECONDS: Final = 300
NIGHT_HOUR_UTC: Final = "3"


class JournalArchive(Construct):
    """Each control region keeps the whole journal for itself, so that it outlives any of them.

    A run each minute keeps the last hour, one each night everything. A line that was changed or taken away in the
    store since it was kept fails the run, and what fails ends in ``failures``, whose alarm tells people.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        code: lambda_.Code,
        bucket: s3.Bucket,
        key: kms.IKey,
        failures: sqs.IQueue,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        function = StepFunction(
            self,
            "ArchiveJournal",
            names=names,
            code=code,
            environment=ArchiveJournalEnvironment(
                quorum_table=names.quorum_table,
                quorum_regions=names.topology.quorum.replicas,
                bucket=bucket.bucket_name,
            ),
            failures=failures,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mib=ALWAYS_ON_MIB,
            asynchronous_retries=0,
        )
        QuorumAccess(names).grant_read(function)
        grant_put_metrics(function, names)
        # It may add. No role of the product may delete, and none may change a lock, as the CDK's own grant would allow.
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[bucket.arn_for_objects("journal/*")])
        )
        key.grant_encrypt(function)
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": "journal/*"}},
            )
        )
        MinuteSchedule(
            self,
            "EachMinute",
            description="Keeps what the journal got within the last hour.",
            targets=[_run(function, whole=False)],
            told=told,
        )
        nightly = events.Rule(
            self,
            "EachNight",
            description="Keeps what the minutes missed, and looks whether anything kept has been changed since.",
            schedule=events.Schedule.cron(hour=NIGHT_HOUR_UTC, minute="17"),
            targets=[_run(function, whole=True)],
        )
        accept(nightly, "the next night compares everything again, and silence has its alarm", "Serverless-EventBusDLQ")
        stack = cdk.Stack.of(self)
        HeartbeatAlarm(
            self,
            "NightsSilent",
            name=f"{stack.stack_name}-nightly-stopped",
            description=f"For two nights nobody has compared the journal with what {stack.region} keeps of it.",
            heartbeat=rule_triggered(nightly, durations.days(1)),
            told=told,
        )


def _run(function: lambda_.IFunction, *, whole: bool) -> targets.LambdaFunction:
    return targets.LambdaFunction(
        function,
        event=events.RuleTargetInput.from_object({"whole": whole}),
        retry_attempts=0,
        max_event_age=durations.minutes(1),
    )
