"""Failovers that are rehearsed by the clock: the real machine, asked for its plan, which changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.constructs.practice import scheduled_by, weekly
from stacks.constructs.retention import KEPT
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.experiments import RehearsalSection

LAYER: Final = "rehearsal"
MACHINE: Final = "failover"


class RehearsalStack(LayerStack):
    """The schedules of one control region. A rehearsal tells which copies would be promoted, and why no other.

    The machine itself refuses one while an incident is open; what it found is in the journal and in its output.
    """

    def __init__(self, scope: Construct, topology: Topology, region: str, due: Sequence[RehearsalSection]) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=False)
        failures = Failures(self, "Failures", told=AlarmTopic(self, "Alarms")).queue
        accept(failures, "the dead letters of schedules, which no checker looks for", "AwsSolutions-SQS3")
        key = kms.Key(
            self,
            "Key",
            description=f"Lifeboat {topology.name}: what is rehearsed",
            enable_key_rotation=True,
            removal_policy=KEPT,
        )
        machine = self.names.machine_arn(MACHINE, region)
        role = iam.Role(self, "Role", assumed_by=scheduled_by(self.names, region))
        role.add_to_policy(iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine]))
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        failures.grant_send_messages(role)
        key.grant_decrypt(role)
        for number, each in enumerate(due, start=1):
            told = {"subject": each.subject, "reason": "the weekly rehearsal", "dry_run": True}
            scheduler.CfnSchedule(
                self,
                f"Weekly{number}",
                description=f"What would be done if {each.subject} were lost",
                schedule_expression=weekly(each.weekday, each.at),
                schedule_expression_timezone="UTC",
                flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
                kms_key_arn=key.key_arn,
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=machine,
                    role_arn=role.role_arn,
                    input=self.to_json_string(told),
                    retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                        maximum_retry_attempts=0, maximum_event_age_in_seconds=300
                    ),
                    dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=failures.queue_arn),
                ),
            )


def rehearsal_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each control region that rehearses something."""
    asked = infrastructure.experiments.rehearsals if infrastructure.experiments is not None else []
    due = {region: [each for each in asked if each.executed_in == region] for region in topology.control_regions}
    return [RehearsalStack(scope, topology, region, each) for region, each in due.items() if each]
