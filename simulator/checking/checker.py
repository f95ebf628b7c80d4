"""The checker of one schedule: whatever happens is shown to it, and it says what must not have."""

from collections.abc import Callable, Iterable, Sequence

from failover.invariants import (
    FORBIDDEN,
    PATIENCE_SECONDS,
    ApiCall,
    Complaint,
    DnsAnswer,
    Execution,
    Judgement,
    Promotion,
    Verdict,
    Voted,
    WorkDone,
)
from failover.records import (
    AFTER_NO_RETURN,
    Control,
    DatabaseRecord,
    Health,
    JournalEntry,
    LossAllowed,
    Phase,
    Vote,
    Word,
)
from failover.topology import Topology
from simulator.checking.effects import TOLD_BY_ITEMS, of_control, of_database, of_word
from simulator.checking.gates import Gates
from simulator.checking.history import Admission, History, Timeline, Write
from simulator.checking.writes import Writes

Stored = Control | DatabaseRecord | Vote | Word | JournalEntry


class Violated(Exception):  # noqa: N818 - a fact about the system under test, not a mistake of the simulator's
    """An invariant does not hold; the schedule ends here."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(f"{complaint.invariant} at {complaint.at:.3f} s: {complaint.why}")
        self.complaint = complaint


class Checker:
    """Every invariant after every event, and the clients' history.

    Nothing is judged twice: a record is shown to the invariants that it can break, and a write that goes on where the
    last one was is not even that. What is found is kept in ``broken`` and raised by ``look``: the code that is under
    test must not be able to catch it.

    Args:
        topology: what is played.
        timelines: the timeline of a database's copy in a region, now.
        began: virtual second 0 as Unix seconds, by which the operators' times are read.
        patience_seconds: the longest time that may pass in a step between what it reads and what it writes.
        goes_on: do not raise, so that the report of a whole play has all that is wrong.
    """

    def __init__(
        self,
        topology: Topology,
        timelines: Callable[[str, str], Timeline],
        *,
        began: float = 0.0,
        patience_seconds: float = PATIENCE_SECONDS,
        goes_on: bool = False,
    ) -> None:
        self._judgement = Judgement(topology, began=began, patience_seconds=patience_seconds)
        self._topology, self._timelines, self._goes_on = topology, timelines, goes_on
        complain = self._judgement.complain
        self.broken = self._judgement.broken
        self.history, self._gates = History(topology, complain), Gates(complain)
        self.gate = self._gates.changed
        self._control = Control(version=0)
        self._databases: dict[str, DatabaseRecord] = {}
        self._votes: dict[tuple[str, str], Health] = {}
        self._writes = Writes(self._judgement, self._gates)
        self._bounds: dict[tuple[str | None, str | None], str] = {}
        self._rejoined_at: dict[tuple[str, str], float] = {}
        self._heard = 0

    def look(self) -> None:
        """Raise what is wrong, if anything is; after each event, so it is cheap."""
        if self.broken and not self._goes_on:
            raise Violated(self.broken[0])

    def stored(self, record: Stored, at: float) -> None:
        """An item or a line of the quorum store took effect."""
        if isinstance(record, DatabaseRecord):
            self._database(record, at)
        elif isinstance(record, Control):
            before, self._control = self._control, record
            self._happened(at, of_control(before, record))
        elif isinstance(record, Vote):
            self._cast(record, at)
        elif isinstance(record, JournalEntry):
            self._journalled(record, at)
        else:
            self._happened(at, of_word(record))

    def acknowledged(self, database: str, write: Write) -> None:
        """A client has heard that its write was committed; told in any order."""
        self.history.writes[database].append(write)
        self._writes.heard(database, write)

    def answered(self, at: float, client: str, region: str, acknowledged: bool, reason: str = "") -> None:  # noqa: FBT001 - as it is recorded
        """A service answered a client's write."""
        self._heard += 1
        if not acknowledged and not reason:
            self._judgement.complain("I5", at, f"{region} refused a write of {client} without saying why")

    def recorded(self, record: DnsAnswer | WorkDone | Execution, at: float) -> None:
        """Something else was recorded: an answer of DNS, a worker's work, an execution that began or ended."""
        self._judgement.record(record, at)

    def called(self, at: float, source: str, target: str, service: str, action: str) -> None:
        """A function of the control plane called an AWS API."""
        if service in FORBIDDEN:
            self._judgement.record(ApiCall(at, source, target, service, action), at)

    def promoted(self, at: float, database: str, region: str, *, by_hand: bool = False) -> None:
        """A copy has become a database of its own; ``by_hand``: somebody did that past Lifeboat."""
        self._judgement.record(Promotion(at, database, region), at)
        record = self._databases.get(database)
        meant = record is not None and record.phase in AFTER_NO_RETURN and record.target == region
        if not meant and not by_hand:
            is_now = f"{record.phase}, its target {record.target}" if record else "not in the store"
            self._judgement.complain("I7", at, f"{database} was promoted in {region}, and is {is_now}")
        if by_hand and self._topology.database(database).engine.managed_rejoin:
            self.history.taken_over(database, self._timelines(database, region))

    def ended(self, at: float, executions: Sequence[Execution] = (), *, running: bool = False) -> None:
        """The schedule is over; every client has heard what became of its writes."""
        for execution in executions:
            self._judgement.record(execution, at)
        self._writes.show_newest()
        # Between its point of no return and its admission a database has no writer yet whose history could be asked.
        decided = [record for record in self._databases.values() if record.phase is not Phase.PROMOTING]
        writers = {record.name: self._timelines(record.name, record.writer) for record in decided}
        self.history.ended(at, writers)
        self._judgement.ended(at, running=running)
        for number, things in (("I1", self._writes.passed), ("I11", self._writes.passed), ("I5", self._heard)):
            self._judgement.looked_at(number, things)

    def verdicts(self) -> dict[str, Verdict]:
        """Each invariant's verdict, as ``failover.invariants.check`` gives them."""
        return self._judgement.verdicts()

    def _happened(self, at: float, effects: Iterable[JournalEntry]) -> None:
        for effect in effects:
            self._judgement.effect(effect, at)

    def _journalled(self, entry: JournalEntry, at: float) -> None:
        if entry.kind == "PROMOTING":
            self._bounds[entry.incident, entry.database] = entry.facts.get("loss_bound", "unknown")
        if entry.kind not in TOLD_BY_ITEMS:
            self._judgement.effect(entry, at)
        self._judgement.line(entry, at)

    def _cast(self, vote: Vote, at: float) -> None:
        """A blind observer's vote is worth nothing, and one that says nothing new is news only if it is against."""
        health = vote.health if vote.seen else Health.UNKNOWN
        key = vote.subject, vote.observer
        if health is Health.UNHEALTHY or self._votes.get(key) is not health:
            self._votes[key] = health
            # Two clocks that differ by the bound itself are believed, so it is doubled.
            until = at + 2.0 * self._topology.observation.fresh_seconds
            self._judgement.record(Voted(at, vote.subject, vote.observer, health, until), at)

    def _database(self, record: DatabaseRecord, at: float) -> None:
        before = self._databases.get(record.name)
        self._databases[record.name] = record
        self._gates.item(record, at)
        if before is None:
            return
        for effect in of_database(before, record):
            if effect.kind == "ADMITTED":
                self._admitted(before, record, at)
            elif effect.kind == "REJOINING":
                self._writes.show_newest()
                self._rejoining(record, str(effect.facts["region"]), at)
            elif effect.kind == "REJOINED":
                self._rejoined_at[record.name, str(effect.facts["region"])] = at
            self._judgement.effect(effect, at)

    def _admitted(self, before: DatabaseRecord, after: DatabaseRecord, at: float) -> None:
        bound = self._bounds.get((after.incident, after.name), "unknown")
        seconds = None if bound == "unknown" else float(bound.removesuffix(" s"))
        objective = self._topology.database(after.name).rpo_seconds
        if seconds is not None and seconds > objective and before.allowed is not LossAllowed.CONSENTED:
            why = f"{after.name}: the loss bound said {bound}, {objective} s are allowed, and it is {before.allowed}"
            self._judgement.complain("I3", at, why)
        timeline = self._timelines(after.name, after.writer)
        admission = Admission(at, after.name, after.incident, after.epoch, timeline, before.allowed, seconds)
        self.history.admitted(admission)

    def _rejoining(self, record: DatabaseRecord, region: str, at: float) -> None:
        """What the store says is kept must be at least what clients were told is written there, and nobody else has."""
        writer = self._timelines(record.name, record.writer)
        since = self._rejoined_at.get((record.name, region), float("-inf"))
        own, kept = self.history.own(record.name, region, writer, since), record.diverged[region].kept
        rows = kept.rows if kept is not None else 0
        if len(own) > rows and (kept is None or kept.complete):
            why = f"{record.name}: the copy in {region} alone has {len(own)} acknowledged writes, {rows} are archived"
            self._judgement.complain("I14", at, why)
