"""What happened in a play: from the journals of the twin's parts to the history and the invariants' chronicle."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from failover.invariants import NOTICE, Acknowledged, Answered, ApiCall, Chronicle, DnsAnswer, check
from failover.invariants import Execution as Ran
from failover.invariants import Promotion as Promoted
from failover.records import Health, JournalEntry
from failover.topology import DatasetKind
from rehearsal.facts import ExecutionState, Journalled
from rehearsal.history import HealthFlip, History, Outcome, Page, Promotion, Verdict, VoteChange
from twin.aws.calls import OPERATOR, Call
from twin.executions import Executions
from twin.work_done import work_done
from twin.workload.audit import missing, rows
from twin.workload.homes import asked_for, homes
from twin.workload.ledger import ClientWrite

if TYPE_CHECKING:
    from twin.twin import Twin

SERVICES: Final = {"monitoring": "cloudwatch", "states": "stepfunctions", "events": "eventbridge"}
STATUS: Final = {
    ExecutionState.RUNNING: "RUNNING",
    ExecutionState.WAITING: "RUNNING",
    ExecutionState.SUCCEEDED: "SUCCEEDED",
    ExecutionState.FAILED: "FAILED",
}


@dataclass(frozen=True, slots=True)
class SeenPromoted:
    """A copy that was seen to be a replica no more; ``at`` in Unix seconds."""

    at: float
    database: str
    region: str


class Recorder:
    """Reads the journals of DNS, AWS and RDS since a play began; ``seen`` are promotions that none of them has."""

    def __init__(self, twin: "Twin", seen: Callable[[], Sequence[SeenPromoted]] = tuple) -> None:
        self._twin, self._seen = twin, seen
        self._before: dict[Call, int] = {}
        self._counted: dict[Call, int] = {}
        self._timed: list[ApiCall] = []
        self._wall = time.time()
        self._homes = homes(twin.topology)

    def begin(self, wall: float) -> None:
        """Count from here; ``wall`` is second 0 in Unix seconds."""
        self._wall = wall
        self._before = self._twin.aws.calls.counts()

    def calls(self) -> dict[str, int]:
        """The control plane's calls by service, answered or not."""
        counted: Counter[str] = Counter()
        for call, count in self._made().items():
            counted[SERVICES.get(call.service, call.service)] += count
        return dict(counted)

    def _made(self) -> dict[Call, int]:
        """The functions' calls since the start; those that are new since the last look are noted with this time."""
        at, since = time.time() - self._wall, self._twin.aws.calls.since(self._before)
        made = {call: count for call, count in since.items() if call.source != OPERATOR}
        self._timed += [
            ApiCall(at, call.source, call.target, call.service, call.action)
            for call, count in made.items()
            if count > self._counted.get(call, 0)
        ]
        self._counted = made
        return made

    def pages(self) -> int:
        """How many pages SNS took."""
        return len(self._pages())

    def answers(self, region: str) -> tuple[str, ...]:
        """Where the product's name points now for users near a region."""
        route = asked_for(self._twin.topology, region) or self._twin.topology.routes[0]
        addresses = self._twin.dns.answers(self._twin.names.route(route.name), region)
        return self._regions_of(addresses)

    def promotions(self) -> list[Promotion]:
        """Every promotion call that RDS heard, and what became of it; and those that were seen, in their order."""
        names = self._twin.names
        databases = {
            names.db_instance(each.name, region): each.name
            for each in self._twin.topology.databases
            for region in each.regions
        }
        asked = [
            Promotion(
                at=each.at - self._wall,
                database=databases[each.identifier],
                region=each.region,
                accepted=each.accepted,
                done_at=None if each.done_at is None else each.done_at - self._wall,
                answer=each.answer,
            )
            for each in self._twin.rds.promotions()
        ]
        seen = [
            Promotion(each.at - self._wall, each.database, each.region, accepted=True, done_at=each.at - self._wall)
            for each in self._seen()
            if each.at >= self._wall
        ]
        return sorted([*asked, *seen], key=lambda each: each.at)

    def history(
        self,
        *,
        at: float,
        writes: Sequence[ClientWrite],
        journal: Sequence[Journalled],
        executions: Executions,
    ) -> History:
        """Look for every acknowledged row, judge the invariants, and tell all."""
        lost, promotions = self._lost(writes), self.promotions()
        return History(
            ended_at=at,
            writes=[write.as_write(lost=(write.group, write.number) in lost) for write in writes],
            journal=journal,
            votes=[
                VoteChange(each.at, each.entry.region, str(each.entry.subject), Health(each.entry.facts["health"]))
                for each in journal
                if each.entry.kind == "VOTE"
            ],
            health=self._flips(),
            states=list(executions.spans(self._wall)),
            promotions=promotions,
            pages=self._pages(),
            calls=self.calls(),
            refused=[str(each) for each in self._twin.aws.rights.refused()],
            invariants=self._judged(writes, [each.entry for each in journal], promotions, executions),
        )

    def _lost(self, writes: Sequence[ClientWrite]) -> set[tuple[str, int]]:
        """An acknowledged row is lost when its database's last writer does not have it."""
        acknowledged: dict[str, set[tuple[str, int]]] = {}
        for each in writes:
            if each.outcome is Outcome.ACKNOWLEDGED:
                database = self._homes[each.committed_in or each.group].name
                acknowledged.setdefault(database, set()).add((each.group, each.number))
        lost: set[tuple[str, int]] = set()
        for database, told in acknowledged.items():
            writer = self._writer(database)
            server = self._twin.rds.server(writer, self._twin.names.db_instance(database, writer))
            server.start()  # the play is over: a writer that was left dead is brought back to be looked at
            with server.connect(database.replace("-", "_")) as connection:
                lost |= missing(told, rows(connection))
        return lost

    def _writer(self, database: str) -> str:
        """Return where a database is written: by its item, or for ever where it was born."""
        declared = self._twin.topology.database(database)
        moves = declared.kind is DatasetKind.SINGLE
        return self._twin.operator.store.database(database).writer if moves else declared.born_primary

    def _judged(
        self,
        writes: Sequence[ClientWrite],
        entries: Sequence[JournalEntry],
        promotions: Sequence[Promotion],
        executions: Executions,
    ) -> Mapping[str, Verdict]:
        moving = {region: each.name for region, each in self._homes.items() if each.kind is DatasetKind.SINGLE}
        chronicle = Chronicle(
            topology=self._twin.topology,
            began=self._wall,
            journal=tuple(entries),
            acknowledged=tuple(
                Acknowledged(each.committed_at - self._wall, moving[each.committed_in], each.committed_in, each.epoch)
                for each in writes
                if each.committed_at is not None and each.committed_in in moving and each.epoch is not None
            ),
            promotions=tuple(Promoted(each.at, each.database, each.region) for each in promotions if each.accepted),
            dns=tuple(self._dns()),
            executions=tuple(
                Ran(each.name, each.region, STATUS[each.state], each.dry_run) for each in executions.all()
            ),
            calls=tuple(self._timed),
            answered=tuple(
                Answered(each.ended_at, each.group, each.service, each.outcome is Outcome.ACKNOWLEDGED, each.reason)
                for each in writes
                if each.service is not None
            ),
            work=work_done(self._twin, self._wall),
        )
        return {
            name.partition(" ")[0]: Verdict(each.holds, f"{name.partition(' ')[2]}: {each.checked} looked at", each.why)
            for name, each in check(chronicle).items()
        }

    def _dns(self) -> list[DnsAnswer]:
        names = {self._twin.names.route(each.name) for each in self._twin.topology.routes}
        return [
            DnsAnswer(each.at - self._wall, each.name, each.region, self._regions_of(each.addresses))
            for each in self._twin.dns.journal.since(self._wall)
            if each.name in names and each.type == "A"
        ]

    def _flips(self) -> list[HealthFlip]:
        subjects = self._twin.dns.subjects()
        return [
            HealthFlip(each.at - self._wall, each.check, each.healthy, subjects.get(each.check))
            for each in self._twin.dns.health.changes()
            if each.at >= self._wall
        ]

    def _pages(self) -> list[Page]:
        return [
            Page(each.at - self._wall, each.region, each.subject)
            for each in self._twin.pages.sent
            if each.at >= self._wall
        ]

    def _regions_of(self, addresses: Sequence[str]) -> tuple[str, ...]:
        plan = self._twin.plan
        places = {plan.load_balancer(region): region for region in self._twin.topology.region_names}
        places[plan.edge] = NOTICE
        return tuple(dict.fromkeys(places[each] for each in addresses if each in places))
