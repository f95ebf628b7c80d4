"""The gate inside PostgreSQL: the same plain SQL for RDS, Aurora and self-managed servers."""

from failover.adapters.postgres.cluster import ClusterDatabase
from failover.adapters.postgres.database import PostgresDatabase
from failover.adapters.postgres.inspection import GateState, Inspection
from failover.adapters.postgres.installation import ApplicationRoles
from failover.adapters.postgres.session import Address, Keyring

__all__ = ["Address", "ApplicationRoles", "ClusterDatabase", "GateState", "Inspection", "Keyring", "PostgresDatabase"]
