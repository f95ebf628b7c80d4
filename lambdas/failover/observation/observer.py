"""The prober: a control region in its job of watching the others."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from failover.errors import StoreUnreachableError
from failover.observation.health import health_of
from failover.observation.round import look_around
from failover.observation.sightings import IncidentWatch, LeaseWatch
from failover.observation.voice import Evidence, SupersededError, Voice
from failover.observation.watch import Watch
from failover.observation.window import Window
from failover.ports import Ports
from failover.records import Health, Vote
from failover.topology import Topology

LOOK_SECONDS: Final = 1.0
"""How often an observer looks between probes whether somebody works on the open incident."""

GLANCE_SECONDS: Final = 0.01
"""The shortest wait: a moment that is missed by a rounding error is not waited for in a thousand steps."""


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
    windows: dict[str, Window] = field(default_factory=dict)
    leases: LeaseWatch = field(default_factory=LeaseWatch)
    incidents: IncidentWatch = field(default_factory=IncidentWatch)
    voice: Voice = field(init=False)
    _seen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rules = self.topology.observation
        self.voice = Voice(self.ports, self.run, rules.fresh_seconds / 2, rules.flap_window_seconds)

    def watch_until(self, deadline: float) -> None:
        """Probe every period of the topology until the clock's ``elapsed`` passes the deadline.

        When a region has been down for a dwell time it is probed once more in that moment, not at the next
        regular probe: whatever has come back by then is not failed over.
        """
        period = self.topology.observation.probe_seconds
        due = self.ports.clock.elapsed()
        try:
            while due < deadline:
                self.probe()
                due = max(due + period, self.ports.clock.elapsed())
                for dwelt in self._dwell_ends_before(due):
                    self._wait_until(dwelt)
                    self.probe()
                self._wait_until(due)
        except SupersededError:
            return

    def probe(self) -> None:
        """Probe every other region and the observer's own sight in one window, then tell what changed."""
        rules = self.topology.observation
        around = look_around(self.ports, self.topology)
        at = self.ports.clock.elapsed()
        for region, answer in around.answers.items():
            window = self.windows.get(region, Window()).after(answer, rules.window_probes)
            sight = health_of(answer, window, rules)
            before = self.watches.get(region, Watch(since=at))
            self.windows[region] = window
            self.watches[region] = before.after(sight, blind=around.blind, needed=rules.misses, at=at)
        self._seen = around.seen
        self._see_leases()
        self._see_incident()
        self.probes += 1
        if self.probes == rules.misses:
            self._take_over()
        if self._votes():
            self.tell()

    def tell(self) -> None:
        """Write the votes that are due, publish the metrics, and wake the decision while something is wrong."""
        at = self.ports.clock.elapsed()
        for region, watch in self.watches.items():
            unhealthy = watch.health is Health.UNHEALTHY
            if unhealthy or self.incidents.incident is not None or self.voice.is_due(region, watch, at):
                self.voice.vote(region, watch, self._evidence(at), at)
            self.ports.telemetry.region_seen(region, unhealthy=unhealthy)
            if unhealthy:
                self.ports.telemetry.wake(region, watch.reason)
        self._wake_for_silence(at)
        self.ports.telemetry.heartbeat("prober")
        self.ports.telemetry.flush()

    def look(self) -> None:
        """Look at the control item alone; once its incident's owner has been silent for too long, say so at once.

        Said again with each look until it changes: the decision reads votes, and any of its runs may be lost. From
        half of that time on it is voted each second, since a run that follows knows no more than the last vote.
        """
        self._see_incident()
        at = self.ports.clock.elapsed()
        lease = self.topology.policy.incident_lease_seconds
        if self._votes() and self.incidents.unrenewed_seconds(at) * 2 >= lease:
            for region, watch in self.watches.items():
                self.voice.vote(region, watch, self._evidence(at), at)
            self._wake_for_silence(at)
            self.ports.telemetry.flush()

    def _votes(self) -> bool:
        return self.probes >= self.topology.observation.misses

    def _evidence(self, at: float) -> Evidence:
        return Evidence(self._seen, self.leases.sightings(at), self.incidents.sighting(at))

    def _is_silent(self, at: float) -> bool:
        lease = self.topology.policy.incident_lease_seconds
        return self.incidents.incident is not None and self.incidents.unrenewed_seconds(at) >= lease

    def _wake_for_silence(self, at: float) -> None:
        incident = self.incidents.incident
        if incident is not None and self._is_silent(at):
            silent = f"{incident.owner} was not seen working on {incident.id} (term {incident.term})"
            seconds = self.incidents.unrenewed_seconds(at)
            self.ports.telemetry.wake(incident.subject, f"{silent} for {seconds:.0f} s")

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
                self.voice.took_over(vote)
            self.leases.continuing(vote.leases, at)
            self.incidents.continuing(vote.incident, at)

    def _is_fresh(self, vote: Vote, now: datetime) -> bool:
        """After a gap nobody knows whether the region was up in between, so that patience begins anew."""
        return abs((now - vote.observed_at).total_seconds()) <= self.topology.observation.fresh_seconds

    def _see_leases(self) -> None:
        for database in self.topology.databases:
            try:
                record = self.ports.store.database(database.name)
            except (StoreUnreachableError, KeyError):
                continue
            self.leases.saw(record, self.ports.clock.elapsed())

    def _see_incident(self) -> None:
        try:
            incident = self.ports.store.control().incident
        except StoreUnreachableError:
            return
        self.incidents.saw(incident, self.ports.clock.elapsed())

    def _dwell_ends_before(self, due: float) -> list[float]:
        policy, now = self.topology.policy, self.ports.clock.elapsed()
        dwells = {policy.dwell_seconds, policy.database_dwell_seconds, policy.flapping_dwell_seconds}
        down = [watch for watch in self.watches.values() if self._votes() and watch.health is Health.UNHEALTHY]
        ends = {watch.since + dwell for watch in down for dwell in dwells}
        return sorted(end for end in ends if now < end < due)

    def _wait_until(self, at: float) -> None:
        """Sleep; while an incident is open, look at it each second and in the moment when its lease ends."""
        lease = self.topology.policy.incident_lease_seconds
        while (left := at - self.ports.clock.elapsed()) > 0:
            if self.incidents.incident is None:
                self.ports.clock.sleep(left)
                continue
            runs_out = lease - self.incidents.unrenewed_seconds(self.ports.clock.elapsed())
            self.ports.clock.sleep(
                min(left, LOOK_SECONDS, max(runs_out, GLANCE_SECONDS) if runs_out > 0 else LOOK_SECONDS)
            )
            if self.ports.clock.elapsed() < at:
                self.look()
