"""The few facts on which the rules of the decision table are written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Self

from failover.decision.capacity import capacity_fits
from failover.decision.incidents import PREEMPTIBLE, is_orphaned, is_unjoined
from failover.decision.maintenance import in_maintenance
from failover.decision.snapshot import Candidate, Snapshot
from failover.decision.targets import best_targets
from failover.decision.trouble import Extent, Trouble, extent_of
from failover.decision.voices import Quorum, all_dark, down_seconds, is_flapping, observers_time, quorum_on
from failover.records import WordKind
from failover.topology import Automation


@dataclass(frozen=True, slots=True)
class Facts:
    """Each field is a column of the decision table."""

    initialised: bool
    incident_open: bool
    incident_unjoined: bool
    incident_orphaned: bool
    preemptible: bool
    paused: bool
    acknowledged: bool
    maintenance: bool
    deploying: bool
    quorum: Quorum
    all_dark: bool
    trouble: Trouble
    advised: bool
    served_elsewhere: bool
    flapping: bool
    dwell_elapsed: bool
    automation: Automation
    cooling_down: bool
    target_exists: bool
    capacity_fits: bool
    within_rpo: bool
    consented: bool
    loss_refused: bool

    @classmethod
    def of(cls, snapshot: Snapshot, now: datetime) -> Self:
        """Derive the facts of a snapshot at a moment of the deciding region's clock."""
        topology, control, subject, votes = snapshot.topology, snapshot.control, snapshot.subject, snapshot.votes
        policy, incident = topology.policy, control.incident
        extent = extent_in(snapshot, now)
        targets = best_targets(topology, extent.moving, snapshot.candidates)
        lossy = {name for name, target in targets.items() if not _within_rpo(snapshot, name, target)}
        epochs = {record.name: record.epoch for record in snapshot.databases}
        said = [word for word in snapshot.said(WordKind.CONSENT, now) if word.is_about(epochs.get(word.about, 0))]
        answers = {word.about: word.refuses for word in said}
        staying = regions_that_stay(snapshot, now)
        down = down_seconds(topology, votes, subject, now)
        whole = extent.trouble is Trouble.REGION
        return cls(
            initialised=control.version > 0,
            incident_open=incident is not None,
            incident_unjoined=is_unjoined(control, snapshot.here),
            incident_orphaned=is_orphaned(topology, control, votes, snapshot.here, now),
            preemptible=incident is not None and incident.machine == PREEMPTIBLE,
            paused=control.pause is not None and control.pause.until > _no_later(snapshot, now),
            acknowledged=snapshot.is_said(WordKind.ACKNOWLEDGED, now),
            maintenance=in_maintenance(policy.maintenance, subject, now),
            deploying=snapshot.is_said(WordKind.DEPLOYING, now),
            quorum=quorum_on(topology, votes, subject, now),
            all_dark=all_dark(topology, votes, subject, now),
            trouble=extent.trouble,
            advised=snapshot.is_said(WordKind.ADVISORY, now),
            served_elsewhere=subject in control.evacuated and not snapshot.written_here,
            flapping=is_flapping(topology, votes, subject, now) and down < policy.flapping_dwell_seconds,
            dwell_elapsed=down >= _dwell_seconds(snapshot, extent),
            automation=_automation(snapshot, extent),
            cooling_down=control.last_failover_at is not None
            and (_no_later(snapshot, now) - control.last_failover_at).total_seconds() < policy.cool_down_seconds,
            target_exists=all(targets.values()) and bool(staying if whole else targets),
            capacity_fits=not whole or capacity_fits(topology, subject, snapshot.capacity, staying),
            within_rpo=not lossy,
            consented=all(answers.get(name) is False for name in lossy),
            loss_refused=any(answers.get(name) for name in lossy),
        )


def extent_in(snapshot: Snapshot, now: datetime) -> Extent:
    """Return how much of the snapshot's subject is at fault; see ``extent_of``."""
    subject, written = snapshot.subject, snapshot.written_here
    apart = tuple(record.name for record in snapshot.databases if subject in record.diverged)
    return extent_of(snapshot.topology, snapshot.votes, subject, written, now, apart=apart)


def regions_that_stay(snapshot: Snapshot, now: datetime) -> tuple[str, ...]:
    """Return the regions that the subject's traffic may go to: of its residency zone, neither evacuated nor down."""
    topology, control = snapshot.topology, snapshot.control
    return tuple(
        region.name
        for region in topology.regions
        if region.name not in (snapshot.subject, *control.evacuated)
        and region.zone == topology.region(snapshot.subject).zone
        and quorum_on(topology, snapshot.votes, region.name, now) is not Quorum.DOWN
    )


def _no_later(snapshot: Snapshot, now: datetime) -> datetime:
    """Return the time, by the observers' clocks where this region's is ahead of theirs and they are not silent."""
    topology = snapshot.topology
    theirs = observers_time(snapshot.votes, topology.policy.observers)
    fresh = timedelta(seconds=topology.observation.fresh_seconds)
    return theirs if theirs is not None and theirs < now <= theirs + fresh else now


def _within_rpo(snapshot: Snapshot, database: str, target: Candidate | None) -> bool:
    loss = target.loss_seconds if target else None
    return loss is not None and loss <= snapshot.topology.database(database).rpo_seconds


def _dwell_seconds(snapshot: Snapshot, extent: Extent) -> float:
    """A promotion cannot be taken back as traffic can, so that it waits for longer."""
    policy = snapshot.topology.policy
    traffic_alone = extent.trouble is Trouble.REGION and not extent.moving
    return policy.dwell_seconds if traffic_alone else policy.database_dwell_seconds


def _automation(snapshot: Snapshot, extent: Extent) -> Automation:
    topology = snapshot.topology
    allowed = (topology.database(name).automation for name in extent.moving)
    return reduce(Automation.least, allowed, topology.policy.automation)
