"""What an open incident waits for, who can end that, and when it ends by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from failover.procedures.requests import Machine
from failover.records import AFTER_NO_RETURN, Control, DatabaseRecord, Incident, IncidentState
from failover.topology import Topology

BECAUSE: Final = '--reason "…"'


@dataclass(frozen=True, slots=True)
class Wait:
    """``command`` answers it; without an answer it ends at ``until``, ``None``: never."""

    what: str
    command: str
    until: datetime | None = None


def wait_of(topology: Topology, control: Control, records: Sequence[DatabaseRecord], now: datetime) -> Wait | None:
    """Return what the open incident waits for, the first thing first; ``None`` where it is at work, or none is open."""
    incident, pause = control.incident, control.pause
    if incident is None:
        return None
    mine = [each for each in records if each.name in incident.databases]
    left = [each.name for each in mine if not (each.phase in AFTER_NO_RETURN and each.incident == incident.id)]
    passed = len(left) < len(mine)
    if incident.state is IncidentState.HOLDING:
        undo = "" if passed else f", or to undo it lifeboat rollback {incident.subject} {BECAUSE}"
        return Wait("a person who removes the cause and starts it again", _again(incident) + undo)
    if pause is not None and pause.until > now and not passed:
        return Wait("the end of the pause", "lifeboat resume", pause.until)
    if incident.approval == "REQUIRED":
        return Wait("an approval", f"lifeboat approve {BECAUSE}", _after(incident, topology.policy.approval_seconds))
    if incident.state is IncidentState.WAITING:
        consents = ", ".join(f"lifeboat consent {name} {BECAUSE}" for name in left)
        return Wait("a consent to losing data", consents, _after(incident, topology.policy.consent_seconds))
    return None


def _after(incident: Incident, seconds: float) -> datetime | None:
    return None if incident.waiting_since is None else incident.waiting_since + timedelta(seconds=seconds)


def _again(incident: Incident) -> str:
    if incident.machine == Machine.DATABASE_FAILOVER:
        named = "".join(f" --database {name}" for name in incident.databases)
        return f"lifeboat failover {incident.subject}{named} {BECAUSE}"
    to = f" --to {incident.target}" if incident.machine == Machine.SWITCHOVER else ""
    return f"lifeboat {incident.machine} {incident.subject}{to} {BECAUSE}"
