"""What others are asked before an incident acts: a person's approval, and a veto."""

from dataclasses import replace
from typing import Any, Final

from failover.errors import ApprovalMissingError, ApprovalRefusedError, VetoedError
from failover.ports import Ports
from failover.procedures.changing import change_incident, going_on, has_passed, tell
from failover.procedures.commands import IncidentCommand
from failover.records import Incident, IncidentState, WordKind

POLL_SECONDS: Final = 0.5


def await_approval(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Go on when a person has approved of the incident; nothing has been done until then.

    Raises:
        ApprovalMissingError: nobody has answered yet; try again.
        ApprovalRefusedError: somebody refused, or nobody answered in time: the default is not to act.
        AbortedByOperatorError, PausedByOperatorError: see ``going_on``.
    """
    incident = going_on(ports, command.ticket)
    if incident.approval != "REQUIRED":
        return {"approval": incident.approval}
    now = ports.clock.now()
    answer = ports.store.word(WordKind.APPROVAL, incident.id)
    if answer is not None and answer.counts(now):
        if answer.refuses:
            raise ApprovalRefusedError(f"{answer.by} refused {incident.id}: {answer.reason}")
        _noted(ports, command, approval="GIVEN", state=IncidentState.OPEN, waiting_since=None)
        tell(ports, command.ticket, "APPROVED", f"{answer.by} approved: {answer.reason}")
        return {"approval": "GIVEN"}
    if incident.waiting_since is None:
        _noted(ports, command, state=IncidentState.WAITING, waiting_since=now)
        tell(ports, command.ticket, "APPROVAL_ASKED", f"{incident.id} waits for `lifeboat approve`: {incident.reason}")
    elif (now - incident.waiting_since).total_seconds() > command.topology.policy.approval_seconds:
        limit = command.topology.policy.approval_seconds
        raise ApprovalRefusedError(f"nobody approved of {incident.id} within {limit:g} s; nothing was done")
    raise ApprovalMissingError(f"{incident.id} waits for an approval: `lifeboat approve --reason …`, or --refuse")


def ask_veto(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Ask the topology's veto hook, in a fixed time; silence and faults of the hook are no veto.

    Raises:
        VetoedError: it refused.
        AbortedByOperatorError, PausedByOperatorError: see ``going_on``.
    """
    incident, veto = going_on(ports, command.ticket), command.topology.policy.veto
    if veto is None or "AskVeto" in incident.skipped or has_passed(ports, incident):
        return {"veto": "NOT_ASKED"}
    question = {
        "topology": command.topology.name,
        "incident": incident.id,
        "machine": incident.machine,
        "subject": incident.subject,
        "rule": incident.rule,
        "reason": incident.reason,
        "databases": list(incident.databases),
    }
    refused = ports.veto.ask(veto, question)
    until = ports.clock.elapsed() + veto.seconds
    while veto.event_bus is not None and refused is None and ports.clock.elapsed() < until:
        word = ports.store.word(WordKind.VETO, incident.id)
        refused = f"{word.by}: {word.reason}" if word is not None and word.counts(ports.clock.now()) else None
        if refused is None:
            ports.clock.sleep(POLL_SECONDS)
    if refused is not None:
        raise VetoedError(f"{incident.id} was vetoed: {refused}")
    tell(ports, command.ticket, "NOT_VETOED", f"no veto within {veto.seconds:g} s")
    return {"veto": "NONE"}


def _noted(ports: Ports, command: IncidentCommand, **changes: Any) -> None:
    def noted(incident: Incident) -> Incident:
        return replace(incident, **changes)

    change_incident(ports, command.ticket, noted)
