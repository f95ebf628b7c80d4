"""What operators say to the control plane: each is an item in the store and a line in the journal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from failover.errors import IncidentRefusedError, RequestInvalidError
from failover.ports import Ports
from failover.procedures.changing import change_control
from failover.records import AFTER_NO_RETURN, Control, Incident, IncidentState, JournalEntry, Pause, Word, WordKind
from failover.topology import Topology

SKIPPABLE = {
    "AskVeto": "nobody is asked",
    "PrepareCapacity": "users may meet too little capacity",
    "FenceSource": "the lease is waited out in its place",
    "PromoteCache": "the cache stays where it was",
    "CheckReplication": "the direction of the buckets' replication is not looked at",
    "VerifyTraffic": "that the levers agree is not looked at",
}
"""The steps that may be left out, and what that means; every other one keeps an invariant."""


def consent(ports: Ports, topology: Topology, database: str, by: str, reason: str, *, refuses: bool = False) -> Word:
    """Record that a database may, or may not, be promoted although its loss bound is over the RPO.

    Raises:
        NotInitialisedError: the store has no such database.
    """
    epoch = ports.store.database(database).epoch
    now, lasts = ports.clock.now(), timedelta(seconds=topology.policy.consent_seconds)
    given = Word(WordKind.CONSENT, database, by, reason, now, now + lasts, refuses, epoch)
    ports.store.say(given)
    told = "refuses to lose" if refuses else "consents to losing"
    _tell(ports, "CONSENT_REFUSED" if refuses else "CONSENT", f"{by} {told} data of {database}: {reason}", database)
    return given


def approve(ports: Ports, topology: Topology, by: str, reason: str, *, refuses: bool = False) -> Word:
    """Answer the open incident that waits for an approval; raises ``IncidentRefusedError`` where none does."""
    incident = _open(ports)
    if incident.approval != "REQUIRED":
        raise IncidentRefusedError(f"{incident.id} needs no approval")
    lasts = timedelta(seconds=topology.policy.approval_seconds)
    now = ports.clock.now()
    return _answered(ports, incident, Word(WordKind.APPROVAL, incident.id, by, reason, now, now + lasts, refuses))


def veto(ports: Ports, topology: Topology, by: str, reason: str) -> Word:
    """Refuse the open incident while its veto hook is being asked."""
    incident, now = _open(ports), ports.clock.now()
    lasts = timedelta(seconds=topology.policy.approval_seconds)
    return _answered(ports, incident, Word(WordKind.VETO, incident.id, by, reason, now, now + lasts))


def acknowledge(ports: Ports, topology: Topology, region: str, by: str, reason: str, *, lasts: timedelta) -> Word:
    """Take a region's trouble into one's own hands: nothing happens to it by itself for a while."""
    if region not in topology.region_names:
        raise RequestInvalidError(f"region: got {region!r}; one of: {', '.join(topology.region_names)}")
    now = ports.clock.now()
    word = Word(WordKind.ACKNOWLEDGED, region, by, reason, now, now + lasts)
    ports.store.say(word)
    _tell(ports, "ACKNOWLEDGED", f"{by} handles {region} by hand until {word.until:%H:%M:%S} UTC: {reason}")
    return word


def abort(ports: Ports, by: str, reason: str) -> Incident:
    """Order that the open incident be undone at its next step; it must be before its point of no return.

    Raises:
        IncidentRefusedError: no incident is open, or it is too late.
    """
    found = _open(ports)
    if found.state is IncidentState.HOLDING:
        raise IncidentRefusedError(f"{found.id} holds, and nothing works on it; undo it by the machine rollback")
    for record in map(ports.store.database, found.databases):
        if record.phase in AFTER_NO_RETURN and record.incident == found.id:
            raise IncidentRefusedError(
                f"{record.name} is past its point of no return: {record.target} is its next writer, and the incident "
                "goes forward; a switchover moves it back later"
            )
    _ordered(ports, found, lambda incident: replace(incident, aborted=f"{by}: {reason}"))
    _tell(ports, "ABORT", f"{by} aborts {found.id}: {reason}", incident=found)
    return found


def skip(ports: Ports, step: str, by: str, reason: str) -> Incident:
    """Leave a step of the open incident out, also while it is being tried again.

    Raises:
        IncidentRefusedError: no incident is open.
        RequestInvalidError: the step keeps an invariant.
    """
    if step not in SKIPPABLE:
        raise RequestInvalidError(
            f"step: {step} cannot be left out: an invariant stands on it; these can: {', '.join(SKIPPABLE)}"
        )
    found = _open(ports)
    _ordered(
        ports,
        found,
        lambda incident: incident if step in incident.skipped else replace(incident, skipped=(*incident.skipped, step)),
    )
    _tell(ports, "SKIP", f"{by} skips {step} of {found.id} ({SKIPPABLE[step]}): {reason}", incident=found)
    return found


def pause(ports: Ports, by: str, reason: str, lasts: timedelta) -> Pause:
    """Stop all automatic action for a while; detection goes on and the pause expires by itself.

    An incident that has not passed its point of no return stands still where it is.
    """
    ordered = Pause(reason, ports.clock.now() + lasts)
    change_control(ports, lambda control: replace(control, pause=ordered))
    facts = {"until": ordered.until.isoformat()}
    _tell(ports, "PAUSED", f"{by} paused until {ordered.until:%Y-%m-%d %H:%M:%S} UTC: {reason}", facts=facts)
    return ordered


def resume(ports: Ports, by: str) -> None:
    """End a pause."""
    change_control(ports, lambda control: replace(control, pause=None))
    _tell(ports, "RESUMED", f"{by} resumed")


def _open(ports: Ports) -> Incident:
    incident = ports.store.control().incident
    if incident is None:
        raise IncidentRefusedError("no incident is open")
    return incident


def _ordered(ports: Ports, found: Incident, change: Callable[[Incident], Incident]) -> None:
    def ordered(control: Control) -> Control:
        if control.incident is None or control.incident.id != found.id:
            raise IncidentRefusedError(f"{found.id} is not open any more")
        return replace(control, incident=change(control.incident))

    change_control(ports, ordered)


def _answered(ports: Ports, incident: Incident, word: Word) -> Word:
    ports.store.say(word)
    told = "refuses" if word.refuses or word.kind is WordKind.VETO else "approves of"
    kind = f"{word.kind}_REFUSED" if word.refuses else f"{word.kind}_SAID"
    _tell(ports, kind, f"{word.by} {told} {incident.id}: {word.reason}", incident=incident)
    return word


def _tell(
    ports: Ports,
    kind: str,
    text: str,
    database: str | None = None,
    *,
    incident: Incident | None = None,
    facts: dict[str, str] | None = None,
) -> None:
    ports.store.append(
        JournalEntry(
            ports.clock.now(),
            ports.here,
            kind,
            text,
            database=database,
            incident=incident.id if incident else None,
            term=incident.term if incident else None,
            facts=facts or {},
        )
    )
