"""What a schedule must come to once everything is mended: a good state, or a person who was called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from failover.records import IncidentState


@dataclass(frozen=True, slots=True)
class StandingIncident:
    """An incident that is open at the end; ``worked_on``: an execution of its current term is under way."""

    id: str
    state: IncidentState
    opened_at: float
    worked_on: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How the world stands at the end of the quiet period; times are virtual seconds.

    ``writers`` has each database's writer in the store, ``open_gates`` the regions in which a write would pass now,
    ``served`` the regions whose users had a write acknowledged in the quiet period's last part, of ``users``.
    ``running`` names the executions that have not ended, ``overdue`` those of them that should have.
    """

    writers: Mapping[str, str]
    open_gates: Mapping[str, Sequence[str]]
    users: Sequence[str] = ()
    served: Sequence[str] = ()
    incident: StandingIncident | None = None
    paused: bool = False
    paged_at: Sequence[float] = field(default_factory=tuple)
    broke_at: float = 0.0
    running: Sequence[str] = ()
    overdue: Sequence[str] = ()


def good_end(ending: Ending) -> str | None:
    """Return why a schedule came to no good end, or ``None`` if it did.

    Good is: one open writer for each database, its users served, no incident open; or an incident that somebody works
    on, or that waits or holds and has paged; or operators paused the control plane; or, where nothing was opened,
    somebody was paged since it broke.
    """
    if ending.overdue:
        return f"{', '.join(ending.overdue)} run on for ever"
    incident = ending.incident
    if incident is None:
        return _without_incident(ending)
    if ending.paused:
        return None
    if incident.state is IncidentState.OPEN:
        return None if incident.worked_on else f"{incident.id} is open, and nobody works on it"
    if any(at >= incident.opened_at for at in ending.paged_at):
        return None
    return f"{incident.id} is {incident.state}, and nobody was paged since it was opened at {incident.opened_at:.1f} s"


def _without_incident(ending: Ending) -> str | None:
    if ending.running:
        return f"{', '.join(ending.running)} run on, and no incident is open"
    wrong = [_wrong(ending, database) for database in ending.writers]
    found = [each for each in wrong if each] or _unserved(ending)
    if not found or ending.paused or any(at >= ending.broke_at for at in ending.paged_at):
        return None
    return f"{'; '.join(found)}; and nobody was paged"


def _wrong(ending: Ending, database: str) -> str:
    writer, open_gates = ending.writers[database], tuple(ending.open_gates.get(database, ()))
    if open_gates == (writer,):
        return ""
    return f"{database}: {', '.join(open_gates) or 'nobody'} can write, and its writer is {writer}"


def _unserved(ending: Ending) -> list[str]:
    left = [each for each in ending.users if each not in ending.served]
    return [f"no write of the users in {', '.join(left)} is acknowledged"] if left else []
