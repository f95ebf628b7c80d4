"""The point of no return: which copy shall write, with whose consent, and the write that says so."""

from dataclasses import replace
from typing import Any

from failover.decision import Candidate, best_targets
from failover.decision.targets import refusals
from failover.errors import (
    AbortedByOperatorError,
    ChangedMeanwhileError,
    ConsentMissingError,
    ConsentRefusedError,
    ConsentTimedOutError,
    DatabaseUnreachableError,
    NoTargetError,
    NotFencedError,
    PausedByOperatorError,
    ReplicaBehindError,
)
from failover.ports import Ports
from failover.procedures.candidates import candidates_of
from failover.procedures.changing import change_database, change_incident, going_on, owned, standing_pause, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.consenting import standing_consent, worded_loss
from failover.procedures.promising import with_promise
from failover.procedures.requests import Machine
from failover.records import (
    AFTER_NO_RETURN,
    STOPPED,
    DatabaseRecord,
    Incident,
    IncidentState,
    LossAllowed,
    Phase,
)

POLL_SECONDS = 0.25
POLLS = 12


def choose_target(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Choose each database's target and write ``PROMOTING(target, epoch)``: the point of no return.

    All databases of the incident are weighed before any is written, so that they move together or not at all.
    A database that has its target already keeps it: there is no second one.

    Raises:
        PausedByOperatorError: a pause came in; nothing irreversible has happened.
        NotFencedError: a source may still write.
        NoTargetError: some database has no copy that may be promoted.
        DatabaseUnreachableError: the same, but a copy that may be did not answer; ask again.
        ConsentMissingError: the best copy's loss bound is over the RPO, or unknown, and nobody has consented.
        ReplicaBehindError: a planned move's target has not received everything yet; try again.
    """
    incident = going_on(ports, command.ticket)
    records = [ports.store.database(name) for name in command.databases]
    chosen_before = [each for each in records if _is_chosen(each, command)]
    before = {each.name: str(each.target) for each in chosen_before}
    moving = [each for each in records if each.name not in before]
    for record in chosen_before:  # whoever wrote it may have died before it was told
        _tell(ports, command, record)
    for record in moving:
        if record.phase not in STOPPED or record.incident != command.ticket.id:
            raise NotFencedError(
                f"{record.name}: the writer {record.writer} is neither FENCED nor WAITED_OUT ({record.phase})"
            )
    chosen = _best(ports, command, incident, moving, before)
    if incident.machine == Machine.SWITCHOVER:
        for record in moving:
            _await_everything(ports, record, chosen[record.name].region)
        # What was weighed is older than what was waited for: the target has everything now.
        chosen = {name: replace(target, loss_seconds=0.0) for name, target in chosen.items()}
    if incident.machine != Machine.SWITCHOVER:
        _require_consent(ports, command, chosen)
    if not before:
        _require_no_order(ports, command)
    if incident.state is IncidentState.WAITING:
        change_incident(ports, command.ticket, lambda seen: replace(seen, state=IncidentState.OPEN, waiting_since=None))
    for name, target in chosen.items():
        _commit(ports, command, name, target, _allowed(command, incident, name, target))
    return {**before, **{name: target.region for name, target in chosen.items()}}


def _is_chosen(record: DatabaseRecord, command: IncidentCommand) -> bool:
    return record.phase in AFTER_NO_RETURN and record.incident == command.ticket.id


def _best(
    ports: Ports,
    command: IncidentCommand,
    incident: Incident,
    moving: list[DatabaseRecord],
    before: dict[str, str],
) -> dict[str, Candidate]:
    """Return each database's target; those declared together go to one region, also where one has its target already.

    An executor may have died between the writes of two that belong together.
    """
    topology = command.topology
    # Else the loss would be understated: a promise lets the source write longer than its last renewal tells.
    known = [with_promise(each, ports.promises.read(each.name).promise) for each in moving]
    found = candidates_of(ports, topology, known, ports.store.control(), tuple(ports.store.votes()))
    for name in found:
        mates = [before[mate] for mate in topology.moves_with([name]) if mate in before]
        wanted = incident.target or next(iter(mates), None)
        if wanted is not None:
            found[name] = tuple(_unless_asked_for(each, wanted) for each in found[name])
    targets = best_targets(topology, [each.name for each in moving], found)
    missing = [name for name, target in targets.items() if target is None]
    if missing:
        why = "; ".join(f"{copy}: {reason}" for copy, reason in refusals(found, targets).items())
        if any(each.unheard for name in missing for each in found[name]):
            # One call that was throttled must not undo a failover: every copy may have answered a second later.
            raise DatabaseUnreachableError(f"no copy of {', '.join(missing)} may be promoted yet ({why})")
        raise NoTargetError(f"no copy of {', '.join(missing)} may be promoted ({why})")
    return {name: target for name, target in targets.items() if target is not None}


def _unless_asked_for(candidate: Candidate, wanted: str) -> Candidate:
    if candidate.region == wanted or candidate.refused:
        return candidate
    return replace(candidate, refused=f"{wanted} was chosen")


def _await_everything(ports: Ports, record: DatabaseRecord, target: str) -> None:
    """A planned move loses nothing: look until the target has received all that the fenced source had written.

    Nobody can write meanwhile, so it looks often, and for a short time.
    """
    for _ in range(POLLS):
        state = ports.agent.describe(record.name, target)
        if record.final is not None and state.position >= record.final:
            return
        ports.clock.sleep(POLL_SECONDS)
    raise ReplicaBehindError(
        f"{record.name} in {target} is at {state.position} and its source was fenced at {record.final}; looking again"
    )


def _require_consent(ports: Ports, command: IncidentCommand, chosen: dict[str, Candidate]) -> None:
    for name, target in chosen.items():
        loss, allowed = target.loss_seconds, command.topology.database(name).rpo_seconds
        if loss is not None and loss <= allowed:
            continue
        consent = standing_consent(ports, name)
        if consent is not None and consent.refuses:
            raise ConsentRefusedError(f"{consent.by} refused to lose data of {name}: {consent.reason}")
        if consent is not None:
            continue
        told = worded_loss(name, target.region, loss, allowed)
        question = f"{told}; consent with `lifeboat consent {name} --reason …`, or abort"
        _wait_for_consent(ports, command, name, question)
        raise ConsentMissingError(question)


def _wait_for_consent(ports: Ports, command: IncidentCommand, database: str, question: str) -> None:
    now = ports.clock.now()

    def waiting(incident: Incident) -> Incident:
        if incident.state is IncidentState.WAITING:
            return incident
        return replace(incident, state=IncidentState.WAITING, waiting_since=now)

    incident = owned(change_incident(ports, command.ticket, waiting), command.ticket)
    limit = command.topology.policy.consent_seconds
    if incident.waiting_since == now:
        tell(ports, command.ticket, "CONSENT_ASKED", question, database=database)
    if incident.waiting_since is not None and (now - incident.waiting_since).total_seconds() > limit:
        raise ConsentTimedOutError(f"nobody consented within {limit:g} s; the source keeps its right to write")


def _require_no_order(ports: Ports, command: IncidentCommand) -> None:
    """Read again right before the point of no return: a pause or an abort wins until then and not after."""
    incident = owned(ports.store.control(), command.ticket)
    if incident.aborted is not None:
        raise AbortedByOperatorError(f"aborted before the point of no return: {incident.aborted}")
    pause = standing_pause(ports)
    if pause is not None:
        raise PausedByOperatorError(f"paused before the point of no return: {pause.reason}")


def _allowed(command: IncidentCommand, incident: Incident, name: str, target: Candidate) -> LossAllowed:
    """Return what the promotion may lose.

    Never ``NONE`` when the move was not planned, not even where the target has everything: an engine may then ask
    for a healthy source, and the source of an unplanned move is none.
    """
    if incident.machine == Machine.SWITCHOVER:
        return LossAllowed.NONE
    loss, objective = target.loss_seconds, command.topology.database(name).rpo_seconds
    within = loss is not None and loss <= objective
    return LossAllowed.WITHIN_OBJECTIVE if within else LossAllowed.CONSENTED


def _commit(ports: Ports, command: IncidentCommand, name: str, target: Candidate, allowed: LossAllowed) -> None:
    def promoting(seen: DatabaseRecord) -> DatabaseRecord:
        if _is_chosen(seen, command) and seen.target == target.region:
            return seen
        if _is_chosen(seen, command):  # two runs of one state: this one stood still, and its state was tried again
            raise ChangedMeanwhileError(f"{name} goes to {seen.target} by another run of this step; it is weighed anew")
        if seen.phase not in STOPPED or seen.incident != command.ticket.id:
            raise NotFencedError(f"{name} is {seen.phase} of incident {seen.incident}; it must be stopped by this one")
        known = target.loss_seconds
        return replace(seen, phase=Phase.PROMOTING, target=target.region, allowed=allowed, bound_seconds=known)

    _tell(ports, command, change_database(ports, command.ticket, name, promoting))


def _tell(ports: Ports, command: IncidentCommand, record: DatabaseRecord) -> None:
    if record.phase is not Phase.PROMOTING:
        return
    bound = "unknown" if record.bound_seconds is None else f"{record.bound_seconds:.1f} s"
    text = f"{record.target} shall write {record.name}; loss bound {bound}"
    facts, epoch = {"loss_bound": bound}, record.epoch + 1
    tell(ports, command.ticket, "PROMOTING", text, database=record.name, epoch=epoch, facts=facts)
