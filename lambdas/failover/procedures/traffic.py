"""Moving users: one conditional write, and Route 53's own checkers do the rest."""

from dataclasses import replace
from typing import Any

from failover.errors import TrafficNotShiftedError
from failover.ports import Ports
from failover.procedures.changing import change_control, owned, tell
from failover.procedures.commands import IncidentCommand
from failover.records import Control
from failover.topology import Names, Topology


def shift_traffic(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Evacuate the subject: from the next probe on, the lever endpoints answer its token.

    It is done before the databases move, so that the time of DNS runs beside theirs: a region that is lost
    serves nobody, and the others read. The last region that is not evacuated is never drained.
    """
    subject = command.ticket.subject

    def evacuated(control: Control) -> Control:
        owned(control, command.ticket)
        if not set(command.topology.region_names) - set(control.evacuated) - {subject}:
            return control
        # A region that an earlier incident evacuated stays that one's: undoing this one must not bring it back.
        return replace(control, evacuated={subject: command.ticket.id, **control.evacuated})

    after = change_control(ports, evacuated)
    if subject not in after.evacuated:
        tell(ports, command.ticket, "TRAFFIC_KEPT", f"{subject} is the last region with traffic; it is not drained")
        return {"evacuated": False}
    tell(ports, command.ticket, "EVACUATED", f"{subject} gets no traffic any more")
    return {"evacuated": True}


def clear_evacuation(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Undo this incident's evacuation and close it as compensated, in one write; safe to repeat."""

    def cleared(control: Control) -> Control:
        owned(control, command.ticket)
        kept = {region: why for region, why in control.evacuated.items() if why != command.ticket.id}
        now = ports.clock.now()
        return replace(control, evacuated=kept, incident=None, closed=command.ticket.id, last_failover_at=now)

    if ports.store.control().closed != command.ticket.id:
        for name in command.databases:  # a consent is for this loss, not for the next one
            owned(ports.store.control(), command.ticket)
            ports.store.withdraw_consent(name)
        change_control(ports, cleared)
    tell(ports, command.ticket, "COMPENSATED", f"{command.ticket.subject} has its traffic and its leases again")
    return {"outcome": "COMPENSATED"}


def verify_traffic(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """See that every lever endpoint that answers says what the store says; one must answer at all.

    Raises:
        TrafficNotShiftedError: none answers, or one still says otherwise; try again.
    """
    subject, control = command.ticket.subject, ports.store.control()
    owned(control, command.ticket)
    if subject not in control.evacuated:
        return {"levers": []}
    urls = lever_urls(command.topology, subject)
    answers = ports.http.get([url for region, url in urls.items() if region != subject], timeout_seconds=2.0)
    heard = {url: answer for url, answer in answers.items() if answer.status == 200}
    token = Names(command.topology).lever_token(subject)
    late = [url for url, answer in heard.items() if token not in answer.body]
    if late or not heard:
        raise TrafficNotShiftedError(f"levers that do not say {subject} is evacuated: {late or list(answers)}")
    tell(ports, command.ticket, "LEVERS_AGREE", f"{len(heard)} lever endpoints say that {subject} is evacuated")
    return {"levers": sorted(heard)}


def lever_urls(topology: Topology, subject: str) -> dict[str, str]:
    """Return each control region's lever URL for a region."""
    names = Names(topology)
    return {
        control: f"https://{names.lever(control)}{names.lever_path(subject)}" for control in topology.control_regions
    }
