"""The computed names of declared buckets, tables, vaults and models, which stacks of several regions agree on."""

from dataclasses import dataclass
from typing import Final

from failover.model_versions import places
from failover.topology import Names

MODELS: Final = places.MODELS
"""A document may declare no bucket of this name."""

ACCESS_LOGS: Final = "access-logs"


@dataclass(frozen=True, slots=True)
class DataNames:
    """What ``Names`` is for the control plane, for the data that is declared beside it."""

    names: Names

    def bucket(self, bucket: str, region: str) -> str:
        """Return the name of a declared bucket in a region; bucket names are the whole world's."""
        return f"{self.names.topology.name}-{bucket}-{self.names.topology.account}-{region}"

    def bucket_arn(self, bucket: str, region: str) -> str:
        """Return its ARN."""
        return f"arn:aws:s3:::{self.bucket(bucket, region)}"

    def access_logs(self, region: str) -> str:
        """Return the bucket to which S3 writes who read and wrote a region's declared buckets."""
        return self.bucket(ACCESS_LOGS, region)

    def own_access_logs(self, region: str) -> str:
        """Return the bucket with the same of the bucket that each region has by itself."""
        return self.bucket(f"own-{ACCESS_LOGS}", region)

    def copying_role(self, bucket: str, region: str) -> str:
        """Return the IAM role with which S3 copies a declared bucket's objects out of a region."""
        return f"{self.names.topology.name}-{bucket}-copies-{region}"

    def copying_role_arn(self, bucket: str, region: str) -> str:
        """Return its ARN."""
        return f"arn:aws:iam::{self.names.topology.account}:role/{self.copying_role(bucket, region)}"

    def table(self, table: str) -> str:
        """Return the name of a declared table, the same in each of its regions."""
        return f"{self.names.topology.name}-{table}"

    def table_arn(self, table: str, region: str) -> str:
        """Return its ARN in a region."""
        return f"arn:aws:dynamodb:{region}:{self.names.topology.account}:table/{self.table(table)}"

    @property
    def vault(self) -> str:
        """Return the backup vault of a region, of the same name in each."""
        return f"lifeboat-{self.names.topology.name}"

    def vault_arn(self, region: str) -> str:
        """Return its ARN in a region."""
        return f"arn:aws:backup:{region}:{self.names.topology.account}:backup-vault:{self.vault}"

    @property
    def restored_subnets(self) -> str:
        """Return the subnet group of a region in which databases are restored for a test."""
        return f"lifeboat-{self.names.topology.name}-restored"
