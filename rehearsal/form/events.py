"""Events from which a step's time may count: something that the control plane just did, for the n-th time."""

from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from rehearsal.form.durations import Duration, spoken
from rehearsal.form.entries import EVERYWHERE, Entry, wrong


class Written(StrEnum):
    """The kinds of items in the quorum store."""

    CONTROL = "control"
    DATABASE = "database"
    VOTE = "vote"
    WORD = "word"
    JOURNAL = "journal"


EVENT_KINDS: Final = ("entered", "left", "journal", "written")


class Event(Entry):
    """The ``nth`` time that one thing happens in a region (``*``: in any), counted from the start of the play.

    ``by`` is the latest, from the start: an event that has not come by then is taken to come at that moment, so that
    a play has an end.
    """

    entered: str | None = Field(default=None, description="an execution enters this state")
    left: str | None = Field(default=None, description="an execution leaves this state, and has entered no other")
    journal: str | None = Field(default=None, description="a line of this kind (`FENCED`) is written")
    written: Written | None = Field(default=None, description="an item of this kind is written in the quorum store")
    nth: int = Field(default=1, ge=1)
    region: str = Field(default=EVERYWHERE, description="the region whose execution it is, or whose function writes")
    by: Duration = Field(description="when it is taken to come if it has not come before, from the start of the play")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        said = [kind for kind in EVENT_KINDS if getattr(self, kind) is not None]
        if len(said) != 1:
            raise wrong(
                f"says {' and '.join(said) or 'no event'}",
                "exactly one of " + ", ".join(EVENT_KINDS),
                "write one event, as in {journal: FENCED, by: 60s}",
            )
        return self

    @property
    def kind(self) -> str:
        """Which of the four it is."""
        return next(kind for kind in EVENT_KINDS if getattr(self, kind) is not None)

    @property
    def name(self) -> str:
        """The state, the kind of line, or the kind of item."""
        return str(getattr(self, self.kind))

    def told(self) -> str:
        """Return the event in a few words for people."""
        times = f" (time {self.nth})" if self.nth > 1 else ""
        where = f" in {self.region}" if self.region != EVERYWHERE else ""
        return f"{self.kind} {self.name}{times}{where}, or {spoken(self.by)}"
