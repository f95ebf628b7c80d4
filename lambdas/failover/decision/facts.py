"""The few facts on which the rules of the decision table are written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from failover.decision.consents import still_counts
from failover.decision.snapshot import Quorum, Snapshot, down_seconds, quorum_on
from failover.topology import Automation


@dataclass(frozen=True, slots=True)
class Facts:
    """Each field is a column of the decision table."""

    incident_open: bool
    incident_unjoined: bool
    paused: bool
    quorum: Quorum
    served_elsewhere: bool
    dwell_elapsed: bool
    cooling_down: bool
    automation: Automation
    target_exists: bool
    within_rpo: bool
    consented: bool

    @classmethod
    def of(cls, snapshot: Snapshot, now: datetime) -> Self:
        """Derive the facts of a snapshot at a moment of the deciding region's clock."""
        topology, control, subject = snapshot.topology, snapshot.control, snapshot.subject
        best = [_best(snapshot, name) for name in snapshot.written_here]
        needing_consent = [
            name
            for name, loss in zip(snapshot.written_here, best, strict=True)
            if loss is None or loss > topology.database(name).rpo_seconds
        ]
        consented = {consent.database for consent in snapshot.consents if still_counts(consent, now)}
        incident = control.incident
        return cls(
            incident_open=incident is not None,
            incident_unjoined=incident is not None and incident.owner == snapshot.here and incident.execution is None,
            paused=control.pause is not None and control.pause.until > now,
            quorum=quorum_on(topology, snapshot.votes, subject, now),
            served_elsewhere=subject in control.evacuated and not snapshot.written_here,
            dwell_elapsed=down_seconds(topology, snapshot.votes, subject, now) >= topology.policy.dwell_seconds,
            cooling_down=control.last_failover_at is not None
            and (now - control.last_failover_at).total_seconds() < topology.policy.cool_down_seconds,
            automation=topology.policy.automation,
            target_exists=_somewhere_to_go(snapshot, now),
            within_rpo=not needing_consent,
            consented=set(needing_consent) <= consented,
        )


def _best(snapshot: Snapshot, database: str) -> float | None:
    losses = [each.loss_seconds for each in snapshot.candidates.get(database, ()) if not each.refused]
    known = [loss for loss in losses if loss is not None]
    return min(known) if known else None


def _somewhere_to_go(snapshot: Snapshot, now: datetime) -> bool:
    """Every database needs a copy that may be promoted, and traffic needs a region that is up."""
    up = [
        region
        for region in snapshot.topology.region_names
        if region != snapshot.subject
        and region not in snapshot.control.evacuated
        and quorum_on(snapshot.topology, snapshot.votes, region, now) is not Quorum.DOWN
    ]
    fit = all(
        any(not each.refused for each in snapshot.candidates.get(database, ())) for database in snapshot.written_here
    )
    return bool(up) and fit
