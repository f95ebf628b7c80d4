"""From a hint to an incident: read the world, decide, and do what the decision asks for."""

from dataclasses import replace

from failover.decision import Action, Decision, Quorum, Snapshot, decide, quorum_on
from failover.errors import ChangedMeanwhileError, IncidentRefusedError
from failover.ports import Ports
from failover.procedures.candidates import candidates
from failover.procedures.changing import change_control, records_of
from failover.procedures.commands import begun
from failover.procedures.opening import open_incident
from failover.records import Control, Incident, JournalEntry
from failover.topology import Topology, digest

MACHINE = "failover"
BEGINS_WITHIN_SECONDS = 60
"""After so long an execution that was started and has not joined its incident has failed."""
UP = "R230"
QUIET = ("R110", "R210", "R230", "R240", "R900")
"""Rules that say nothing is wrong here: they are not journalled, or the journal would hold little else."""


def decide_failover(ports: Ports, topology: Topology) -> tuple[Decision, ...]:
    """Decide about every region but the one this runs in, and act on what is decided.

    Whatever event woke it is a hint that it does not read: the votes in the store are what counts.
    """
    return tuple(_about(ports, topology, region) for region in topology.region_names if region != ports.here)


def _about(ports: Ports, topology: Topology, subject: str) -> Decision:
    snapshot = _snapshot(ports, topology, subject)
    decision = decide(snapshot, ports.clock.now())
    if decision.rule not in QUIET:
        _journal(ports, topology, decision)
    if decision.rule == UP and subject in snapshot.control.paged:
        _forget_page(ports, subject)
    if decision.action is Action.PAGE:
        _page_once(ports, topology, decision)
    elif decision.action in (Action.FAIL_OVER, Action.ASK):
        _fail_over(ports, topology, decision)
    elif decision.action is Action.RESUME:
        incident = ports.store.control().incident
        if incident is not None and incident.owner == ports.here:
            _start(ports, topology, incident)
    return decision


def _snapshot(ports: Ports, topology: Topology, subject: str) -> Snapshot:
    control, votes = ports.store.control(), tuple(ports.store.votes())
    records = records_of(ports, topology)
    suspect = quorum_on(topology, votes, subject, ports.clock.now()) is Quorum.DOWN and control.incident is None
    consents = [ports.store.consent(each.name) for each in records if suspect]
    return Snapshot(
        topology=topology,
        subject=subject,
        here=ports.here,
        control=control,
        databases=records,
        votes=votes,
        candidates={
            each.name: candidates(ports, topology, each, control, votes)
            for each in records
            if suspect and each.writer == subject
        },
        consents=tuple(each for each in consents if each is not None),
    )


def _fail_over(ports: Ports, topology: Topology, decision: Decision) -> None:
    try:
        incident = open_incident(ports, topology, decision.subject, decision.rule, decision.reason)
    except (IncidentRefusedError, ChangedMeanwhileError):
        return  # another control region was faster; it owns the incident
    _start(ports, topology, incident)
    if decision.action is Action.ASK:
        _page_once(ports, topology, decision)


def _start(ports: Ports, topology: Topology, incident: Incident) -> None:
    """Start the incident's execution; the same one again while it may still begin, and then another.

    An execution that failed before it joined has used its name up, and the incident must not wait for it for
    ever. Of two that begin after all, one joins and the other stops there.
    """
    name = f"failover-{incident.id}-{incident.term}"
    tries = int((ports.clock.now() - incident.opened_at).total_seconds() // BEGINS_WITHIN_SECONDS)
    ports.machines.start(MACHINE, name if tries < 1 else f"{name}-{tries}", begun(topology, incident))


def _page_once(ports: Ports, topology: Topology, decision: Decision) -> None:
    """Page for a rule once, until the region is up again; twice rather than never, so it is noted after it is sent."""
    if ports.store.control().paged.get(decision.subject) == decision.rule:
        return
    text = f"{decision.rule}: {decision.reason}"
    ports.pager.page(f"{topology.name}: {decision.subject} needs you", text)
    change_control(ports, lambda control: replace(control, paged={**control.paged, decision.subject: decision.rule}))


def _forget_page(ports: Ports, subject: str) -> None:
    """The region is up: its next outage is paged for anew."""

    def forgotten(control: Control) -> Control:
        return replace(control, paged={region: rule for region, rule in control.paged.items() if region != subject})

    change_control(ports, forgotten)


def _journal(ports: Ports, topology: Topology, decision: Decision) -> None:
    ports.store.append(
        JournalEntry(
            at=ports.clock.now(),
            region=ports.here,
            kind="DECISION",
            text=f"{decision.action}: {decision.reason}",
            rule=decision.rule,
            subject=decision.subject,
            digest=digest(topology),
        )
    )
