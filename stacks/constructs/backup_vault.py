"""Where a region's backups lie: under a key of their own, and locked where the document says so."""

from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.data_names import DataNames
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.backups import VaultLockSection
from topology_document.infrastructure.objects import LockMode


class BackupVault(Construct):
    """A vault from which nobody removes a backup before its time.

    Its key is not the data's: who may read the data cannot read what was kept of it, and what makes one key
    unusable leaves the other.
    """

    def __init__(self, scope: Construct, id: str, *, names: DataNames, lock: VaultLockSection | None) -> None:
        super().__init__(scope, id)
        self._key = kms.Key(
            self,
            "Key",
            alias=f"{names.vault}-backups",
            description=f"Lifeboat {names.names.topology.name}: backups of this region",
            enable_key_rotation=True,
            removal_policy=KEPT,
        )
        vault = backup.CfnBackupVault(
            self,
            "Vault",
            backup_vault_name=names.vault,
            encryption_key_arn=self._key.key_arn,
            access_policy=_kept().to_json(),
            lock_configuration=None if lock is None else _lock(lock),
        )
        vault.apply_removal_policy(KEPT)


def _kept() -> iam.PolicyDocument:
    """Return the policy that refuses what takes backups away; the account's root can change it, but not by mistake."""
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.StarPrincipal()],
                actions=[
                    "backup:DeleteRecoveryPoint",
                    "backup:UpdateRecoveryPointLifecycle",
                    "backup:DeleteBackupVault",
                ],
                resources=["*"],
            )
        ]
    )


def _lock(lock: VaultLockSection) -> backup.CfnBackupVault.LockConfigurationTypeProperty:
    grace = lock.grace_days if lock.mode is LockMode.COMPLIANCE else None
    return backup.CfnBackupVault.LockConfigurationTypeProperty(
        min_retention_days=lock.least_days, max_retention_days=lock.most_days, changeable_for_days=grace
    )
