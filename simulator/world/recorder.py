"""Everything that happened in a play, as nobody inside the world can see it, and whoever looks on."""

from collections import Counter
from dataclasses import dataclass, field

from failover.adapters.replicated import Record
from failover.invariants import FORBIDDEN, Acknowledged, Answered, ApiCall, DnsAnswer, Execution, WorkDone
from rehearsal.history import HealthFlip, Outcome, Page, Promotion


@dataclass(frozen=True, slots=True)
class ClientWrite:
    """One numbered write of a client group, and where it was committed, if anywhere; times are virtual seconds."""

    group: str
    number: int
    sent_at: float
    ended_at: float
    outcome: Outcome
    service: str | None = None
    committed_in: str | None = None
    epoch: int | None = None
    committed_at: float | None = None
    position: int | None = None
    branch: object = None
    database: str | None = None
    reason: str = ""


class Witness:
    """Whoever looks on while it happens; times are virtual seconds. This one looks away."""

    def stored(self, record: Record, at: float, by: str) -> None:
        """An item or a line of the quorum store took effect, written from a region."""

    def gate(self, at: float, database: str, region: str, epoch: int, open_until: float) -> None:
        """A gate was opened, extended or shut."""

    def wrote(self, write: ClientWrite) -> None:
        """A client's write has ended."""

    def answered(self, at: float, client: str, region: str, acknowledged: bool, reason: str) -> None:  # noqa: FBT001 - as recorded
        """A service answered a client's write."""

    def dns(self, answer: DnsAnswer) -> None:
        """A question was answered."""

    def called(self, at: float, source: str, target: str, service: str, action: str) -> None:
        """A function of the control plane called one of the APIs that I8 forbids."""

    def promoted(self, at: float, database: str, region: str, *, by_hand: bool) -> None:
        """A copy has become a database of its own."""

    def state(self, at: float, kind: str, region: str, state: str) -> None:
        """An execution of a region ``entered`` or ``left`` a state."""

    def ended(self, at: float, execution: Execution) -> None:
        """An execution began or ended."""


@dataclass(slots=True)
class Recorder:
    """Lists that only grow; ``witness`` hears of everything as it comes."""

    witness: Witness = field(default_factory=Witness)

    acknowledged: list[Acknowledged] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    writes: list[ClientWrite] = field(default_factory=list)
    dns_answers: list[DnsAnswer] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)
    calls: list[ApiCall] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    work_done: list[WorkDone] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    flips: list[HealthFlip] = field(default_factory=list)

    def dns(self, at: float, name: str, client: str, regions: tuple[str, ...]) -> None:
        """A question was answered."""
        answer = DnsAnswer(at, name, client, regions)
        self.dns_answers.append(answer)
        self.witness.dns(answer)

    def answered(self, at: float, client: str, region: str, acknowledged: bool, reason: str = "") -> None:  # noqa: FBT001 - as recorded
        """A service answered a client's write."""
        self.answers.append(Answered(at, client, region, acknowledged, reason))
        self.witness.answered(at, client, region, acknowledged, reason)

    def wrote(self, write: ClientWrite) -> None:
        """A client's write has ended."""
        self.writes.append(write)
        self.witness.wrote(write)
        if write.committed_at is not None and write.database and write.committed_in and write.epoch is not None:
            self.acknowledged.append(Acknowledged(write.committed_at, write.database, write.committed_in, write.epoch))

    def called(self, at: float, source: str, target: str, service: str, action: str) -> None:
        """A function of the control plane called an AWS API; kept are those that I8 speaks of."""
        self.counted[service] += 1
        if service in FORBIDDEN:
            self.calls.append(ApiCall(at, source, target, service, action))
            self.witness.called(at, source, target, service, action)

    def page(self, at: float, region: str, subject: str) -> None:
        """A page was taken."""
        self.pages.append(Page(at, region, subject))

    def health_flip(self, at: float, check: str, healthy: bool, region: str | None) -> None:  # noqa: FBT001 - as recorded
        """A health check changed its mind."""
        self.flips.append(HealthFlip(at, check, healthy, region))
