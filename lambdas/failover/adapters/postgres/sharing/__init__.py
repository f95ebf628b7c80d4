"""Logical replication between databases that never move: publications with column lists and row filters."""

from failover.adapters.postgres.sharing.end import PORT, PostgresSharing
from failover.adapters.postgres.sharing.names import PUBLISHER

__all__ = ["PORT", "PUBLISHER", "PostgresSharing"]
