"""When something happens: at a time, or between two events of the control plane, which no time would hit."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from rehearsal.form import Event
from rehearsal.form.events import Written
from simulator.schedules.lots import Lots

STATES: Final = (
    "OpenIncident", "AwaitApproval", "AskVeto", "CheckReadiness", "PrepareCapacity", "ShiftTraffic", "RevokeLease",
    "FenceSource", "AwaitLease", "ChooseTarget", "AwaitConsent", "PromoteDatabase", "AdmitWriter", "PromoteCache",
    "CheckReplication", "Bake", "VerifyTarget", "VerifyTraffic", "CloseIncident", "AnnounceOutcome", "WeighFailure",
    "RegrantLease", "ClearEvacuation", "HoldForOperator", "ArchiveTail", "RejoinDatabase", "AwaitReplica",
    "ReturnTraffic",
)  # fmt: skip
"""The states in which something is done or waited for, in the order of a failover, then the other machines'."""

OFTEN: Final = STATES[5:13]
"""Those about which every failover of a database turns."""

LINES: Final = (
    "DECISION", "INCIDENT_OPENED", "JOINED", "APPROVAL_ASKED", "CAPACITY_ASKED", "EVACUATED", "LEASE_REVOKED",
    "FENCED", "FENCE_UNREACHABLE", "LEASE_WAITED_OUT", "PROMOTING", "PROMOTION_ASKED", "PROMOTED", "ADMITTED",
    "LEVERS_AGREE", "INCIDENT_CLOSED", "OUTCOME", "HOLDING", "COMPENSATED", "LEASE_REGRANTED", "TAKEN_OVER", "VOTE",
    "REJOINING", "REJOINED", "TAIL_ARCHIVED", "TRAFFIC_RETURNED",
)  # fmt: skip
"""The journal's kinds of lines upon which a schedule may do something."""

MOST: Final = {Written.CONTROL: 16, Written.DATABASE: 40, Written.VOTE: 24, Written.WORD: 3, Written.JOURNAL: 50}
"""About how often an item of each kind is written in a schedule: guards and observers write all the time."""

LAST_HEAL_SECONDS: Final = 1.0
"""What a schedule heals itself is healed so long before all is healed."""


class Moment(NamedTuple):
    """``at`` seconds from the start, or from an event; ``latest`` is when it comes at the latest, from the start."""

    at: float
    upon: Event | None
    latest: float


def at_a_time(lots: Lots, least: float, most: float) -> Moment:
    """Draw a time, each as likely as the others."""
    at = lots.between(least, most)
    return Moment(at, None, at)


def upon_an_event(lots: Lots, latest: float) -> Moment:
    """Draw an event, and how long after it: mostly at once, before anything else can happen."""
    way = lots.random()
    if way < 0.25:
        event = {"entered": _state(lots)}
    elif way < 0.5:
        event = {"left": _state(lots)}
    elif way < 0.75:
        event = {"journal": lots.one(LINES)}
    else:
        return _upon_an_item(lots, latest)
    return upon(lots, event, latest, nth=lots.times(3) if lots.happens(0.3) else 1)


def upon(lots: Lots, event: Mapping[str, Any], latest: float, *, nth: int = 1, longest: float = 10.0) -> Moment:
    """Draw how long after an event; an event that does not come counts as come in time for ``latest``."""
    after = 0.0 if lots.happens(0.6) else lots.spread(0.05, longest)
    by = round(min(lots.between(0.4 * latest, latest), latest - after), 3)
    made = Event.model_construct(**event, nth=nth, by=by)
    return Moment(after, made, by + after)


def _upon_an_item(lots: Lots, latest: float) -> Moment:
    kind = lots.one(tuple(MOST))
    nth = 1 + int(MOST[kind] * lots.random())
    after = 0.0 if lots.happens(0.8) else lots.spread(0.01, 2)
    by = round(lots.between(0.4, 1.0) * latest - after, 3)
    return Moment(after, Event.model_construct(written=kind, nth=nth, by=by), by + after)


def _state(lots: Lots) -> str:
    return lots.one(OFTEN) if lots.happens(0.6) else lots.one(STATES)
