"""What keeps a region's right to write: the agent that speaks SQL, and the guard that extends the lease."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import DatabaseAgentEnvironment, GuardLeaseEnvironment
from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.database_credentials import CredentialsAccess
from stacks.constructs.engines import Copy
from stacks.constructs.heartbeat_alarm import HeartbeatAlarm
from stacks.constructs.lease_refused_alarm import LeaseRefusedAlarm
from stacks.constructs.metric_access import grant_put_metrics
from stacks.constructs.minute_schedule import MinuteSchedule
from stacks.constructs.network import Network
from stacks.constructs.promising import FailsafeAlarms, grant_ask_for_promises
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.signals import guard_heartbeat
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction
from stacks.constructs.tail_access import grant_keep_tails

GUARD_TIMEOUT_SECONDS = 170
"""A guard lives 150 s; the rest is for its last renewal."""

GUARD_CONCURRENCY = 4
"""Started each minute and living two and a half, three run at once; one more for a late start."""


class LeaseKeeping(Construct):
    """The functions in the region's network that may reach its databases."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        network: Network,
        databases: list[Copy],
        failures: sqs.IQueue,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        group = network.security_group(self, "SecurityGroup", "Functions that speak SQL")
        endpoints = {database.name: database.endpoint for database in databases}
        self.agent = StepFunction(
            self,
            "DatabaseAgent",
            names=names,
            code=code,
            environment=DatabaseAgentEnvironment(endpoints=endpoints, bucket=names.bucket(region)),
            failures=failures,
            vpc=network.vpc,
            security_groups=[group],
        )
        self.guard = StepFunction(
            self,
            "GuardLease",
            names=names,
            code=code,
            environment=GuardLeaseEnvironment(
                endpoints=endpoints,
                quorum_table=names.quorum_table,
                quorum_regions=names.topology.quorum.replicas,
            ),
            failures=failures,
            timeout_seconds=GUARD_TIMEOUT_SECONDS,
            memory_mib=ALWAYS_ON_MIB,
            reserved_concurrency=GUARD_CONCURRENCY,
            asynchronous_retries=0,
            vpc=network.vpc,
            security_groups=[group],
        )
        self._grant(names, region, databases)
        for database in databases:
            database.allow_from(group, "Functions to database")
        self._schedule(told)
        HeartbeatAlarm(
            self,
            "GuardSilent",
            name=f"{cdk.Stack.of(self).stack_name}-guard-silent",
            description=f"No guard ran in {region} for two minutes: if it writes, its leases run out.",
            heartbeat=guard_heartbeat(names, region=region),
            told=told,
        )
        FailsafeAlarms(self, "Failsafe", names=names, region=region, told=told)
        LeaseRefusedAlarm(self, "LeaseRefused", names=names, region=region, told=told)

    def _grant(self, names: Names, region: str, databases: list[Copy]) -> None:
        credentials = CredentialsAccess(names, region)
        for database in databases:
            credentials.grant_read(self.agent, database.name)
            credentials.grant_read(self.guard, database.name)
        grant_keep_tails(self.agent, names, region)
        QuorumAccess(names).grant_read_write(self.guard)
        grant_ask_for_promises(self.guard, names)
        grant_put_metrics(self.guard, names)

    def _schedule(self, told: sns.ITopic) -> None:
        MinuteSchedule(
            self,
            "GuardEachMinute",
            description="Starts a guard each minute, so that its runs overlap and the lease has no gap.",
            targets=[targets.LambdaFunction(self.guard, retry_attempts=0, max_event_age=durations.minutes(1))],
            told=told,
        )
        MinuteSchedule(
            self,
            "KeepAgentWarm",
            description="Keeps the agent's first answer in an incident from being a cold start.",
            targets=[
                targets.LambdaFunction(
                    self.agent,
                    event=events.RuleTargetInput.from_object({"keep_warm": True}),
                    retry_attempts=0,
                    max_event_age=durations.minutes(1),
                )
            ],
            told=told,
        )
