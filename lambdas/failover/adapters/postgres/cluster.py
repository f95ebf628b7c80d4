"""A copy that is a cluster with two endpoints, one for its writer and one for its readers."""

from failover.adapters.postgres.database import PostgresDatabase
from failover.adapters.postgres.installation import ApplicationRoles
from failover.adapters.postgres.session import Address
from failover.errors import DatabaseUnreachableError
from failover.ports import CopyState


class ClusterDatabase(PostgresDatabase):
    """``ports.DatabaseCopy`` on an Aurora cluster.

    The writer's endpoint of a secondary cluster leads nowhere before the cluster is promoted, so that a question
    is then put to the readers. Every change goes to the writer's endpoint and to no other.
    """

    keeps_tail = False
    """Its copies share their storage: no replica's progress would ever move a slot on."""

    def __init__(
        self,
        writer: Address,
        readers: Address,
        roles: ApplicationRoles | None = None,
        timeout_seconds: float = 3.0,
    ) -> None:
        super().__init__(writer, roles, timeout_seconds)
        self._readers = PostgresDatabase(readers, roles, timeout_seconds)

    def describe(self) -> CopyState:
        """Return what other regions ask for, from a reader where there is no writer."""
        try:
            return super().describe()
        except DatabaseUnreachableError:
            state = self._readers.describe()
            if state.in_recovery:
                return state
            # A writer that only its readers' endpoint leads to: in the moments after a promotion.
            raise
