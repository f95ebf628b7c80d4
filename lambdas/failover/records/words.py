"""What somebody said to the control plane; each is an item of its own."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WordKind(StrEnum):
    """What somebody can say to the control plane; each is an item of its own, which expires by logic.

    ``CONSENT`` (to losing data of a database), ``APPROVAL`` (of an incident), ``VETO`` (against one),
    ``ACKNOWLEDGED`` (a region's trouble is handled by hand), ``DEPLOYING`` (a region is being changed),
    ``OVERRIDE`` (a deployment may do what is refused otherwise, to one resource), ``ADVISORY`` (AWS Health speaks
    of a region).
    """

    CONSENT = "CONSENT"
    APPROVAL = "APPROVAL"
    VETO = "VETO"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DEPLOYING = "DEPLOYING"
    OVERRIDE = "OVERRIDE"
    ADVISORY = "ADVISORY"


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's recorded word about something: a database, an incident, a region, a resource.

    It counts until ``until``; ``refuses`` turns a consent or an approval into its refusal. A consent to losing data
    names the ``epoch`` of the database that it is about: one that was withdrawn, and whose repetition arrives after
    that, is about a writer that is gone.
    """

    kind: WordKind
    about: str
    by: str
    reason: str
    at: datetime
    until: datetime
    refuses: bool = False
    epoch: int | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it is of this hour and not, left behind, of another day."""
        return now < self.until

    def is_about(self, epoch: int) -> bool:
        """Whether it speaks of the writer of this epoch, or of none in particular."""
        return self.epoch in (None, epoch)
