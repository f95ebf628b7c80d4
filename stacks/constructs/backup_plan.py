"""A region's daily backups: when they begin, what they take, where their copies go, and who may take them."""

from datetime import time
from typing import Any, Final

from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import constants
from stacks.constructs.data_names import DataNames
from topology_document.infrastructure.backups import BackupsSection

HOURS_APART: Final = 2
"""Between two regions' backups. RDS refuses to promote a copy in ``backing-up``: copies must not be in it together,
and a region's own windows (``database_copy``) begin at the even hours that these leave free."""

START_MINUTES: Final = 60
"""The least that AWS Backup takes: within so many minutes it begins."""

COMPLETION_MINUTES: Final = 12 * 60
KINDS: Final = (
    "arn:aws:rds:*:*:db:*",
    "arn:aws:rds:*:*:cluster:*",
    "arn:aws:dynamodb:*:*:table/*",
    "arn:aws:ec2:*:*:volume/*",
    "arn:aws:elasticfilesystem:*:*:file-system/*",
)
BUCKETS: Final = "arn:aws:s3:::*"
TAG: Final = "aws:ResourceTag/lifeboat:topology"
LAYER: Final = "aws:ResourceTag/lifeboat:layer"
BOOKKEEPING: Final = ("quorum", "control")
"""Layers whose tables are worth nothing a day later: a vote or a lease of yesterday must never come back."""

WORK: Final = "service-role/AWSBackupServiceRolePolicyFor"
POLICIES: Final = (
    f"{WORK}Backup",
    f"{WORK}Restores",
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
)
"""AWS's own: what its service does with the account's resources, it changes with the service."""


class BackupRole(iam.Role):
    """With it AWS Backup takes backups, and restores them in tests."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(
            scope,
            id,
            assumed_by=constants.service("backup.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in POLICIES],
        )
        accept(self, "AWS Backup's own policies grow with what it can back up", "AwsSolutions-IAM4")


class BackupPlans(Construct):
    """One plan for what is kept as a snapshot a day, and one for buckets, which go back to any second.

    Databases keep their own logs for that (``upkeep.<name>.recovery_days``): a second keeper of them would change
    their windows, which are apart on purpose.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: DataNames, region: str, backups: BackupsSection, role: iam.IRole
    ) -> None:
        super().__init__(scope, id)
        self._names, self._region, self._backups, self._role = names, region, backups, role
        daily = {"lifecycle": _lifecycle(backups.keep_days, backups.cold_after_days)}
        self._plan("Daily", daily, [*KINDS])
        to_any_second = {
            "enable_continuous_backup": True,
            "lifecycle": backup.CfnBackupPlan.LifecycleResourceTypeProperty(delete_after_days=backups.objects_days),
        }
        self._plan("Objects", to_any_second, [BUCKETS])

    def _plan(self, id: str, said: dict[str, Any], resources: list[str]) -> None:
        name = f"{self._names.vault}-{id.lower()}"
        rule = backup.CfnBackupPlan.BackupRuleResourceTypeProperty(
            rule_name="daily",
            target_backup_vault=self._names.vault,
            schedule_expression=schedule(begins(self._names, self._backups, self._region)),
            schedule_expression_timezone="Etc/UTC",
            start_window_minutes=START_MINUTES,
            completion_window_minutes=COMPLETION_MINUTES,
            copy_actions=self._copies(),
            **said,
        )
        plan = backup.CfnBackupPlan(
            self,
            id,
            backup_plan=backup.CfnBackupPlan.BackupPlanResourceTypeProperty(
                backup_plan_name=name, backup_plan_rule=[rule]
            ),
        )
        backup.CfnBackupSelection(
            self,
            f"{id}Selection",
            backup_plan_id=plan.attr_backup_plan_id,
            backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
                selection_name=name,
                iam_role_arn=self._role.role_arn,
                resources=resources,
                conditions={
                    "StringEquals": [{"ConditionKey": TAG, "ConditionValue": self._names.names.topology.name}],
                    "StringNotEquals": [{"ConditionKey": LAYER, "ConditionValue": layer} for layer in BOOKKEEPING],
                },
            ),
        )

    def _copies(self) -> list[Any] | None:
        to = self._backups.copies.get(self._region)
        if to is None:
            return None
        return [
            backup.CfnBackupPlan.CopyActionResourceTypeProperty(
                destination_backup_vault_arn=self._names.vault_arn(to),
                lifecycle=_lifecycle(self._backups.copies_keep_days, self._backups.cold_after_days),
            )
        ]


def begins(names: DataNames, backups: BackupsSection, region: str) -> time:
    """Return when a region's daily backup begins: two hours after the region's before it."""
    first = time.fromisoformat(backups.daily_at)
    hours = first.hour + HOURS_APART * names.names.topology.aws_regions.index(region)
    return time(hours % 24, first.minute)


def schedule(at: time) -> str:
    """Return the expression of every day at that time."""
    return f"cron({at.minute} {at.hour} * * ? *)"


def _lifecycle(keep_days: int, cold_after_days: int | None) -> Any:
    return backup.CfnBackupPlan.LifecycleResourceTypeProperty(
        delete_after_days=keep_days,
        move_to_cold_storage_after_days=cold_after_days,
        # AWS Backup cannot put every kind into cold storage, and keeps the others warm.
        opt_in_to_archive_for_supported_resources=None if cold_after_days is None else True,
    )
