"""What an open incident asks of the region that decides: nothing, to begin its execution, or to take it over."""

from datetime import datetime

from failover.decision.voices import is_fresh
from failover.records import Control, IncidentState, Vote
from failover.topology import Topology

PREEMPTIBLE = "failback"
"""The machine whose incident stands in no failover's way: bringing a region back can wait."""


def is_unjoined(control: Control, here: str) -> bool:
    """Whether this region opened the incident, or took it over, and no execution has joined it yet."""
    incident = control.incident
    return incident is not None and incident.owner == here and incident.execution is None


def is_orphaned(topology: Topology, control: Control, votes: tuple[Vote, ...], here: str, now: datetime) -> bool:
    """Whether this region itself has seen the incident's executor silent for its whole lease.

    The proof is in this region's own fresh vote, for this very term and beat, by this observer's monotonic clock:
    nobody else's word counts, and an observer that cannot see, or says nothing of the incident, proves nothing.
    The lost region never owns its own incident, and one that holds waits for a person.
    """
    incident = control.incident
    if incident is None or incident.state is IncidentState.HOLDING or here in (incident.owner, incident.subject):
        return False
    lease = topology.policy.incident_lease_seconds
    return any(
        vote.incident is not None
        and (vote.incident.incident, vote.incident.term, vote.incident.beat)
        == (incident.id, incident.term, incident.beat)
        and vote.incident.unrenewed_seconds >= lease
        for vote in votes
        if vote.observer == here and is_fresh(topology, vote, now)
    )
