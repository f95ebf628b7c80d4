"""Aurora global databases: what the service says of a region's cluster, and its promotion."""

from collections.abc import Callable
from typing import Any, Final

from failover.adapters.aws.clients import client, code_of, unclear
from failover.errors import (
    DatabaseUnreachableError,
    PromotionNotDoneError,
    PromotionRefusedError,
    ReplicaNotReadyError,
)
from failover.ports import ReplicaState
from failover.records import LossAllowed
from failover.topology import Names, Topology

AVAILABLE: Final = "available"
NOT_READY: Final = ("InvalidDBClusterState", "InvalidDBClusterStateFault")
"""The cluster is in a state that passes. What is wrong with the global database is another code, and refused."""


class AuroraReplicas:
    """``ports.ReplicaService`` for members of a global database.

    A failover is asked for in the target's own region: the lost one is never asked. A switchover is asked for in
    the writer's region, as its documentation says; it is for a healthy writer only, so that nothing waits on a
    lost one there.
    """

    def __init__(self, topology: Topology) -> None:
        self._names = Names(topology)

    def describe(self, database: str, region: str) -> ReplicaState:
        """Return the cluster's own status, or the global database's while that is being moved.

        The writer has no source. While a move is under way the member that it began with stays everybody's
        source: a move may still be cancelled, and the target is not done before the service says so.
        """
        whole, cluster = self._global(database, region), self._cluster(database, region)
        moving, writer = _moving(whole), _writer(whole)
        status = moving or str(cluster["Status"])
        if not moving and writer == self._arn(database, region):
            return ReplicaState(status, None)
        return ReplicaState(status, _from(whole) or writer or self._names.global_database(database))

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:
        """Ask for a switchover (``NONE``) or a failover; nothing is asked where it is done or under way.

        ``AllowDataLoss`` is sent with the two other bases only.
        """
        whole, target = self._global(database, region), self._arn(database, region)
        writer, towards = _writer(whole), _towards(whole)
        if towards == target or (writer == target and not _moving(whole)):
            return
        if towards is not None:
            raise PromotionRefusedError(f"{whole['GlobalClusterIdentifier']} is being moved to {towards}, not {target}")
        asked = {"GlobalClusterIdentifier": whole["GlobalClusterIdentifier"], "TargetDbClusterIdentifier": target}
        try:
            if loss is LossAllowed.NONE:
                client("rds", _region_of(writer, region)).switchover_global_cluster(**asked)
            else:
                client("rds", region).failover_global_cluster(**asked, AllowDataLoss=True)
        except Exception as exc:
            if code_of(exc) in NOT_READY:
                raise ReplicaNotReadyError(f"{target} cannot be promoted now: {exc}") from exc
            if unclear(exc):
                raise PromotionNotDoneError(f"RDS gave no clear answer for {target}: {exc}") from exc
            raise PromotionRefusedError(f"RDS refuses to promote {target} ({loss}): {exc}") from exc

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        """Nothing: Aurora itself brings a region that returns behind the writer."""

    def _arn(self, database: str, region: str) -> str:
        return self._names.db_cluster_arn(database, region)

    def _global(self, database: str, region: str) -> dict[str, Any]:
        name = self._names.global_database(database)
        return _described(
            name, region, lambda rds: rds.describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"]
        )

    def _cluster(self, database: str, region: str) -> dict[str, Any]:
        name = self._names.db_cluster(database, region)
        return _described(name, region, lambda rds: rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"])


def _described(name: str, region: str, ask: Callable[[Any], list[dict[str, Any]]]) -> dict[str, Any]:
    try:
        return ask(client("rds", region))[0]
    except Exception as exc:
        raise DatabaseUnreachableError(f"RDS in {region} does not describe {name}: {code_of(exc)}") from exc


def _writer(whole: dict[str, Any]) -> str | None:
    return next((str(each["DBClusterArn"]) for each in whole["GlobalClusterMembers"] if each["IsWriter"]), None)


def _moving(whole: dict[str, Any]) -> str | None:
    """Return the status of a move under way, in the service's word, or ``None``."""
    if whole["Status"] != AVAILABLE:
        return str(whole["Status"])
    return str(_state(whole).get("Status") or "") or None


def _towards(whole: dict[str, Any]) -> str | None:
    return _state(whole).get("ToDbClusterArn")


def _from(whole: dict[str, Any]) -> str | None:
    return _state(whole).get("FromDbClusterArn")


def _state(whole: dict[str, Any]) -> dict[str, Any]:
    return whole.get("FailoverState") or {}


def _region_of(arn: str | None, otherwise: str) -> str:
    return arn.split(":")[3] if arn else otherwise
