"""The prober: a control region in its job of watching the others."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from failover.errors import ChangedMeanwhileError, StoreUnreachableError
from failover.observation.sight import sight_of
from failover.observation.watch import LeaseWatch, Watch
from failover.ports import Ports
from failover.records import Health, JournalEntry, Vote
from failover.topology import Names, Topology

DEEP_HEALTH = "/health/deep"


class SupersededError(Exception):
    """A newer run of this observer has voted; this one has nothing more to do."""


@dataclass(slots=True)
class Observer:
    """Probes, remembers, votes. One ``run`` is one invocation; the newest run's votes win.

    Runs overlap, so that there is no gap between them. A run is silent for as many probes as make a vote, then
    takes up what the older run knew and votes; the older one stops at its first refused vote.
    """

    ports: Ports
    topology: Topology
    run: int
    probes: int = 0
    watches: dict[str, Watch] = field(default_factory=dict)
    leases: LeaseWatch = field(default_factory=LeaseWatch)
    _told: dict[str, tuple[Health, float]] = field(default_factory=dict)
    _sequence: int = 0
    _seen: tuple[str, ...] = ()

    def watch_until(self, deadline: float) -> None:
        """Probe every period of the topology until the clock's ``elapsed`` passes the deadline.

        When a region has been down for the dwell time it is probed once more in that moment, not at the next
        regular probe: whatever has come back by then is not failed over.
        """
        period = self.topology.observation.probe_seconds
        due = self.ports.clock.elapsed()
        try:
            while due < deadline:
                self.probe()
                due = max(due + period, self.ports.clock.elapsed())
                for dwelt in self._dwell_ends_before(due):
                    self._sleep_until(dwelt)
                    self.probe()
                self._sleep_until(due)
        except SupersededError:
            return

    def probe(self) -> None:
        """Probe every other region and the neutral places in one window, then tell what changed."""
        rules, names = self.topology.observation, Names(self.topology)
        subjects = [region for region in self.topology.region_names if region != self.ports.here]
        urls = {region: f"https://{names.origin(region)}{DEEP_HEALTH}" for region in subjects}
        answers = self.ports.http.get([*urls.values(), *rules.neutral], rules.timeout_seconds)
        at = self.ports.clock.elapsed()
        seen = tuple(url for url in rules.neutral if answers[url].status == 200)
        seeing = len(seen) * 2 > len(rules.neutral)
        for region, url in urls.items():
            before = self.watches.get(region, Watch(since=at))
            self.watches[region] = before.after(sight_of(answers[url]), seeing=seeing, needed=rules.misses, at=at)
        self._seen = seen
        self._see_leases()
        self.probes += 1
        if self.probes == rules.misses:
            self._take_over()
        if self.probes >= rules.misses:
            self.tell()

    def tell(self) -> None:
        """Write the votes that are due, publish the metrics, and wake the decision while something is wrong."""
        at = self.ports.clock.elapsed()
        for region, watch in self.watches.items():
            unhealthy = watch.health is Health.UNHEALTHY
            if unhealthy or self._due(region, watch, at):
                self._vote(region, watch, at)
            self.ports.telemetry.region_seen(region, unhealthy=unhealthy)
            if unhealthy:
                self.ports.telemetry.wake(region, watch.reason)
        self.ports.telemetry.heartbeat("prober")
        self.ports.telemetry.flush()

    def _take_over(self) -> None:
        """Go on counting where the older run stands; durations of one machine's clock stay true on another's."""
        try:
            mine = [vote for vote in self.ports.store.votes() if vote.observer == self.ports.here]
        except StoreUnreachableError:
            return
        at, now = self.ports.clock.elapsed(), self.ports.clock.now()
        for vote in mine:
            if vote.subject in self.watches and self._is_fresh(vote, now):
                self.watches[vote.subject] = self.watches[vote.subject].continuing(vote, at)
                self._told[vote.subject] = (vote.health, float("-inf"))
            self.leases.continuing(vote.leases, at)

    def _is_fresh(self, vote: Vote, now: datetime) -> bool:
        """After a gap nobody knows whether the region was up in between, so that patience begins anew."""
        return abs((now - vote.observed_at).total_seconds()) <= self.topology.observation.fresh_seconds

    def _due(self, region: str, watch: Watch, at: float) -> bool:
        told = self._told.get(region)
        return (
            told is None or told[0] is not watch.health or at - told[1] >= self.topology.observation.fresh_seconds / 2
        )

    def _vote(self, region: str, watch: Watch, at: float) -> None:
        self._sequence += 1
        vote = Vote(
            subject=region,
            observer=self.ports.here,
            health=watch.health,
            reason=watch.reason,
            run=self.run,
            sequence=self._sequence,
            observed_at=self.ports.clock.now(),
            unhealthy_seconds=round(watch.unhealthy_seconds(at), 3),
            seen=self._seen,
            leases=self.leases.sightings(at),
        )
        try:
            self.ports.store.cast(vote)
        except ChangedMeanwhileError as exc:
            raise SupersededError from exc
        except StoreUnreachableError:
            return  # no vote is UNKNOWN to everybody else, which is the truth
        before = self._told.get(region)
        self._told[region] = (watch.health, at)
        if before is None or before[0] is not watch.health:
            self._journal(vote)

    def _journal(self, vote: Vote) -> None:
        """Every change of a vote is told; a run that begins tells where it stands."""
        entry = JournalEntry(
            at=self.ports.clock.now(),
            region=self.ports.here,
            kind="VOTE",
            text=f"{vote.subject} {vote.health}: {vote.reason}",
            subject=vote.subject,
            facts={"health": vote.health, "seen": str(len(vote.seen))},
        )
        with suppress(StoreUnreachableError):
            self.ports.store.append(entry)

    def _see_leases(self) -> None:
        for database in self.topology.databases:
            try:
                record = self.ports.store.database(database.name)
            except (StoreUnreachableError, KeyError):
                continue
            self.leases.saw(record, self.ports.clock.elapsed())

    def _dwell_ends_before(self, due: float) -> list[float]:
        dwell = self.topology.policy.dwell_seconds
        voting = self.probes >= self.topology.observation.misses
        ends = {watch.since + dwell for watch in self.watches.values() if voting and watch.health is Health.UNHEALTHY}
        now = self.ports.clock.elapsed()
        return sorted(end for end in ends if now < end < due)

    def _sleep_until(self, at: float) -> None:
        self.ports.clock.sleep(max(0.0, at - self.ports.clock.elapsed()))
