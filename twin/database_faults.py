"""What a drill does to copies of a database: killed, lagging, slow, read-only, full, not to be promoted."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.faults import Fault
from twin.faulting import Doing
from twin.postgres.troubles import SlowServer, take_no_writes, take_writes

if TYPE_CHECKING:
    from twin.twin import Twin


class DatabaseFaults:
    """Faults of PostgreSQL's servers and of RDS."""

    def __init__(self, twin: "Twin") -> None:
        self._twin = twin
        self._slow: dict[form.Slow, list[SlowServer]] = {}
        self.kinds: Mapping[type[Fault], Doing] = {
            form.DatabaseDown: Doing(self._database_down, self._database_up),
            form.DatabaseReadOnly: Doing(self._read_only, self._read_write),
            form.DiskFull: Doing(self._fill, self._database_up),
            form.ReplicaLag: Doing(self._lag, self._catch_up),
            form.PromotionRefused: Doing(self._refuse_promotion, self._allow_promotion),
            form.PromotionUnanswered: Doing(self._leave_unanswered, self._allow_promotion),
        }

    def slow(self, fault: form.Slow) -> None:
        """Let the servers of a region stand still again and again."""
        servers = [self._twin.rds.server(region, name) for region, name in self._all_copies(fault.region)]
        self._slow[fault] = [SlowServer(each, fault.seconds, fault.grows) for each in servers]

    def quick(self, fault: form.Slow) -> None:
        """Take ``slow`` back."""
        for each in self._slow.pop(fault, []):
            each.end()

    def close(self) -> None:
        """Leave no server standing still."""
        for fault in list(self._slow):
            self.quick(fault)

    def _database_down(self, fault: form.DatabaseDown) -> None:
        self._twin.rds.instance_down(fault.region, self._instance(fault.database, fault.region))

    def _database_up(self, fault: form.DatabaseDown | form.DiskFull) -> None:
        self._twin.rds.instance_up(fault.region, self._instance(fault.database, fault.region))

    def _read_only(self, fault: form.DatabaseReadOnly) -> None:
        take_no_writes(self._twin.rds.server(fault.region, self._instance(fault.database, fault.region)))

    def _read_write(self, fault: form.DatabaseReadOnly) -> None:
        take_writes(self._twin.rds.server(fault.region, self._instance(fault.database, fault.region)))

    def _fill(self, fault: form.DiskFull) -> None:
        self._twin.rds.disk_full(fault.region, self._instance(fault.database, fault.region))

    def _lag(self, fault: form.ReplicaLag) -> None:
        for region, instance in self._replicas(fault.database, fault.region):
            self._twin.rds.replica_lags(region, instance)

    def _catch_up(self, fault: form.ReplicaLag) -> None:
        for region, instance in self._replicas(fault.database, fault.region):
            self._twin.rds.replica_catches_up(region, instance)

    def _refuse_promotion(self, fault: form.PromotionRefused) -> None:
        for region, instance in self._all_copies(fault.region):
            self._twin.rds.faults.refuse(region, instance, code=fault.error, times=fault.times)

    def _leave_unanswered(self, fault: form.PromotionUnanswered) -> None:
        for region, instance in self._all_copies(fault.region):
            self._twin.rds.faults.leave_unanswered(region, instance, times=fault.times)

    def _allow_promotion(self, fault: form.PromotionRefused | form.PromotionUnanswered) -> None:
        for region, instance in self._all_copies(fault.region):
            self._twin.rds.faults.clear(region, instance)

    def _instance(self, database: str, region: str) -> str:
        return self._twin.names.db_instance(database, region)

    def _replicas(self, database: str, region: str) -> list[tuple[str, str]]:
        replicas = self._twin.topology.database(database).replicas
        return [(each, self._instance(database, each)) for each in replicas if region in (each, EVERYWHERE)]

    def _all_copies(self, region: str) -> list[tuple[str, str]]:
        return [
            (each, self._instance(database.name, each))
            for database in self._twin.topology.databases
            for each in database.regions
            if region in (each, EVERYWHERE)
        ]
