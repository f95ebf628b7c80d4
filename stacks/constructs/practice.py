"""What begins by the clock: a schedule for each practice, and the function that looks whether it may."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import BeginPracticeEnvironment
from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs.experiment import Experiment
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.service_linked_role import service_linked_role
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction
from topology_document.infrastructure.experiments import ExperimentKind, PracticeSection
from topology_document.values import Weekday


class PracticeRuns(Construct):
    """The schedules start a function of ours and never FIS: a practice is put off where anything speaks against it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        due: Sequence[PracticeSection],
        experiments: Mapping[ExperimentKind, Experiment],
        key: kms.IKey,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        self._function = StepFunction(
            self,
            "BeginPractice",
            names=names,
            code=code,
            environment=BeginPracticeEnvironment(
                quorum_table=names.quorum_table, quorum_regions=names.topology.quorum.replicas
            ),
            failures=failures,
            memory_mib=ALWAYS_ON_MIB,
            asynchronous_retries=0,
        )
        QuorumAccess(names).grant_read_write(self._function)
        self._may_start(names, region, [experiments[each.experiment] for each in due])
        self._role = iam.Role(self, "SchedulerRole", assumed_by=scheduled_by(names, region))
        self._function.grant_invoke(self._role)
        accept(self._role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(self._role, "one function and its versions", "AwsSolutions-IAM5")
        failures.grant_send_messages(self._role)
        key.grant_decrypt(self._role)
        for number, each in enumerate(due, start=1):
            self._schedule(f"Weekly{number}", each, experiments[each.experiment], key, failures)

    def _may_start(self, names: Names, region: str, started: list[Experiment]) -> None:
        place = f"arn:aws:fis:{region}:{names.topology.account}"
        templates = [f"{place}:experiment-template/{each.template.attr_id}" for each in started]
        allowed = [
            iam.PolicyStatement(
                actions=["fis:StartExperiment", "fis:TagResource"], resources=[*templates, f"{place}:experiment/*"]
            ),
            iam.PolicyStatement(actions=["fis:ListExperiments"], resources=["*"]),
            # Whoever starts an account's first experiment has FIS make its own role.
            service_linked_role(names.topology.account, "fis.amazonaws.com", "AWSServiceRoleForFIS"),
        ]
        for statement in allowed:
            self._function.add_to_role_policy(statement)

    def _schedule(
        self, id: str, due: PracticeSection, experiment: Experiment, key: kms.IKey, failures: sqs.IQueue
    ) -> None:
        told = {
            "experiment": due.experiment.value,
            "template": experiment.template.attr_id,
            "due": "<aws.scheduler.scheduled-time>",
        }
        scheduler.CfnSchedule(
            self,
            id,
            description=f"{due.experiment} is practised, if nothing speaks against it",
            schedule_expression=weekly(due.weekday, due.at),
            schedule_expression_timezone="UTC",
            # A practice that comes late comes while nobody expects it.
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            kms_key_arn=key.key_arn,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self._function.function_arn,
                role_arn=self._role.role_arn,
                input=cdk.Stack.of(self).to_json_string(told),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=2, maximum_event_age_in_seconds=300
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=failures.queue_arn),
            ),
        )


def weekly(weekday: Weekday, at: str) -> str:
    """Return a time of the week as EventBridge Scheduler writes it."""
    hour, minute = at.split(":")
    return f"cron({int(minute)} {int(hour)} ? * {weekday[:3].upper()} *)"


def scheduled_by(names: Names, region: str) -> iam.IPrincipal:
    """Return EventBridge Scheduler, as it acts for schedules of this account and region."""
    account = names.topology.account
    group = f"arn:aws:scheduler:{region}:{account}:schedule-group/default"
    conditions = {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": group}}
    return iam.ServicePrincipal("scheduler.amazonaws.com", conditions=conditions)
