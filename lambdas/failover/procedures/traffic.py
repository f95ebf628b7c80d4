"""Moving users: one conditional write, and Route 53's own checkers do the rest."""

from dataclasses import replace
from typing import Any

from failover.decision import Quorum, quorum_on
from failover.errors import TrafficNotShiftedError
from failover.ports import Ports
from failover.procedures.changing import at_work, change_control, going_on, owned, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.cooling import cooling_from
from failover.procedures.ending import COMPENSATED, ended, tell_end
from failover.procedures.ownership import was_planned
from failover.records import Control, WordKind
from failover.topology import Names, Topology


def shift_traffic(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Evacuate the subject: from the next probe on, the lever endpoints answer its token.

    It is done before the databases move, so that the time of DNS runs beside theirs: a region that is lost
    serves nobody, and the others read. The last region that is neither evacuated nor down is never drained.
    """
    subject = command.ticket.subject
    if not going_on(ports, command.ticket).evacuates:
        return {"evacuated": False}

    def evacuated(control: Control) -> Control:
        owned(control, command.ticket)
        if not _others_up(ports, command, control):
            return control
        # A region that an earlier incident evacuated stays that one's: undoing this one must not bring it back.
        return replace(control, evacuated={subject: command.ticket.id, **control.evacuated})

    after = change_control(ports, evacuated)
    if subject not in after.evacuated:
        tell(ports, command.ticket, "TRAFFIC_KEPT", f"{subject} is the last region with traffic; it is not drained")
        return {"evacuated": False}
    tell(ports, command.ticket, "EVACUATED", f"{subject} gets no traffic any more")
    return {"evacuated": True}


def _others_up(ports: Ports, command: IncidentCommand, control: Control) -> set[str]:
    topology, votes, now = command.topology, tuple(ports.store.votes()), ports.clock.now()
    others = set(topology.region_names) - set(control.evacuated) - {command.ticket.subject}
    return {each for each in others if quorum_on(topology, votes, each, now) is not Quorum.DOWN}


def clear_evacuation(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Undo this incident's evacuation and close it as compensated, in one write; safe to repeat."""

    def cleared(control: Control) -> Control:
        incident = owned(control, command.ticket)
        kept = {region: why for region, why in control.evacuated.items() if why != command.ticket.id}
        undone = replace(ended(control, command, COMPENSATED, ports.clock.now()), evacuated=kept)
        # A planned move that was undone says nothing of the region's health.
        return undone if was_planned(incident) else replace(undone, last_failover_at=begins)

    control = ports.store.control()
    if control.closed != command.ticket.id:
        owned(control, command.ticket)
        if control.evacuated.get(command.ticket.subject) == command.ticket.id:  # who did it may have died untold
            tell(ports, command.ticket, "EVACUATED", f"{command.ticket.subject} got no traffic until now")
        for name in command.databases:  # a consent is for this loss, not for the next one
            owned(ports.store.control(), command.ticket)
            ports.store.withdraw(WordKind.CONSENT, name)
        begins = cooling_from(ports, command.topology)
        change_control(ports, cleared)
    tell_end(ports, command.ticket, COMPENSATED)
    return {"outcome": COMPENSATED}


def verify_traffic(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """See that a lever endpoint says what the store says: one suffices for Route 53's checks.

    Another that cannot reach the store goes on saying what it last knew, and holds up nothing.

    Raises:
        TrafficNotShiftedError: none says it; try again.
    """
    subject, incident = command.ticket.subject, at_work(ports, command.ticket)
    if subject not in ports.store.control().evacuated or "VerifyTraffic" in incident.skipped:
        return {"levers": []}
    urls = lever_urls(command.topology, subject)
    answers = ports.http.get([url for region, url in urls.items() if region != subject], timeout_seconds=2.0)
    token = Names(command.topology).lever_token(subject)
    agreed = [url for url, answer in answers.items() if answer.status == 200 and token in answer.body]
    if not agreed:
        raise TrafficNotShiftedError(f"levers that do not say {subject} is evacuated: {list(answers)}")
    text = f"{len(agreed)} of {len(answers)} lever endpoints say that {subject} is evacuated"
    tell(ports, command.ticket, "LEVERS_AGREE", text)
    return {"levers": sorted(agreed)}


def lever_urls(topology: Topology, subject: str) -> dict[str, str]:
    """Return each control region's lever URL for a region."""
    names = Names(topology)
    return {
        control: f"https://{names.lever(control)}{names.lever_path(subject)}" for control in topology.control_regions
    }
