"""The workload's services of all regions, started and lost together with their regions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from failover.topology import Database, DatasetKind, Engine
from twin.workload.homes import homes
from twin.workload.processes import ServiceProcess
from twin.workload.settings import ServiceSettings

if TYPE_CHECKING:
    from twin.twin import Twin


class Services:
    """One service per region, each of its region's database; ``password`` of a (database, role)."""

    def __init__(self, twin: "Twin", password: Callable[[str, str], str]) -> None:
        self._twin = twin
        (twin.folder / "services").mkdir(exist_ok=True)
        self._processes = {
            region: ServiceProcess(
                ServiceSettings(
                    region=region,
                    address=twin.plan.load_balancer(region),
                    port=twin.plan.ports.https,
                    certificate=str(twin.certificate.certificate),
                    key=str(twin.certificate.key),
                    endpoints=self._endpoints(database),
                    database=database.name.replace("-", "_"),
                    app_rw_password=password(database.name, "app_rw"),
                    app_ro_password=password(database.name, "app_ro"),
                    gated=database.kind is DatasetKind.SINGLE,
                    workers=[each.name for each in twin.topology.workers if each.database == database.name],
                ),
                twin.around(region),
                twin.folder / "services" / f"{region}.log",
            )
            for region, database in homes(twin.topology).items()
        }

    def start(self) -> None:
        """Start all of them at once, and return when all answer."""
        with ThreadPoolExecutor(len(self._processes)) as threads:
            list(threads.map(ServiceProcess.start, self._processes.values()))

    def stop(self) -> None:
        """Kill all of them; safe to repeat."""
        for process in self._processes.values():
            process.kill()

    def kill(self, region: str) -> None:
        """Kill a region's service; a region of the control plane alone has none."""
        if region in self._processes:
            self._processes[region].kill()

    def restart(self, region: str) -> None:
        """Start a region's service again, where it has one."""
        if region in self._processes:
            self._processes[region].restart()

    def _endpoints(self, database: Database) -> dict[str, str]:
        if database.engine is Engine.SELF_MANAGED_POSTGRES:
            names = self._twin.names
            return {each: f"{names.database_address(database.name, each)}:{database.port}" for each in database.regions}
        identifiers = {self._twin.names.db_instance(database.name, region): region for region in database.regions}
        named = {name.partition(".")[0]: name for name in self._twin.rds.endpoints()}
        return {region: named[identifier] for identifier, region in identifiers.items()}
