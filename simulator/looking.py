"""Looks at a world from outside: what is true at one moment, for whoever judges a drill."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from failover.procedures.protection import unprotected
from failover.records import DatabaseRecord, IncidentState
from failover.topology import DatasetKind
from rehearsal.facts import Copy, Execution, ExecutionState, Facts, Gate, Group, Journalled
from simulator.world import clients
from simulator.world.databases import Copy as Server
from simulator.world.world import World

OPENED: Final = "INCIDENT_OPENED"
DOWN: Final = Copy(Gate.DOWN)


class Lookout:
    """Makes ``Facts`` of a world; ``zero`` is second 0 of the play in the world's time.

    ``journal`` grows at its end with each look; nothing in the world is changed by being looked at.
    """

    def __init__(self, world: World, zero: float) -> None:
        self.journal: list[Journalled] = []
        self._world, self._zero = world, zero
        self._counted_before = Counter(world.recorder.counted)
        self._singles = [each.name for each in world.topology.databases if each.kind is DatasetKind.SINGLE]
        self._opened = 0
        self._judged: dict[str, tuple[DatabaseRecord, bool]] = {}

    def facts(self, at: float) -> Facts:
        """Look at everything; ``at`` is what time it is in the play."""
        world = self._world
        self.read_journal()
        control, promotions = world.control, world.recorder.promotions
        state = control.incident.state if control.incident is not None else None
        return Facts(
            at=at,
            up={region: not world.is_lost(region) for region in world.topology.region_names},
            databases=self._databases(),
            groups={name: self._group(group) for name, group in world.outside.clients.groups.items()},
            incident=state,
            incidents=self._opened,
            term=control.term,
            unprotected=frozenset(name for name in self._singles if self._unprotected(name)),
            executions=self._executions(waiting=state is IncidentState.WAITING),
            promoted=Counter(each.region for each in promotions if each.accepted),
            asked=frozenset(each.region for each in promotions),
            pages=sum(each.at >= self._zero for each in world.recorder.pages),
            calls=self.calls(),
            journal=self.journal,
        )

    def calls(self) -> Mapping[str, int]:
        """The control plane's AWS calls by service, since second 0."""
        return self._world.recorder.counted - self._counted_before

    def read_journal(self) -> None:
        """Take over what was written since the last look."""
        table, known = self._world.table, len(self.journal)
        for at, entry in zip(table.journal_times[known:], table.journal[known:], strict=True):
            self.journal.append(Journalled(at - self._zero, entry))
            self._opened += entry.kind == OPENED

    def _databases(self) -> dict[str, dict[str, Copy]]:
        found: dict[str, dict[str, Copy]] = {name: {} for name in self._singles}
        for (name, region), server in self._world.copies.items():
            if name in found:
                found[name][region] = self._copy(name, region, server)
        return found

    def _copy(self, database: str, region: str, server: Server) -> Copy:
        acknowledged_at = self._since_zero(self._world.outside.clients.acknowledged.get((database, region)))
        if not server.reachable:
            return DOWN if acknowledged_at is None else Copy(Gate.DOWN, acknowledged_at=acknowledged_at)
        return Copy(
            Gate.OPEN if server.open() else Gate.CLOSED,
            in_recovery=server.in_recovery,
            refuses=server.refusal() is not None,
            acknowledged_at=acknowledged_at,
        )

    def _group(self, group: clients.Group) -> Group:
        resolver = group.resolver
        return Group(
            answers=resolver.dns.points(resolver.route.name, group.name),
            reached=group.reached,
            acknowledged_at=self._since_zero(group.acknowledged_at),
            failed_at=self._since_zero(group.failed_at),
        )

    def _executions(self, *, waiting: bool) -> list[Execution]:
        """Return the executions; one that runs waits for an operator if its incident does."""
        return [
            Execution(
                each.name,
                each.machine,
                each.region,
                ExecutionState.WAITING if waiting and each.state is ExecutionState.RUNNING else each.state,
                each.error,
                each.dry_run,
            )
            for each in self._world.executions.all
        ]

    def _unprotected(self, database: str) -> bool:
        """Judge a database's item, again only when it is another one."""
        record = self._world.record(database)
        if record is None:
            return False
        known = self._judged.get(database)
        if known is None or known[0] is not record:
            known = self._judged[database] = record, unprotected(self._world.topology, record)
        return known[1]

    def _since_zero(self, at: float | None) -> float | None:
        return None if at is None else at - self._zero
