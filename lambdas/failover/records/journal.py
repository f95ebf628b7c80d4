"""One line of the journal."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal: what happened, under which rule, epoch, term and topology."""

    at: datetime
    region: str
    kind: str
    text: str
    rule: str | None = None
    subject: str | None = None
    database: str | None = None
    incident: str | None = None
    term: int | None = None
    epoch: int | None = None
    digest: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
