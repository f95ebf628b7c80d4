"""What the quorum store holds: one control item, one item per database, votes, words and the journal.

Every change of the control item or of a database's item is one conditional write on the ``version`` that
was read, so that of all who decide at the same moment one wins.
"""

from failover.records.databases import (
    AFTER_NO_RETURN,
    STOPPED,
    DatabaseRecord,
    Divergence,
    LeaseRecord,
    LeaseState,
    LossAllowed,
    Phase,
    Position,
)
from failover.records.incidents import Control, Ending, Incident, IncidentState, Pause
from failover.records.journal import JournalEntry
from failover.records.votes import Health, IncidentSighting, LeaseSighting, Vote
from failover.records.words import Word, WordKind

__all__ = [
    "AFTER_NO_RETURN",
    "Control",
    "DatabaseRecord",
    "Divergence",
    "Ending",
    "Health",
    "Incident",
    "IncidentSighting",
    "IncidentState",
    "JournalEntry",
    "LeaseRecord",
    "LeaseSighting",
    "LeaseState",
    "LossAllowed",
    "Pause",
    "Phase",
    "Position",
    "STOPPED",
    "Vote",
    "Word",
    "WordKind",
]
