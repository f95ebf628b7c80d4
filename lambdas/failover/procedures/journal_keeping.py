"""The journal, kept where nobody can change it: each line an object of a locked bucket in each control region."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from failover.errors import JournalTamperedError
from failover.ports import Clock

OVERLAP: Final = timedelta(hours=1)
"""How far each run looks back: a line has its writer's time, and comes later than that, or twice."""

NAMED: Final = 5
"""How many lines an error names."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line as the quorum store has it; names are in the order of time."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """What is kept of it is named after its content, so that a line that was changed is another object."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class JournalSource(Protocol):
    """Where the lines are written."""

    def lines(self, after: str) -> Sequence[JournalLine]:
        """Read the lines after a name strongly; raises ``StoreUnreachableError`` when no replica answers."""


class JournalShelf(Protocol):
    """Where they are kept; each call raises ``ArchiveNotKeptError`` when it cannot be reached."""

    def kept(self, after: str) -> Mapping[str, frozenset[str]]:
        """Return the digests of what is kept after a name, by the lines' names."""

    def keep(self, line: JournalLine) -> None:
        """Keep a line; keeping it again changes nothing."""


def keep_journal(source: JournalSource, shelf: JournalShelf, clock: Clock, *, whole: bool) -> int:
    """Keep what is not kept yet, of the last hour or of the whole journal; returns how many lines that were.

    Any number of runs may do so at once: the same line is the same object.

    Raises:
        JournalTamperedError: a line that was kept has been changed or taken away since; all others are kept.
    """
    after = "" if whole else (clock.now() - OVERLAP).isoformat(timespec="microseconds")
    # In this order: what is written between the two readings is new, and never seems to be taken away.
    kept, lines = shelf.kept(after), source.lines(after)
    new = [line for line in lines if line.digest not in kept.get(line.name, ())]
    for line in new:
        shelf.keep(line)
    changed = [name for name, digests in kept.items() if len(digests) > 1] + [
        line.name for line in new if line.name in kept
    ]
    gone = kept.keys() - {line.name for line in lines}
    if changed or gone:
        raise JournalTamperedError(f"changed since they were kept: {_some(changed)}; taken away: {_some(gone)}")
    return len(new)


def _some(names: Sequence[str] | set[str]) -> str:
    told = sorted(set(names))
    return ", ".join(told[:NAMED]) + (f" and {len(told) - NAMED} more" if len(told) > NAMED else "") or "none"
