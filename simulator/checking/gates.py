"""The gates themselves: what the store granted, what is open, and what was said to be shut."""

from collections.abc import Callable

from failover.records import AFTER_NO_RETURN, STOPPED, DatabaseRecord, LeaseState

Complain = Callable[[str, float, str], None]
SHUT = (*STOPPED, *AFTER_NO_RETURN)


class Gates:
    """At no moment are two gates of a database open, and each only under an epoch that the store granted to it.

    All that a gate does is told when it is opened or extended, with the time until which it will be open; so nothing
    has to be looked at in between.
    """

    def __init__(self, complain: Complain) -> None:
        self._complain = complain
        self._granted: dict[tuple[str, int], str] = {}
        self._open: dict[str, dict[str, tuple[int, float]]] = {}
        self.said_shut: dict[tuple[str, int], tuple[float, str]] = {}
        """For (database, epoch): since when nothing may be written under it any more, and the word that says so."""

    def item(self, record: DatabaseRecord, at: float) -> None:
        """A database's item was written."""
        key = record.name, record.epoch
        self._granted[key] = record.writer
        revoked = record.lease.state is LeaseState.REVOKED
        if revoked and record.phase in SHUT:
            if key not in self.said_shut:
                self.said_shut[key] = at, str(record.phase)
                self._require_shut(record, at)
        elif key in self.said_shut:
            del self.said_shut[key]  # it was given back under the same epoch

    def changed(self, at: float, database: str, region: str, epoch: int, open_until: float) -> None:
        """A gate was opened, extended or shut; ``open_until`` is in virtual seconds, ``at`` or before it for shut."""
        gates = self._open.setdefault(database, {})
        gates[region] = epoch, open_until
        if open_until <= at:
            return
        holder = self._granted.get((database, epoch))
        if holder != region:
            granted = f"granted to {holder}" if holder else "never granted to anybody"
            self._complain("I11", at, f"{database}: the gate in {region} is open under epoch {epoch}, {granted}")
        others = sorted(other for other, (_, until) in gates.items() if other != region and until > at)
        if others:
            self._complain("I1", at, f"{database}: the gates in {region} and in {', '.join(others)} are open at once")
        since, said = self.said_shut.get((database, epoch), (at, ""))
        if said:
            why = f"{database}: the gate in {region} was opened again under epoch {epoch}, {said} since {since:.2f} s"
            self._complain("I2", at, why)

    def _require_shut(self, record: DatabaseRecord, at: float) -> None:
        for region, (epoch, until) in self._open.get(record.name, {}).items():
            if epoch <= record.epoch and until > at:
                left = f"{until - at:.2f} s more"
                self._complain("I2", at, f"{record.name}: {record.phase}, and the gate in {region} is open for {left}")
