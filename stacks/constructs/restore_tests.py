"""The weekly proof that what was kept can be had back."""

from typing import Final

from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.topology import Database, Engine
from stacks.constructs.data_names import DataNames
from topology_document.infrastructure.backups import RestoreTestSection

BY_TAG: Final = ("DynamoDB", "S3", "EBS", "EFS")
START_HOURS: Final = 4


class RestoreTests(Construct):
    """AWS Backup restores a backup drawn by lot, of each kind and of each database, and removes it again.

    A restored database needs a subnet group; the regional stack has one of a computed name for that
    (``RestoredSubnets``).
    """

    def __init__(
        self, scope: Construct, id: str, *, names: DataNames, region: str, test: RestoreTestSection, role: iam.IRole
    ) -> None:
        super().__init__(scope, id)
        self._role, self._test = role, test
        topology = names.names.topology
        hour, minute = test.at.split(":")
        self._plan = backup.CfnRestoreTestingPlan(
            self,
            "Plan",
            restore_testing_plan_name=_word(f"{names.vault}_weekly"),
            schedule_expression=f"cron({int(minute)} {int(hour)} ? * {test.weekday.value[:3].upper()} *)",
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=START_HOURS,
            recovery_point_selection=backup.CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="RANDOM_WITHIN_WINDOW",
                include_vaults=[names.vault_arn(region)],
                recovery_point_types=["SNAPSHOT", "CONTINUOUS"],
                selection_window_days=test.look_back_days,
            ),
        )
        for kind in BY_TAG:
            self._of_kind(kind, topology.name)
        for database in topology.databases:
            if region in database.regions and database.engine in (Engine.RDS_POSTGRES, Engine.AURORA_POSTGRES):
                self._of_database(names, database, region)

    def _of_kind(self, kind: str, product: str) -> None:
        backup.CfnRestoreTestingSelection(
            self,
            kind,
            restore_testing_plan_name=self._plan.ref,
            restore_testing_selection_name=kind.lower(),
            iam_role_arn=self._role.role_arn,
            protected_resource_type=kind,
            protected_resource_arns=["*"],
            protected_resource_conditions=backup.CfnRestoreTestingSelection.ProtectedResourceConditionsProperty(
                string_equals=[
                    backup.CfnRestoreTestingSelection.KeyValueProperty(
                        key="aws:ResourceTag/lifeboat:topology", value=product
                    )
                ]
            ),
            validation_window_hours=self._test.keep_hours,
        )

    def _of_database(self, names: DataNames, database: Database, region: str) -> None:
        aurora = database.engine is Engine.AURORA_POSTGRES
        arn = names.names.db_cluster_arn if aurora else names.names.db_instance_arn
        backup.CfnRestoreTestingSelection(
            self,
            f"Database-{database.name}",
            restore_testing_plan_name=self._plan.ref,
            restore_testing_selection_name=_word(database.name)[:50],
            iam_role_arn=self._role.role_arn,
            protected_resource_type="Aurora" if aurora else "RDS",
            protected_resource_arns=[arn(database.name, region)],
            restore_metadata_overrides={"dbSubnetGroupName": names.restored_subnets},
            validation_window_hours=self._test.keep_hours,
        )


def _word(name: str) -> str:
    """Return the name as AWS Backup takes it here: letters, digits and underscores."""
    return name.replace("-", "_")
