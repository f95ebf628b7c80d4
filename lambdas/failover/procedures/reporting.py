"""An incident as its journal tells it: what happened when, what may be lost, and where it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from failover.errors import RequestInvalidError
from failover.records import JournalEntry

PARTS: Final = (
    ("evacuated", ("EVACUATED",)),
    ("lease revoked", ("LEASE_REVOKED",)),
    ("old writer stopped", ("FENCED", "LEASE_WAITED_OUT")),
    ("target chosen", ("PROMOTING",)),
    ("promoted", ("PROMOTED",)),
    ("new writer admitted", ("ADMITTED",)),
    ("tail kept", ("TAIL_ARCHIVED",)),
    ("follows again", ("REJOINED",)),
    ("traffic returned", ("TRAFFIC_RETURNED",)),
    ("ended", ("INCIDENT_CLOSED", "COMPENSATED")),
)
"""The moments of an incident, each by the newest of its lines: with several databases, when the last was so far."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was reached, in seconds since the incident was opened."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class KeptTail:
    """What an old writer alone had: where it is kept, how much it is and how old, by the old writer's clock.

    ``seconds_before_admission`` is how long before the new writer was admitted the oldest of it was committed.
    """

    database: str
    region: str
    file: str
    parts: int
    rows: int
    transactions: int
    oldest: str
    newest: str
    complete: bool
    seconds_before_admission: float | None


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """One incident."""

    incident: str
    subject: str
    rule: str
    reason: str
    opened_at: datetime
    outcome: str
    moments: tuple[Moment, ...]
    loss_bounds: dict[str, str]
    tails: tuple[KeptTail, ...]
    journal: tuple[JournalEntry, ...]


def report_of(journal: Sequence[JournalEntry], incident: str | None) -> IncidentReport:
    """Return the report of an incident, the newest without a name.

    The tail of a database that it moved is in it also when a later incident, the return of the region, kept it.

    Raises:
        RequestInvalidError: there is none of that name; the message says which there are.
    """
    known = [entry.incident for entry in journal if entry.kind == "INCIDENT_OPENED" and entry.incident]
    name = incident or next(reversed(known), None)
    lines = tuple(entry for entry in journal if entry.incident == name)
    if name is None or not lines:
        newest = ", ".join(known[-5:]) or "none yet"
        raise RequestInvalidError(f"incident: got {incident!r}; the newest of the journal are: {newest}")
    opened = next((entry for entry in lines if entry.kind == "INCIDENT_OPENED"), lines[0])
    ended = [entry for entry in lines if entry.kind == "OUTCOME"]
    return IncidentReport(
        incident=name,
        subject=opened.subject or "",
        rule=opened.rule or "",
        reason=opened.text,
        opened_at=opened.at,
        outcome=ended[-1].facts.get("outcome", "") if ended else "OPEN",
        moments=tuple(_moments(lines, opened.at)),
        loss_bounds={
            str(entry.database): entry.facts["loss_bound"]
            for entry in lines
            if entry.kind == "PROMOTING" and "loss_bound" in entry.facts
        },
        tails=tuple(_tails(journal, lines)),
        journal=lines,
    )


def _moments(lines: Sequence[JournalEntry], opened_at: datetime) -> list[Moment]:
    reached = []
    for what, kinds in PARTS:
        at = [entry.at for entry in lines if entry.kind in kinds]
        if at:
            reached.append(Moment(what, round((max(at) - opened_at).total_seconds(), 3)))
    return reached


def _tails(journal: Sequence[JournalEntry], lines: Sequence[JournalEntry]) -> list[KeptTail]:
    """Of this incident, and of the epochs that it ended; a copy that was a replica has none."""
    admitted = {(entry.database, entry.epoch): entry.at for entry in journal if entry.kind == "ADMITTED"}
    ended = {(entry.database, entry.epoch - 1) for entry in lines if entry.kind == "ADMITTED" and entry.epoch}
    incident = lines[0].incident
    return [
        _kept(entry, admitted.get((entry.database, (entry.epoch or 0) + 1)))
        for entry in journal
        if entry.kind == "TAIL_ARCHIVED"
        and "file" in entry.facts
        and (entry.incident == incident or (entry.database, entry.epoch) in ended)
    ]


def _kept(entry: JournalEntry, admitted_at: datetime | None) -> KeptTail:
    facts = entry.facts
    before = None
    if admitted_at is not None and facts["oldest"]:
        before = round((admitted_at - datetime.fromisoformat(facts["oldest"])).total_seconds(), 3)
    return KeptTail(
        database=entry.database or "",
        region=entry.subject or "",
        file=facts["file"],
        parts=int(facts["parts"]),
        rows=int(facts["rows"]),
        transactions=int(facts["transactions"]),
        oldest=facts["oldest"],
        newest=facts["newest"],
        complete=facts["complete"] == "yes",
        seconds_before_admission=before,
    )
