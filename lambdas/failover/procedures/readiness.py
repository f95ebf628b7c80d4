"""Whether a planned move may begin: everything is looked at before the first write is stopped."""

from typing import Any, Final

from failover.decision import Quorum, best_targets, quorum_on
from failover.errors import IncidentRefusedError, LifeboatError, SwitchoverRefusedError
from failover.ports import Ports
from failover.procedures.candidates import candidates
from failover.procedures.changing import going_on, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.consenting import standing_consent, worded_loss
from failover.procedures.requests import Request
from failover.records import Incident
from failover.topology import Topology

LAG_SECONDS: Final = 30.0
"""A target whose loss bound is over this beyond a lease needs too long to receive the rest while nobody may write."""


def check_readiness(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Refuse a switchover that would lose data or service.

    The source must answer and be writing, since only a source that is fenced tells its last position; the target must
    be seen by the observers and follow closely.

    Raises:
        SwitchoverRefusedError: it says what is missing, and nothing was changed.
    """
    incident = going_on(ports, command.ticket)
    target = str(incident.target)
    now, votes = ports.clock.now(), tuple(ports.store.votes())
    if quorum_on(command.topology, votes, target, now) in (Quorum.DOWN, Quorum.SPLIT):
        raise SwitchoverRefusedError(f"{target} is not seen healthy by the observers; wait until it is")
    if target in ports.store.control().evacuated:
        raise SwitchoverRefusedError(f"{target} is evacuated; bring it back first: the machine failback")
    for name in command.databases:
        _require_ready(ports, command, incident, name)
    tell(ports, command.ticket, "READY", f"{target} can take over without a loss")
    return {"target": target}


def refuse_to_stop_for_nothing(ports: Ports, topology: Topology, request: Request) -> None:
    """Refuse a failover by hand that would stop a writer of a region that is up, and then wait for consent to a loss.

    A region that is down is failed over as it was asked for: nobody writes there any more.

    Raises:
        IncidentRefusedError: a database has no copy that may take over without a loss that nobody has consented to.
    """
    control, now, votes = ports.store.control(), ports.clock.now(), tuple(ports.store.votes())
    if quorum_on(topology, votes, request.subject, now) is not Quorum.UP:
        return
    for name in request.databases:
        record, allowed = ports.store.database(name), topology.database(name).rpo_seconds
        found = {name: candidates(ports, topology, record, control, votes)}
        target = best_targets(topology, [name], found)[name]
        if target is None:
            why = "; ".join(f"{each.region}: {each.refused}" for each in found[name])
            raise IncidentRefusedError(f"{name}: {request.subject} is up and writes, and no copy may take over ({why})")
        loss, consent = target.loss_seconds, standing_consent(ports, name)
        consented = consent is not None and not consent.refuses
        if not consented and (loss is None or loss > allowed):
            raise IncidentRefusedError(
                f"{request.subject} is up and writes, and {worded_loss(name, target.region, loss, allowed)}. "
                f"Wait until it follows, or first say `lifeboat consent {name} --reason …`"
            )


def _require_ready(ports: Ports, command: IncidentCommand, incident: Incident, name: str) -> None:
    record = ports.store.database(name)
    if record.incident == command.ticket.id:
        return  # an earlier term has begun to move it: it was ready then, and goes on
    try:
        source = ports.agent.describe(name, record.writer)
    except LifeboatError as exc:
        raise SwitchoverRefusedError(
            f"{name}: the source in {record.writer} does not answer ({exc}); a planned move needs it, the machine "
            "failover does not"
        ) from exc
    if not source.gate_open:
        raise SwitchoverRefusedError(f"{name}: the gate of {record.writer} is shut; there is nothing to move from")
    found = candidates(ports, command.topology, record, ports.store.control(), tuple(ports.store.votes()))
    (copy,) = [each for each in found if each.region == incident.target]
    if copy.refused:
        raise SwitchoverRefusedError(f"{name}: {incident.target} may not be promoted: {copy.refused}")
    allowed = command.topology.lease.lease_seconds + LAG_SECONDS
    if copy.loss_seconds is None or copy.loss_seconds > allowed:
        behind = "an unknown time" if copy.loss_seconds is None else f"up to {copy.loss_seconds:.0f} s"
        raise SwitchoverRefusedError(
            f"{name}: {incident.target} is {behind} behind its source, {allowed:g} s are allowed; wait until it follows"
        )
