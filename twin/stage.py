"""The twin as a stage: a scenario played on it in real time."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from failover.adapters.world import operators_world
from failover.errors import LifeboatError
from failover.procedures.protection import unprotected
from failover.records import Control, IncidentState
from failover.topology import DatasetKind, Engine, Topology
from rehearsal.facts import Copy, ExecutionState, Facts, Group
from rehearsal.form import Event, Fault, Load, Operation, Scenario
from rehearsal.history import History
from rehearsal.stage import StageError
from twin.chronicling import Recorder, SeenPromoted
from twin.executions import Executions
from twin.faults import Faults
from twin.first_day import login
from twin.journal import JournalReader
from twin.operations import Operations
from twin.sampling import CopySampler, Polled
from twin.twin import Twin
from twin.workload.clients import Clients

STORE_SECONDS: Final = 0.25
EXECUTIONS_SECONDS: Final = 0.5
DRAIN_SECONDS: Final = 3.0


class TwinStage:
    """``rehearsal.stage.Stage`` on a started twin; ``close`` ends the clients and the samplers, not the twin."""

    def __init__(self, twin: Twin, load: Load) -> None:
        self._twin, self._load = twin, load
        self._ports = operators_world(twin.topology)
        self._faults, self._executions = Faults(twin), Executions(twin)
        self._operations = Operations(twin, self._executions)
        self._control, self._journal = Control(version=0), JournalReader()
        self._unprotected: frozenset[str] = frozenset()
        self._zero = time.monotonic()
        self._wall = time.time()
        self._moving = [each for each in twin.topology.databases if each.kind is DatasetKind.SINGLE]
        self._samplers = {
            (database.name, region): CopySampler(twin, database.name, region, login(twin, database.name, "app_rw")[1])
            for database in self._moving
            for region in database.regions
        }
        self._recorder = Recorder(twin, self._promoted)
        self._polls = [
            Polled("store", self._read_store, STORE_SECONDS),
            Polled("executions", self._executions.refresh, EXECUTIONS_SECONDS),
        ]
        self._clients = Clients(
            twin.topology,
            twin.plan,
            twin.topology.region_names,
            load,
            twin.authority.file,
            now=self.now,
            between=twin.network.between,
        )

    def begin(self) -> None:
        """Let the clients write for the warm-up; second 0 is when it is over."""
        self._zero = time.monotonic() + self._load.warm_up
        self._wall = time.time() + self._load.warm_up
        self._clients.start()
        time.sleep(self._load.warm_up)
        self._recorder.begin(self._wall)

    def close(self) -> None:
        """End what this stage started; safe to repeat."""
        self._faults.close()
        self._clients.stop()
        for poll in self._polls:
            poll.stop()
        for sampler in self._samplers.values():
            sampler.stop()

    @property
    def topology(self) -> Topology:
        """What is deployed."""
        return self._twin.topology

    @property
    def started_at(self) -> datetime:
        """Second 0 on the wall clock."""
        return datetime.fromtimestamp(self._wall, UTC)

    @property
    def recorded_only_types(self) -> Sequence[str]:
        """The resource types that the emulated AWS only records."""
        return tuple(self._twin.aws.recorded_only_types())

    @property
    def seeds(self) -> Mapping[str, int]:
        """The twin runs in real time: there is nothing to repeat it by."""
        return {}

    def now(self) -> float:
        """Seconds since second 0."""
        return time.monotonic() - self._zero

    def wait_until(self, at: float) -> None:
        """Sleep until then."""
        time.sleep(max(0.0, at - self.now()))

    def prepare(self, scenario: Scenario) -> None:
        """Refuse what can be played in virtual time alone."""
        self._faults.refuse_unknown([step.fault for step in scenario.steps if step.fault is not None])
        for event in scenario.events:
            raise StageError(f"the twin cannot time a step upon {event.told()}: it sees events too late; use a mark")

    def moment_of(self, event: Event) -> float | None:  # noqa: ARG002 - none was let in
        """Tell when an event came."""
        return None

    def apply(self, fault: Fault) -> None:
        """Break something."""
        self._faults.apply(fault)

    def heal(self, fault: Fault) -> None:
        """Mend it."""
        self._faults.heal(fault)

    def operate(self, operation: Operation) -> None:
        """Do what an operator does, with the code of the command."""
        self._operations.do(operation)

    def facts(self) -> Facts:
        """Look at everything that the samplers have seen last."""
        at, control = self.now(), self._control
        executions = self._executions.all()
        if control.incident is not None and control.incident.state is IncidentState.WAITING:
            executions = [
                replace(each, state=ExecutionState.WAITING) if each.state is ExecutionState.RUNNING else each
                for each in executions
            ]
        promotions = self._recorder.promotions()
        return Facts(
            at=at,
            up={region: region not in self._faults.lost for region in self.topology.region_names},
            databases={each.name: self._copies(each.name) for each in self._moving},
            groups={region: self._group(region) for region in self.topology.region_names},
            incident=control.incident.state if control.incident is not None else None,
            incidents=sum(each.entry.kind == "INCIDENT_OPENED" for each in self._journal.lines),
            term=control.term,
            unprotected=self._unprotected,
            executions=executions,
            promoted={
                region: sum(each.accepted and each.region == region for each in promotions)
                for region in {each.region for each in promotions}
            },
            asked=frozenset(each.region for each in promotions),
            pages=self._recorder.pages(),
            calls=self._recorder.calls(),
            journal=self._journal.lines,
        )

    def history(self) -> History:
        """Stop the clients, count what is lost, and judge."""
        self._clients.stop()
        self._faults.close()
        time.sleep(DRAIN_SECONDS)
        self._read_store()
        self._executions.refresh()
        return self._recorder.history(
            at=self.now(),
            writes=self._clients.writes(),
            journal=self._journal.lines,
            executions=self._executions,
        )

    def _promoted(self) -> list[SeenPromoted]:
        """Promotions that no API of AWS hears of: of servers of one's own, by what they are."""
        own = {each.name for each in self._moving if each.engine is Engine.SELF_MANAGED_POSTGRES}
        return [
            SeenPromoted(at, name, region)
            for (name, region), sampler in self._samplers.items()
            if name in own
            for at in sampler.promoted_at
        ]

    def _read_store(self) -> None:
        store = self._ports.store
        try:
            self._control = store.control()
            self._journal.read(store.journal(), self._wall, self._faults.skew)
            records = [store.database(each.name) for each in self._moving]
        except LifeboatError:
            return  # what was read last stays true until something newer can be read
        self._unprotected = frozenset(each.name for each in records if unprotected(self.topology, each))

    def _copies(self, database: str) -> dict[str, Copy]:
        return {
            region: replace(sampler.seen, acknowledged_at=self._clients.acknowledged_at(region))
            for (name, region), sampler in self._samplers.items()
            if name == database
        }

    def _group(self, region: str) -> Group:
        latest = self._clients.latest(region)
        return Group(
            answers=self._recorder.answers(region),
            reached=latest.reached,
            acknowledged_at=latest.acknowledged_at,
            failed_at=latest.failed_at,
        )
