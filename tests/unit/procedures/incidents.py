"""An incident that is open, and its steps called by hand, one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from failover.errors import LifeboatError
from failover.ports import CopyState, Ports
from failover.procedures.commands import DatabaseCommand, IncidentCommand, Ticket
from failover.procedures.opening import open_incident
from failover.records import DatabaseRecord
from failover.tails import Archive, TailRequest
from failover.topology import Topology
from tests.products import EU, US
from tests.worlds import World

DATABASE = "orders"


class OpenIncident:
    """The loss of a region, opened in a world in which the writer has renewed its lease for a while."""

    def __init__(self, world: World | None = None, subject: str = US, here: str = EU) -> None:
        self.world = world or World()
        self.world.run(12)
        self.ports = self.world.ports(here)
        opened = open_incident(self.ports, self.topology, subject, "R330", "down for the whole dwell time")
        self.ticket = Ticket.of(opened)
        self.databases = opened.databases

    @property
    def topology(self) -> Topology:
        return self.world.topology

    @property
    def record(self) -> DatabaseRecord:
        return self.world.store.database(DATABASE)

    def of_database(self, **waiting: Any) -> DatabaseCommand:
        """The input of a step that works on one database."""
        return DatabaseCommand(self.topology, self.ticket, DATABASE, waiting)

    def of_all(self) -> IncidentCommand:
        """The input of a step that works on the whole incident."""
        return IncidentCommand(self.topology, self.ticket, self.databases)

    def superseded(self) -> "OpenIncident":
        """The same, but another region has taken the incident over; this one's ticket is old."""
        control = self.world.store.control()
        assert control.incident is not None
        taken = replace(control.incident, owner="ap-southeast-1", term=control.incident.term + 1)
        self.world.store.change_control(control, replace(control, incident=taken, term=taken.term))
        return self

    def closed(self) -> "OpenIncident":
        """The same, but somebody has closed the incident meanwhile."""
        control = self.world.store.control()
        self.world.store.change_control(
            control, replace(control, incident=None, closed=self.ticket.id, outcome="FAILED_OVER")
        )
        return self


class AgentBetween:
    """``ports.DatabaseAgent`` through which a test sees, loses and delays the calls."""

    def __init__(self, ports: Ports, around: Callable[[str, Callable[[], CopyState]], CopyState]) -> None:
        self._agent, self._around = ports.agent, around

    def install(self, database: str, region: str) -> CopyState:
        return self._around("install", lambda: self._agent.install(database, region))

    def describe(self, database: str, region: str) -> CopyState:
        return self._around("describe", lambda: self._agent.describe(database, region))

    def describe_all(self, copies: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], CopyState | LifeboatError]:
        return {copy: self._told(*copy) for copy in copies}

    def _told(self, database: str, region: str) -> CopyState | LifeboatError:
        try:
            return self.describe(database, region)
        except LifeboatError as exc:
            return exc

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        return self._around("fence", lambda: self._agent.fence(database, region, epoch))

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        return self._around("admit", lambda: self._agent.admit(database, region, epoch, valid_until))

    def archive(self, database: str, region: str, request: TailRequest) -> Archive:
        return self._agent.archive(database, region, request)

    def promote(self, database: str, region: str) -> CopyState:
        return self._around("promote", lambda: self._agent.promote(database, region))
