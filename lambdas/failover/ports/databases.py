"""The copies of a database: spoken to in SQL by the functions beside them, promoted by their service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from failover.errors import LifeboatError
from failover.records import LossAllowed
from failover.tails import Archive, TailPart, TailPoint, TailRequest


@dataclass(frozen=True, slots=True)
class CopyState:
    """What a copy of a database says of itself.

    ``position`` is the WAL position in bytes that this copy has written or, as a replica, received.
    ``gate_open`` says whether a write would pass at ``clock`` (the database's own, seconds since 1970).
    ``version`` is the server's, as PostgreSQL counts (180003 is 18.3); 0 when it was not told.
    """

    in_recovery: bool
    identity: str
    position: int
    clock: float
    gate_epoch: int
    gate_open: bool
    gate_fenced: bool
    version: int = 0


class DatabaseAgent(Protocol):
    """The functions beside the databases; each call raises ``DatabaseUnreachableError`` when none answers."""

    def install(self, database: str, region: str) -> CopyState:
        """Install the gate, closed, and the application's roles; safe to repeat."""

    def describe(self, database: str, region: str) -> CopyState:
        """Ask a copy for its state."""

    def describe_all(self, copies: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], CopyState | LifeboatError]:
        """Ask several copies, (database, region), at once, each within the same time; never raises for one's fault."""

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        """Shut the gate, end the application's sessions and read both back.

        Raises:
            EpochRefusedError: the gate knows a newer epoch.
        """

    def archive(self, database: str, region: str, request: TailRequest) -> Archive:
        """Keep a part of what an old writer alone has in a file of its region.

        Raises:
            GateRefusedError: it is in recovery, or still takes writes.
            ArchiveIncompleteError: not all of it can be read, and the request does not allow for that.
            ArchiveNotKeptError: the file could not be written; ask again.
        """

    def promote(self, database: str, region: str) -> CopyState:
        """Have a self-managed server end its recovery; it answers when that is done, or after its time."""

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        """Open the gate of a promoted copy for an epoch until ``valid_until`` of its own clock.

        Raises:
            GateRefusedError: it is in recovery.
            EpochRefusedError: the gate knows a newer epoch.
        """


class DatabaseCopy(Protocol):
    """One copy of a database, spoken to in SQL from inside its own region.

    Every call raises ``DatabaseUnreachableError`` when it does not answer in time; otherwise as
    ``DatabaseAgent``.
    """

    def install(self) -> CopyState:
        """Install the gate, closed, and the application's roles; safe to repeat."""

    def describe(self) -> CopyState:
        """Its state; ``clock`` is read by the database itself."""

    def fence(self, epoch: int) -> CopyState:
        """Shut the gate, end the application's sessions and read both back."""

    def admit(self, epoch: int, valid_until: float) -> CopyState:
        """Open the gate for an epoch until a time of the database's own clock."""

    def promote(self) -> CopyState:
        """End the recovery of a server that nobody else promotes; nothing happens to one that is not in it."""

    def give_login(self, user: str, password: str) -> CopyState:
        """Change the password of a login, and log in with it.

        Raises:
            GateRefusedError: this is not the writer, or its gate is shut.
        """

    def try_login(self, user: str, password: str) -> CopyState:
        """Log in, and change nothing; raises ``FatalError`` when it is not let in."""

    def keep_tail(self, followers: int) -> None:
        """Keep readable what not all of so many replicas have received; nothing happens on a copy in recovery."""

    def read_tail(self, position: int | None, at: TailPoint | None) -> TailPart:
        """Return what committed here after ``position``, a part of it at a time."""

    def extend(self, epoch: int, valid_until: float) -> None:
        """Extend the gate of the epoch that it is open for; never opens one.

        Raises:
            GateRefusedError: it is fenced, belongs to another server, or is in recovery.
            EpochRefusedError: the gate's epoch is another one.
        """


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """What the database service says of a copy; ``source`` is what it replicates from, if anything."""

    status: str
    source: str | None


class ReplicaService(Protocol):
    """The database service's control plane in the copy's own region."""

    def describe(self, database: str, region: str) -> ReplicaState:
        """Raises ``DatabaseUnreachableError`` when the service does not answer."""

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:
        """Ask for a promotion; that it was accepted does not mean that it is done.

        ``loss`` is what the promotion may lose. An engine that knows planned moves makes one of ``NONE``, which
        needs a healthy source; an engine that does not, ignores it.

        Raises:
            ReplicaNotReadyError: the copy is in a state in which it cannot be promoted; try again.
            PromotionRefusedError: the service says no for now.
            PromotionNotDoneError: no clear answer came; it may have been accepted.
        """

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        """Make a copy that has diverged a replica of the writer's again; it looks first, and may be called again.

        What was there is kept where the engine rebuilds beside it. ``epoch`` is the writer's, and names it. That this
        returns means that the replica is being made; whether it follows is seen by asking it.

        Raises:
            ReplicaNotReadyError: a part of it is under way, or refused for now; call again.
        """
