"""The API actions on clusters and global databases: MiniStack's own, extended so that they act on the servers."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import get_region
from ministack.services import rds as ministack_rds

from twin.aws.rds.api import Action, ApiError, Parameters, Response, Unanswered, answering, text
from twin.aws.rds.clusters import records
from twin.aws.rds.clusters.moves import Moves
from twin.aws.rds.clusters.records import Cluster, Global
from twin.aws.rds.clusters.seats import Seats
from twin.aws.rds.faults import PromotionFaults, Refusal, Silence
from twin.aws.rds.promotion import Asked

NOT_EMULATED: Final = (
    "FailoverDBCluster",
    "ModifyGlobalCluster",
    "RemoveFromGlobalCluster",
    "RestoreDBClusterFromSnapshot",
    "RestoreDBClusterToPointInTime",
    "StartDBCluster",
    "StopDBCluster",
)
SAME_FAULT: Final = {"InvalidDBInstanceState": "InvalidDBClusterStateFault"}
"""A drill's word for the refusal of a promotion, in the words of clusters."""


class ClusterActions:
    """Handlers by action name, in the form of MiniStack's table; ``asked`` hears of every promotion."""

    def __init__(self, seats: Seats, moves: Moves, faults: PromotionFaults, asked: list[Asked]) -> None:
        self._seats, self._moves, self._faults, self._asked = seats, moves, faults, asked
        self._create = ministack_rds._ACTION_MAP["CreateDBCluster"]
        self._delete = ministack_rds._ACTION_MAP["DeleteDBCluster"]

    def table(self) -> dict[str, Action]:
        """The actions that replace or join MiniStack's."""
        actions: dict[str, Action] = {
            "CreateDBCluster": self.create,
            "DeleteDBCluster": self.delete,
            "FailoverGlobalCluster": self.fail_over,
            "SwitchoverGlobalCluster": self.switch_over,
        }
        refused = {name: _refusing(name) for name in NOT_EMULATED if name in ministack_rds._ACTION_MAP}
        return {name: answering(action) for name, action in {**actions, **refused}.items()}

    def create(self, p: Parameters) -> Response:
        """CreateDBCluster: a new database, or as a later member of a global database a replica of its writer."""
        answer: Response = self._create(p)
        cluster = records.find(get_region(), text(p, "DBClusterIdentifier"))
        if answer[0] < 400 and cluster is not None:
            self._seats.create(cluster)
        return answer

    def delete(self, p: Parameters) -> Response:
        """DeleteDBCluster: the server and its data are gone."""
        answer: Response = self._delete(p)
        if answer[0] < 400:
            self._seats.remove(get_region(), text(p, "DBClusterIdentifier"))
        return answer

    def fail_over(self, p: Parameters) -> Response | Unanswered:
        """FailoverGlobalCluster: with AllowDataLoss a failover, else the switchover that it was named for once."""
        may_lose, planned = (text(p, name).lower() == "true" for name in ("AllowDataLoss", "Switchover"))
        if "AllowDataLoss" in p and "Switchover" in p:
            raise ApiError("InvalidParameterCombination", "AllowDataLoss and Switchover exclude each other.")
        return self._move("FailoverGlobalCluster", p, may_lose=may_lose and not planned)

    def switch_over(self, p: Parameters) -> Response | Unanswered:
        """SwitchoverGlobalCluster: for a healthy global database."""
        return self._move("SwitchoverGlobalCluster", p, may_lose=False)

    def _move(self, action: str, p: Parameters, *, may_lose: bool) -> Response | Unanswered:
        whole, target = _found(p)
        key = records.key_of(target)
        fault = self._faults.take(*key)
        if isinstance(fault, Refusal):
            code = SAME_FAULT.get(fault.code, fault.code)
            self._write_down(target, accepted=False, answer=code)
            raise ApiError(code, f"DB cluster {key[1]} cannot be promoted now.")
        try:
            source = self._checked(whole, target, may_lose=may_lose)
        except ApiError as exc:
            self._write_down(target, accepted=False, answer=exc.code)
            raise
        self._write_down(target, accepted=True, answer="none" if isinstance(fault, Silence) else "")

        def begin() -> None:
            self._moves.begin(whole, source, target, may_lose=may_lose)

        if isinstance(fault, Silence):
            threading.Timer(fault.delay_seconds, begin).start() if fault.delay_seconds > 0 else begin()
            return Unanswered()
        begin()
        return _told(action, whole)

    def _checked(self, whole: Global, target: Cluster, *, may_lose: bool) -> Cluster:
        """Return the writer that the move begins with.

        Raises:
            ApiError: the fault that the model of the API has for it.
        """
        name, source, told = whole["GlobalClusterIdentifier"], records.writer_of(whole), records.member(whole, target)
        if whole["Status"] != "available" or source is None:
            raise ApiError("InvalidGlobalClusterStateFault", f"Global cluster {name} is in status {whole['Status']}.")
        if told is None or target is source:
            raise ApiError(
                "InvalidGlobalClusterStateFault",
                f"{target['DBClusterIdentifier']} is not a secondary cluster of the global cluster {name}.",
            )
        if target["Status"] != "available" or told["SynchronizationStatus"] != "connected":
            raise ApiError(
                "InvalidDBClusterStateFault",
                f"DB cluster {target['DBClusterIdentifier']} is in status {target['Status']}, "
                f"synchronization {told['SynchronizationStatus']}.",
            )
        if not may_lose and not self._moves.healthy(source, target):
            raise ApiError(
                "InvalidGlobalClusterStateFault",
                f"The primary DB cluster of {name} is not healthy; fail over with AllowDataLoss.",
            )
        return source

    def _write_down(self, target: Cluster, *, accepted: bool, answer: str) -> None:
        self._asked.append(Asked(time.time(), *records.key_of(target), accepted, answer))


def _found(p: Parameters) -> tuple[Global, Cluster]:
    name, reference = text(p, "GlobalClusterIdentifier"), text(p, "TargetDbClusterIdentifier")
    whole = records.find_global(name)
    if whole is None:
        raise ApiError("GlobalClusterNotFoundFault", f"Global cluster {name} not found.", 404)
    # By its ARN, so that Aurora can find the cluster in its region.
    target = records.by_arn(reference) or records.find(get_region(), reference)
    if target is None:
        raise ApiError("DBClusterNotFoundFault", f"DBCluster {reference} not found.", 404)
    return whole, target


def _told(action: str, whole: Global) -> Response:
    inner = (
        f"<{action}Result><GlobalCluster>{ministack_rds._global_cluster_xml(whole)}</GlobalCluster></{action}Result>"
    )
    response: Response = ministack_rds._xml(200, f"{action}Response", inner)
    return response


def _refusing(name: str) -> Callable[[dict[str, Any]], Response]:
    def refuse(_p: Parameters) -> Response:
        raise ApiError("InvalidParameterCombination", f"{name} is not emulated: a record would change and no server.")

    return refuse
