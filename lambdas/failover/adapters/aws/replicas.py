"""The driver of each engine, behind one port."""

from collections.abc import Callable
from typing import Final

from failover.adapters.aws.aurora import AuroraReplicas
from failover.adapters.aws.rds import RdsReplicas
from failover.adapters.aws.self_managed import SelfManagedReplicas
from failover.ports import ReplicaService, ReplicaState
from failover.records import LossAllowed
from failover.topology import Engine, Topology

DRIVERS: Final[dict[Engine, Callable[[Topology, str], ReplicaService]]] = {
    Engine.RDS_POSTGRES: lambda topology, _: RdsReplicas(topology),
    Engine.AURORA_POSTGRES: lambda topology, _: AuroraReplicas(topology),
    Engine.SELF_MANAGED_POSTGRES: lambda topology, here: SelfManagedReplicas(topology, here=here),
}
"""An engine without a driver cannot be promoted; a test holds this table and the engines together."""


class AwsReplicas:
    """``ports.ReplicaService`` that hands each database to its engine's driver."""

    def __init__(self, topology: Topology, here: str = "") -> None:
        self._topology, self._here = topology, here
        self._drivers: dict[Engine, ReplicaService] = {}

    def describe(self, database: str, region: str) -> ReplicaState:
        return self._driver(database).describe(database, region)

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:
        self._driver(database).promote(database, region, loss=loss)

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        self._driver(database).rejoin(database, region, writer, epoch)

    def _driver(self, database: str) -> ReplicaService:
        """Return the engine's driver, made when it is first needed."""
        engine = self._topology.database(database).engine
        if engine not in self._drivers:
            self._drivers[engine] = DRIVERS[engine](self._topology, self._here)
        return self._drivers[engine]
