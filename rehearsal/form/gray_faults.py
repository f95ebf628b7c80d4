"""Gray faults: what is asked does answer, but not in time, not the truth, or not to the one who asked."""

from typing import Final, Self

from pydantic import Field, model_validator

from rehearsal.form.entries import EVERYWHERE, wrong
from rehearsal.form.fault_kinds import Amiss, Fault, FaultKind, Source, Underway

LATE_SECONDS: Final = 5.0
"""How late something is where nothing is said of it."""

MAY_BE: Final[dict[Source, tuple[Amiss, ...]]] = {
    Source.HEALTH: (Amiss.STALE, Amiss.PARTIAL, Amiss.WRONG, Amiss.LATE),
    Source.DATABASE_SERVICE: (Amiss.STALE, Amiss.PARTIAL, Amiss.WRONG, Amiss.LATE),
    Source.COMPUTE: (Amiss.STALE, Amiss.WRONG, Amiss.LATE),
    Source.CACHES: (Amiss.STALE, Amiss.WRONG, Amiss.LATE),
    Source.LEVER: (Amiss.STALE, Amiss.WRONG, Amiss.LATE),
    Source.LAST_KNOWN: (Amiss.STALE, Amiss.WRONG, Amiss.LATE),
    Source.NEUTRAL_PLACES: (Amiss.PARTIAL, Amiss.WRONG, Amiss.LATE),
    Source.CHECKERS: (Amiss.STALE, Amiss.WRONG, Amiss.LATE),
    Source.ALARMS: (Amiss.STALE, Amiss.WRONG, Amiss.LATE),
    Source.ADVISORIES: (Amiss.WRONG, Amiss.LATE),
    Source.RESOLVER: (Amiss.STALE, Amiss.LATE),
}
"""What can be amiss with the answers of each source; docs/drills.md says what it means for each."""


class Answers(Fault):
    """The answers of one source in a region are not what they should be.

    ``stale``: what was true when this began. ``partial``: a part of it is missing. ``wrong``: a lie that this source
    is known to tell. ``late``: the truth, ``seconds`` later than else.
    """

    kind = FaultKind.ANSWERS
    what: Source
    how: Amiss
    region: str = EVERYWHERE
    seconds: float = Field(default=LATE_SECONDS, gt=0)

    @model_validator(mode="after")
    def _can_be_so(self) -> Self:
        if self.how not in MAY_BE[self.what]:
            allowed = ", ".join(MAY_BE[self.what])
            raise wrong(f"the answers of {self.what} cannot be {self.how}", allowed, f"write how: {allowed}")
        if self.how is not Amiss.LATE and self.seconds != LATE_SECONDS:
            raise wrong(f"says seconds of {self.how} answers", "seconds with how: late", "leave seconds out")
        return self


class Requests(Fault):
    """Requests to one AWS service are carried out, and whoever sent them waits for an answer in vain.

    ``unanswered``: at once, the answer is lost. ``late``: only after ``seconds``, when nobody waits for it any more.
    So it is with the next ``times``, or as long as the fault stands.
    """

    kind, shorthand = FaultKind.REQUESTS, "service"
    service: str
    how: Underway = Underway.UNANSWERED
    region: str = EVERYWHERE
    seconds: float = Field(default=LATE_SECONDS, gt=0)
    times: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _says_it_once(self) -> Self:
        if self.how is not Underway.LATE and self.seconds != LATE_SECONDS:
            raise wrong(f"says seconds of {self.how} requests", "seconds with how: late", "leave seconds out")
        return self
