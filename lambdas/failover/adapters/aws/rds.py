"""RDS for PostgreSQL: what the service says of a copy, and its promotion."""

from typing import Any

from failover.adapters.aws import backups
from failover.adapters.aws.clients import client, code_of, unclear
from failover.adapters.aws.rebuilding import rebuild
from failover.errors import (
    DatabaseUnreachableError,
    PromotionNotDoneError,
    PromotionRefusedError,
    ReplicaNotReadyError,
)
from failover.ports import ReplicaState
from failover.records import LossAllowed
from failover.topology import Names, Topology

NOT_READY = ("InvalidDBInstanceState", "InvalidDBInstanceStateFault")


class RdsReplicas:
    """``ports.ReplicaService`` for read replicas, always in the copy's own region: the lost one is never asked.

    Whoever promotes has looked just before: what was described then says which backups the promotion asks for,
    without a call more.
    """

    def __init__(self, topology: Topology) -> None:
        self._names = Names(topology)
        self._described: dict[tuple[str, str], dict[str, Any]] = {}

    def describe(self, database: str, region: str) -> ReplicaState:
        instance = self._names.db_instance(database, region)
        try:
            found = client("rds", region).describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"][0]
        except Exception as exc:
            raise DatabaseUnreachableError(f"RDS in {region} does not describe {instance}: {code_of(exc)}") from exc
        self._described[database, region] = found
        return ReplicaState(found["DBInstanceStatus"], _source(found))

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:  # noqa: ARG002 - RDS knows one way
        instance = self._names.db_instance(database, region)
        if (database, region) not in self._described:
            self.describe(database, region)
        asked = backups.kept_by(self._described[database, region])
        try:
            client("rds", region).promote_read_replica(DBInstanceIdentifier=instance, **asked)
        except Exception as exc:
            if code_of(exc) in NOT_READY:
                raise ReplicaNotReadyError(f"{instance} in {region} cannot be promoted now: {exc}") from exc
            if unclear(exc):
                raise PromotionNotDoneError(f"RDS in {region} gave no clear answer for {instance}: {exc}") from exc
            raise PromotionRefusedError(f"RDS in {region} refuses to promote {instance}: {exc}") from exc

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        rebuild(self._names, database, region, writer, epoch)


def _source(instance: dict[str, Any]) -> str | None:
    return instance.get("ReadReplicaSourceDBInstanceIdentifier") or None
