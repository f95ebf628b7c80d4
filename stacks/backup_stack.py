"""A region's backups; it comes after the vaults of all regions, since copies go from one to another."""

from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import accept
from stacks.constructs import constants, durations
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.backup_plan import BackupPlans, BackupRole
from stacks.constructs.data_names import DataNames
from stacks.constructs.restore_tests import RestoreTests
from stacks.layer import LayerStack
from topology_document.infrastructure.backups import BackupsSection

UNFINISHED: Final = ("FAILED", "ABORTED", "EXPIRED", "PARTIAL")
JOBS: Final = ("Backup Job State Change", "Copy Job State Change", "Restore Job State Change")


class BackupStack(LayerStack):
    """Plans, tests of restoring, and the word to people when a job fails, or when none is heard of for a day."""

    def __init__(self, scope: Construct, topology: Topology, region: str, backups: BackupsSection) -> None:
        super().__init__(scope, topology, "backup", region, stateful=False)
        names, told = DataNames(self.names), AlarmTopic(self, "Alarms")
        role = BackupRole(self, "Role")
        BackupPlans(self, "Plans", names=names, region=region, backups=backups, role=role)
        if backups.restore_test:
            RestoreTests(self, "RestoreTests", names=names, region=region, test=backups.restore_test, role=role)
        self._tell_failures(names, told)
        self._tell_silence(names, told)

    def _tell_failures(self, names: DataNames, told: sns.Topic) -> None:
        rule = events.Rule(
            self,
            "JobFailed",
            description="A backup, a copy of one, or a test of restoring one has failed.",
            event_pattern=events.EventPattern(
                source=["aws.backup"],
                detail_type=list(JOBS),
                detail={
                    "$or": [
                        {"state": list(UNFINISHED), "backupVaultName": [names.vault]},
                        {"status": list(UNFINISHED), "sourceBackupVaultArn": [names.vault_arn(self.region_name)]},
                        {"state": list(UNFINISHED), "sourceBackupVaultArn": [names.vault_arn(self.region_name)]},
                    ]
                },
            ),
            targets=[targets.SnsTopic(told)],
        )
        accept(rule, "a day without a finished backup has its alarm", "Serverless-EventBusDLQ")
        told.add_to_resource_policy(
            iam.PolicyStatement(
                sid="FailedJobs",
                actions=["sns:Publish"],
                principals=[constants.service("events.amazonaws.com")],
                resources=[told.topic_arn],
                conditions={"ArnEquals": {"aws:SourceArn": rule.rule_arn}},
            )
        )

    def _tell_silence(self, names: DataNames, told: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "NoBackup",
            alarm_name=f"{self.stack_name}-none-for-a-day",
            alarm_description="No backup of this region was finished within a day.",
            metric=cloudwatch.Metric(
                namespace="AWS/Backup",
                metric_name="NumberOfBackupJobsCompleted",
                dimensions_map={"BackupVaultName": names.vault},
                statistic="Sum",
                period=durations.days(1),
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            # Silence is what this alarm is about.
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
