"""What operators do in a schedule: what is sensible when they are asked, and at times what is wrong."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from failover.procedures.operating import SKIPPABLE
from failover.procedures.requests import Machine
from rehearsal.form import operations as form
from rehearsal.form.operations import EITHER, Operation, OperationKind
from simulator.schedules.lots import Lots
from simulator.schedules.moments import STATES, Moment, at_a_time, upon, upon_an_event

Done = tuple[Moment, Operation]

MACHINES: Final = tuple(Machine)
SKIPPED: Final = tuple(sorted(SKIPPABLE))
IN_TIME: Final = {
    Machine.FAILBACK: ("INCIDENT_CLOSED",),
    Machine.ROLLBACK: ("INCIDENT_OPENED", "APPROVAL_ASKED", "EVACUATED", "LEASE_REVOKED", "FENCED", "HOLDING"),
}
"""The lines of the journal upon which a machine has something to do; at other times it is refused."""

IN_TIME_SECONDS: Final = {Machine.FAILBACK: 30.0, Machine.ROLLBACK: 2.0}
WRONG: Final = 0.1
"""How often an operator names the wrong step, region or target."""


def _any_time(lots: Lots, latest: float) -> Moment:
    return at_a_time(lots, 1.0, latest) if lots.happens(0.3) else upon_an_event(lots, latest)


def _when_asked(lots: Lots, latest: float, event: dict[str, str]) -> Moment:
    """Mostly soon after the question; at times before, or long after it."""
    return upon(lots, event, latest, longest=30.0) if lots.happens(0.7) else _any_time(lots, latest)


def _consent(lots: Lots, latest: float) -> Done:
    moment = _when_asked(lots, latest, {"entered": "AwaitConsent"})
    name = lots.one(lots.databases).name if lots.databases else "orders"
    return moment, form.Consent.model_construct(database=name, refuses=lots.happens(0.25), refused=EITHER)


def _approval(lots: Lots, latest: float) -> Done:
    moment = _when_asked(lots, latest, {"journal": "APPROVAL_ASKED"})
    return moment, form.Approval.model_construct(refuses=lots.happens(0.25), refused=EITHER)


def _veto(lots: Lots, latest: float) -> Done:
    return _when_asked(lots, latest, {"entered": "AskVeto"}), form.Veto.model_construct(refused=EITHER)


def _pause(lots: Lots, latest: float) -> Done:
    forgotten = lots.happens(0.15)
    lasting = 3600.0 if forgotten else lots.spread(2, 60)
    return _any_time(lots, latest), form.Pause.model_construct(lasting=lasting, refused=EITHER)


def _resume(lots: Lots, latest: float) -> Done:
    return _any_time(lots, latest), form.Resume.model_construct(refused=EITHER)


def _abort(lots: Lots, latest: float) -> Done:
    return _any_time(lots, latest), form.Abort.model_construct(refused=EITHER)


def _skip(lots: Lots, latest: float) -> Done:
    step = lots.one(STATES) if lots.happens(WRONG) else lots.one(SKIPPED)
    return _any_time(lots, latest), form.Skip.model_construct(step=step, refused=EITHER)


def _acknowledge(lots: Lots, latest: float) -> Done:
    lasting = lots.spread(5, 120)
    operation = form.Acknowledge.model_construct(region=lots.region(), lasting=lasting, refused=EITHER)
    return _any_time(lots, latest), operation


def _hand_promotion(lots: Lots, latest: float) -> Done:
    database = lots.one(lots.databases)
    region = lots.one(database.regions if lots.happens(WRONG) else database.replicas or database.regions)
    operation = form.HandPromotion.model_construct(database=database.name, region=region, refused=EITHER)
    return _any_time(lots, latest), operation


def _start_execution(lots: Lots, latest: float) -> Done:
    machine = lots.one(MACHINES)
    if machine in IN_TIME and lots.happens(0.7):
        moment = upon(lots, {"journal": lots.one(IN_TIME[machine])}, latest, longest=IN_TIME_SECONDS[machine])
    else:
        moment = _any_time(lots, latest)
    return moment, started(lots, machine)


def _stop_execution(lots: Lots, latest: float) -> Done:
    region, machine = lots.anywhere(lots.control_regions), _mostly_failover(lots)
    operation = form.StopExecution.model_construct(region=region, machine=machine, refused=EITHER)
    return upon_an_event(lots, latest), operation


def _redrive(lots: Lots, latest: float) -> Done:
    region, machine = lots.anywhere(lots.control_regions), _mostly_failover(lots)
    operation = form.Redrive.model_construct(region=region, machine=machine, refused=EITHER)
    return _when_asked(lots, latest, {"journal": "TAKEN_OVER"}), operation


def _deploying(lots: Lots, latest: float) -> Done:
    operation = form.Deploying.model_construct(region=lots.region(), ended=lots.happens(0.3), refused=EITHER)
    return _any_time(lots, latest), operation


def _mostly_failover(lots: Lots) -> str:
    return "failover" if lots.happens(0.7) else lots.one(MACHINES).value


def started(lots: Lots, machine: Machine) -> form.StartExecution:
    """Draw how somebody starts a machine by hand: mostly about the writer's region, from another one."""
    subject = lots.writer if lots.happens(0.75) else lots.one(lots.regions)
    elsewhere = [region for region in lots.control_regions if region != subject]
    region = lots.one(elsewhere) if elsewhere and not lots.happens(WRONG) else lots.control_region()
    return form.StartExecution.model_construct(
        machine=machine.value, region=region, subject=subject, input=_input(lots, machine, subject), refused=EITHER
    )


def _input(lots: Lots, machine: Machine, subject: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    moves = machine in (Machine.FAILOVER, Machine.SWITCHOVER, Machine.DATABASE_FAILOVER)
    if machine is Machine.SWITCHOVER or (moves and lots.happens(0.3)):
        others = [region for region in lots.regions if region != subject]
        told["target"] = subject if lots.happens(WRONG) or not others else lots.one(others)
    if moves and lots.happens(0.2):
        told["evacuate"] = lots.happens(0.5)
    if lots.databases and lots.happens(0.15):
        told["databases"] = [lots.one(lots.databases).name]
        told["epochs"] = {told["databases"][0]: lots.times(3)}
    if lots.happens(0.15):
        told["dry_run"] = True
    return told


DONE: Final[Mapping[OperationKind, Callable[[Lots, float], Done]]] = {
    OperationKind.ABORT: _abort,
    OperationKind.ACKNOWLEDGE: _acknowledge,
    OperationKind.APPROVAL: _approval,
    OperationKind.CONSENT: _consent,
    OperationKind.DEPLOYING: _deploying,
    OperationKind.HAND_PROMOTION: _hand_promotion,
    OperationKind.PAUSE: _pause,
    OperationKind.REDRIVE: _redrive,
    OperationKind.RESUME: _resume,
    OperationKind.SKIP: _skip,
    OperationKind.START_EXECUTION: _start_execution,
    OperationKind.STOP_EXECUTION: _stop_execution,
    OperationKind.VETO: _veto,
}
"""How each operation is drawn, with its moment, which comes by the given time; in the order of their names."""

ABOUT_DATABASES: Final = frozenset({OperationKind.CONSENT, OperationKind.HAND_PROMOTION})
"""Those that a topology without a database that can move does not have."""
