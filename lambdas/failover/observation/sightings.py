"""How long one observer has seen leases and incidents not being renewed; pure, on the observer's own clock."""

from dataclasses import dataclass, field

from failover.records import DatabaseRecord, Incident, IncidentSighting, IncidentState, LeaseSighting


@dataclass(slots=True)
class LeaseWatch:
    """When this observer first saw each lease's newest renewal; see ``LeaseSighting``."""

    _first: dict[tuple[str, int, int], float] = field(default_factory=dict)

    def saw(self, record: DatabaseRecord, at: float) -> None:
        """Note a record whose answer arrived at ``at``; older renewals of the same database are forgotten."""
        key = (record.name, record.epoch, record.lease.renewal)
        if key not in self._first:
            self._first = {each: when for each, when in self._first.items() if each[0] != record.name}
            self._first[key] = at

    def continuing(self, sightings: tuple[LeaseSighting, ...], at: float) -> None:
        """Take over what an earlier run has seen of the same renewals."""
        for each in sightings:
            key = (each.database, each.epoch, each.renewal)
            if key in self._first:
                self._first[key] = min(self._first[key], at - each.unrenewed_seconds)

    def sightings(self, at: float) -> tuple[LeaseSighting, ...]:
        """Return for how long each lease has been seen unrenewed."""
        return tuple(
            LeaseSighting(name, epoch, renewal, round(at - first, 3))
            for (name, epoch, renewal), first in sorted(self._first.items())
        )


@dataclass(slots=True)
class IncidentWatch:
    """When this observer first saw the open incident's newest sign of life; see ``IncidentSighting``.

    An incident that is ``HOLDING`` waits for people and is nobody's to take over: it is not watched.
    """

    incident: Incident | None = None
    _since: float = 0.0

    def saw(self, incident: Incident | None, at: float) -> None:
        """Note what the control item said in an answer that arrived at ``at``."""
        watched = incident if incident is not None and incident.state is not IncidentState.HOLDING else None
        if watched is not None and (self.incident is None or _sign(watched) != _sign(self.incident)):
            self._since = at
        self.incident = watched

    def continuing(self, sighting: IncidentSighting | None, at: float) -> None:
        """Take over what an earlier run has seen of the same sign of life."""
        if sighting is None or self.incident is None:
            return
        if _sign(self.incident) == (sighting.incident, sighting.term, sighting.beat):
            self._since = min(self._since, at - sighting.unrenewed_seconds)

    def unrenewed_seconds(self, at: float) -> float:
        """For how long nobody was seen working on the open incident; 0 without one."""
        return at - self._since if self.incident is not None else 0.0

    def sighting(self, at: float) -> IncidentSighting | None:
        """Return what a vote says of it."""
        if self.incident is None:
            return None
        return IncidentSighting(*_sign(self.incident), round(self.unrenewed_seconds(at), 3))


def _sign(incident: Incident) -> tuple[str, int, int]:
    return incident.id, incident.term, incident.beat
