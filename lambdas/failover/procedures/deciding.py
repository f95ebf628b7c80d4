"""From a hint to an incident: read the world, decide, and do what the decision asks for."""

from dataclasses import dataclass, replace
from typing import Any, Final, Self

from failover.decision import (
    Action,
    CapacityView,
    Decision,
    Quorum,
    Room,
    Snapshot,
    decide,
    is_flapping,
    regions_that_stay,
)
from failover.errors import ChangedMeanwhileError, IncidentRefusedError
from failover.ports import Ports
from failover.procedures.candidates import candidates_of
from failover.procedures.capacity import standing_nodes
from failover.procedures.changing import change_control, records_of
from failover.procedures.commands import begun
from failover.procedures.opening import open_incident
from failover.procedures.ownership import take_over, tell_taken
from failover.procedures.paging import forget_pages, page_once, page_question
from failover.procedures.reminding import remind
from failover.records import Control, DatabaseRecord, Incident, JournalEntry, Vote, Word
from failover.topology import Topology, digest

BEGINS_WITHIN_SECONDS = 60
"""After so long an execution that was started and has not joined its incident has failed."""
OPENING: Final = (Action.ASK, Action.FAIL_OVER, Action.FAIL_OVER_DATABASE)
QUIET: Final = ("R100", "R110", "R210", "R230", "R240", "R242", "R900")
"""Rules that say nothing is wrong here: they are not journalled, or the journal would hold little else."""
PAUSED: Final = "R120"
WHOLE: Final = "failover"
"""The machine that moves a region's users too, so that other regions must have nodes for them."""
NO_TARGET: Final = "R310"
ROUNDS: Final = 3
"""How often copies are asked in one look, when other databases are in trouble each time; the next tick goes on."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the store says, whichever region is decided about."""

    control: Control
    databases: tuple[DatabaseRecord, ...]
    votes: tuple[Vote, ...]
    words: tuple[Word, ...]

    @classmethod
    def of(cls, ports: Ports, topology: Topology) -> Self:
        """Read all of it."""
        store = ports.store
        return cls(store.control(), records_of(ports, topology), tuple(store.votes()), tuple(store.words()))


def decide_failover(ports: Ports, topology: Topology) -> tuple[Decision, ...]:
    """Decide about every region but the one this runs in, and act on what is decided.

    Whatever event woke it is a hint that it does not read: the votes in the store are what counts. The store is read
    once for all regions, and anew after each with which something is wrong, since much may have been done about it.
    """
    decisions, reading = [], _Reading.of(ports, topology)
    for subject in (region for region in topology.region_names if region != ports.here):
        decisions.append(_about(ports, topology, subject, reading))
        if decisions[-1].rule not in QUIET:
            reading = _Reading.of(ports, topology)
    remind(ports, topology, reading.control)
    _tell_age(ports, reading.control.incident)
    return tuple(decisions)


def _tell_age(ports: Ports, incident: Incident | None) -> None:
    """Publish how long the open incident has been open; its opener's clock and this one's may differ a little."""
    age = (ports.clock.now() - incident.opened_at).total_seconds() if incident is not None else 0.0
    ports.telemetry.incident_stands(max(0.0, age))


def _about(ports: Ports, topology: Topology, subject: str, reading: _Reading) -> Decision:
    snapshot, asked = _snapshot(ports, topology, subject, reading), None
    decision = decide(snapshot, ports.clock.now())
    for _ in range(ROUNDS):
        about = decision.machine, tuple(decision.databases)
        if asked == about or not (decision.action in OPENING or decision.rule == NO_TARGET):
            break
        # Only now the copies and the nodes are asked, which takes seconds where a region hangs. What has changed
        # meanwhile counts: a region that is seen again, an incident that another one opened, and may have closed.
        asked, told = about, _asked(ports, snapshot, decision)
        snapshot = replace(_snapshot(ports, topology, subject, _Reading.of(ports, topology)), **told)
        decision = decide(snapshot, ports.clock.now())
    _tell(ports, topology, snapshot, decision)
    if decision.quorum is Quorum.UP and not is_flapping(topology, snapshot.votes, subject, ports.clock.now()):
        forget_pages(ports, snapshot.control, subject, decision.rule)
    _act(ports, topology, snapshot, decision)
    return decision


def _snapshot(ports: Ports, topology: Topology, subject: str, reading: _Reading) -> Snapshot:
    return Snapshot(
        topology=topology,
        subject=subject,
        here=ports.here,
        control=reading.control,
        databases=reading.databases,
        votes=reading.votes,
        candidates={},
        words=reading.words,
    )


def _act(ports: Ports, topology: Topology, snapshot: Snapshot, decision: Decision) -> None:
    incident = snapshot.control.incident
    match decision.action:
        case Action.PAGE:
            page_once(ports, topology, decision)
        case Action.RESUME if incident is not None:
            _start(ports, topology, incident, tries=_tries(ports, incident))
        case Action.TAKE_OVER if incident is not None:
            _take_over(ports, topology, incident)
        case action if action in OPENING:
            _open(ports, topology, decision, snapshot.control)


def _asked(ports: Ports, snapshot: Snapshot, decision: Decision) -> dict[str, Any]:
    """Return what the copies and the nodes say of themselves, as fields of a snapshot."""
    moving = [record for record in snapshot.databases if record.name in decision.databases]
    room = _room(ports, snapshot) if decision.machine == WHOLE else None
    found = candidates_of(ports, snapshot.topology, moving, snapshot.control, snapshot.votes, capacity=room)
    return {"candidates": found, "capacity": room}


def _room(ports: Ports, snapshot: Snapshot) -> CapacityView:
    """Ask how many nodes the regions that stay have and may have; who does not answer is left out."""
    topology, staying = snapshot.topology, regions_that_stay(snapshot, ports.clock.now())
    sites = {region: standing_nodes(topology, region) for region in staying if topology.site(region) is not None}
    told = {**sites, **ports.services.compute.describe([region for region in staying if region not in sites])}
    return {
        region: Room(nodes.ready, nodes.ready if nodes.refused else nodes.most)
        for region, nodes in told.items()
        if not nodes.failure
    }


def _open(ports: Ports, topology: Topology, decision: Decision, control: Control) -> None:
    whole = decision.machine == WHOLE
    try:
        incident = open_incident(
            ports,
            topology,
            decision.subject,
            decision.rule,
            decision.reason,
            machine=decision.machine,
            databases=None if whole else decision.databases,
            approval=decision.approval,
            evacuates=whole,
            decided_on=control,
        )
    except (IncidentRefusedError, ChangedMeanwhileError):
        return  # another control region was faster; it owns the incident
    _start(ports, topology, incident)
    page_question(ports, topology, incident, decision)  # one that is not taken is sent by a later tick's reminder


def _take_over(ports: Ports, topology: Topology, orphan: Incident) -> None:
    try:
        incident = take_over(ports, orphan)
    except (IncidentRefusedError, ChangedMeanwhileError):
        return  # its executor lives after all, or another control region was faster
    _start(ports, topology, incident)


def _start(ports: Ports, topology: Topology, incident: Incident, tries: int = 0) -> None:
    name = f"{incident.machine.replace('_', '-')}-{incident.id}-{incident.term}"
    ports.machines.start(incident.machine, f"{name}-{tries}" if tries else name, begun(topology, incident))


def _tries(ports: Ports, incident: Incident) -> int:
    """Return the number of the execution that is to begin: the same one while it may still join, then the next.

    An execution that failed before it joined has used its name up, and the incident must not wait for it for
    ever. Of two that begin after all, one joins and the other stops there.
    """
    return int((ports.clock.now() - incident.opened_at).total_seconds() // BEGINS_WITHIN_SECONDS)


def _tell(ports: Ports, topology: Topology, snapshot: Snapshot, decision: Decision) -> None:
    """Journal a decision where it is another one than the last that this region made of the subject.

    It decides every second or so while something is wrong, for hours if a person must come. The line is written
    before it is noted: of two that decide at once both may tell, and none is lost.
    """
    about, rule = f"{decision.subject} by {ports.here}", decision.rule if _is_told(decision) else ""
    if snapshot.control.told.get(about, "") == rule:
        return
    incident = snapshot.control.incident
    if rule:
        _journal(ports, topology, decision)
    if decision.action is Action.RESUME and incident is not None and incident.taken_over:
        tell_taken(ports, incident, f"{ports.here} has taken {incident.id} over and begins")  # who did may have died

    def noted(control: Control) -> Control:
        others = {each: last for each, last in control.told.items() if each != about}
        return replace(control, told={**others, about: rule} if rule else others)

    change_control(ports, noted)


def _is_told(decision: Decision) -> bool:
    """A pause is worth a line where it keeps something from happening."""
    if decision.rule == PAUSED:
        return decision.quorum is Quorum.DOWN
    return decision.rule not in QUIET


def _journal(ports: Ports, topology: Topology, decision: Decision) -> None:
    targets = {f"{name} to": told for name, told in decision.targets.items()}
    ports.store.append(
        JournalEntry(
            at=ports.clock.now(),
            region=ports.here,
            kind="DECISION",
            text=f"{decision.action}: {decision.reason}",
            rule=decision.rule,
            subject=decision.subject,
            digest=digest(topology),
            facts={**targets, **decision.refusals},
        )
    )
