"""What AWS Health says of a region, kept beside what observers see of it. It is advice: nothing acts on it alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from failover.ports import Ports
from failover.records import JournalEntry, Word, WordKind
from failover.topology import Topology

COUNTS: Final = timedelta(hours=1)
"""AWS tells an open event anew when it changes; one that it has not spoken of for an hour counts no more."""

BY: Final = "AWS Health"
NOTED, KNOWN, ENDED, IGNORED = "NOTED", "KNOWN", "ENDED", "IGNORED"


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """One notice of AWS Health: which event, about which region, since when AWS says so."""

    arn: str
    code: str
    region: str
    is_open: bool
    told_at: datetime

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Self:
        """Read an event of EventBridge (AWS Health user guide, "AWS Health events Amazon EventBridge schema").

        Raises:
            KeyError, ValueError: it has no ``time``, or none in its detail of ``eventArn``, ``eventTypeCode`` and
                ``eventRegion``, all of which AWS calls required.
        """
        detail = event["detail"]
        told_at = datetime.fromisoformat(event["time"])
        return cls(
            arn=detail["eventArn"],
            code=detail["eventTypeCode"],
            region=detail["eventRegion"],
            is_open=detail.get("statusCode", "open") == "open",
            told_at=told_at if told_at.tzinfo else told_at.replace(tzinfo=UTC),
        )

    @property
    def reason(self) -> str:
        """What the word in the store says."""
        return f"{self.code} {self.arn}"


def note_advisory(ports: Ports, topology: Topology, event: HealthEvent) -> str:
    """Keep or withdraw the word about a region; returns what became of it.

    EventBridge delivers at least once, and every control region hears the same event: a notice that was noted is
    ``KNOWN``, one older than what is noted changes nothing, and one that comes an hour late counts no more.
    """
    if event.region not in topology.region_names:
        return IGNORED
    standing = ports.store.word(WordKind.ADVISORY, event.region)
    now = ports.clock.now()
    told_at = min(event.told_at, now)
    if not event.is_open:
        # Another event about this region goes on, or this one was opened again since.
        if standing is None or standing.reason != event.reason or standing.at > told_at:
            return IGNORED
        ports.store.withdraw(WordKind.ADVISORY, event.region)
        _tell(ports, "ADVISORY_ENDED", event)
        return ENDED
    word = Word(WordKind.ADVISORY, event.region, BY, event.reason, told_at, told_at + COUNTS)
    if not word.counts(now):
        return IGNORED
    if standing is not None and standing.reason == event.reason and standing.at >= told_at:
        return KNOWN
    ports.store.say(word)
    if standing is None or standing.reason != event.reason or not standing.counts(now):
        _tell(ports, "ADVISORY", event)
    return NOTED


def _tell(ports: Ports, kind: str, event: HealthEvent) -> None:
    text = f"{BY} on {event.region}: {event.reason}"
    ports.store.append(JournalEntry(ports.clock.now(), ports.here, kind, text, subject=event.region))
