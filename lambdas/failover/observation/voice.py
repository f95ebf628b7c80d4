"""What an observer says of the regions it watches: votes, and a line of the journal when its view changes."""

from contextlib import suppress
from dataclasses import dataclass, field

from failover.errors import ChangedMeanwhileError, StoreUnreachableError
from failover.observation.watch import Watch
from failover.ports import Ports
from failover.records import Health, IncidentSighting, JournalEntry, LeaseSighting, Vote

View = tuple[Health, tuple[str, ...], tuple[str, ...]]


class SupersededError(Exception):
    """A newer run of this observer has voted; this one has nothing more to do."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What goes into each vote of a round beside the view of the region: see ``Vote``."""

    seen: tuple[str, ...]
    leases: tuple[LeaseSighting, ...]
    incident: IncidentSighting | None


@dataclass(slots=True)
class Voice:
    """Casts the votes of one run; it remembers what was told, so that a view which stays is told seldom."""

    ports: Ports
    run: int
    again_seconds: float
    flap_window_seconds: float
    _told: dict[str, tuple[View, float]] = field(default_factory=dict)
    _sequence: int = 0

    def is_due(self, region: str, watch: Watch, at: float) -> bool:
        """Whether the view of a region is new, or was told so long ago that it will soon be stale."""
        told = self._told.get(region)
        return told is None or told[0] != _view(watch) or at - told[1] >= self.again_seconds

    def took_over(self, vote: Vote) -> None:
        """An earlier run told this: it is voted again at once, and no news."""
        self._told[vote.subject] = ((vote.health, vote.faults, vote.degraded), float("-inf"))

    def vote(self, region: str, watch: Watch, evidence: Evidence, at: float) -> None:
        """Cast a vote.

        Raises:
            SupersededError: a newer run has voted.
        """
        self._sequence += 1
        turned = watch.turned_seconds(at, self.flap_window_seconds)
        vote = Vote(
            subject=region,
            observer=self.ports.here,
            health=watch.health,
            reason=watch.reason,
            run=self.run,
            sequence=self._sequence,
            observed_at=self.ports.clock.now(),
            unhealthy_seconds=round(watch.unhealthy_seconds(at), 3),
            seen=evidence.seen,
            leases=evidence.leases,
            faults=watch.faults,
            degraded=watch.degraded,
            flaps=len(turned),
            incident=evidence.incident,
            turned=turned,
        )
        try:
            self.ports.store.cast(vote)
        except ChangedMeanwhileError as exc:
            raise SupersededError from exc
        except StoreUnreachableError:
            return  # no vote is UNKNOWN to everybody else, which is the truth
        before = self._told.get(region)
        self._told[region] = (_view(watch), at)
        if before is None or before[0][0] is not watch.health:
            self._journal(vote, "VOTE", f"{region} {watch.health}: {watch.reason}")
        elif before[0][2] != watch.degraded:
            parts = ", ".join(watch.degraded) or "nothing"
            self._journal(vote, "DEGRADED", f"{region} is {watch.health}, degraded in it: {parts}")

    def _journal(self, vote: Vote, kind: str, text: str) -> None:
        """Every change of a view is told; a run that begins tells where it stands."""
        facts = {"health": str(vote.health), "seen": str(len(vote.seen)), "flaps": str(vote.flaps)}
        told = {"faults": ", ".join(vote.faults), "degraded": ", ".join(vote.degraded)}
        entry = JournalEntry(
            at=self.ports.clock.now(),
            region=self.ports.here,
            kind=kind,
            text=text,
            subject=vote.subject,
            facts=facts | {name: parts for name, parts in told.items() if parts},
        )
        with suppress(StoreUnreachableError):
            self.ports.store.append(entry)


def _view(watch: Watch) -> View:
    return watch.health, watch.faults, watch.degraded
