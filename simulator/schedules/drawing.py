"""Draws schedules, swarm style: each enables some kinds of faults and operations only, and then uses these much.

A schedule in which everything happens a little reaches few deep states; one in which few things happen often does.
"""

from collections.abc import Collection, Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from failover.procedures.requests import Machine
from failover.topology import Automation, Topology
from rehearsal.form import Event, Expectation, Fault, FaultKind, Operation, OperationKind, Scenario, Step
from rehearsal.form import faults as form
from rehearsal.form.expectations import HOLD
from rehearsal.form.timings import Timings
from simulator.schedules.kinds import DRAWN, OF_DATABASES
from simulator.schedules.lots import Lots
from simulator.schedules.moments import LAST_HEAL_SECONDS, Moment, at_a_time, upon_an_event
from simulator.schedules.paces import pace
from simulator.schedules.people import ABOUT_DATABASES, DONE, started

ENABLED: Final = 0.4
"""The share of all schedules in which a kind is enabled."""

LOST_SHARE: Final = 0.55
"""The share of schedules in which the writer's region or database is lost at the beginning."""

BY_HAND_SHARE: Final = 0.7
"""The share of schedules that somebody begins by hand, of those in which nothing is lost at the beginning."""

FAILBACK_SHARE: Final = 0.35
"""How often what was lost is taken back when it was failed over, of the schedules that lose their writer."""

LYING_IN_WAIT: Final = frozenset(
    {
        FaultKind.EXECUTOR_FROZEN,
        FaultKind.EXECUTOR_KILLED,
        FaultKind.PROMOTION_REFUSED,
        FaultKind.PROMOTION_SLOW,
        FaultKind.PROMOTION_UNANSWERED,
        FaultKind.REGION_DOWN_AFTER,
    }
)
"""Faults that break nothing until a step comes to the place where they wait."""

FORGOTTEN: Final = {FaultKind.REGION_DOWN: 0.25, **dict.fromkeys(sorted(LYING_IN_WAIT), 0.4)}
"""How often a fault of a kind is healed only when everything is; a tenth of the others."""

ASKED_SHARE: Final = 0.75
"""How often somebody answers, of the schedules in which people are asked before anything is done."""

MOST_FAULTS: Final = 6
MOST_OPERATIONS: Final = 3
SHORTEST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 60.0
"""How long a fault stands."""

QUIET: Final = "quiet"
HOLDS: Final = Expectation(invariants=(HOLD,))


class Placed(NamedTuple):
    """A step, and when it comes at the latest: in this order steps stand in a scenario."""

    latest: float
    step: Step


def draw(topology: Topology, seed: int, kinds: Collection[FaultKind | OperationKind] | None = None) -> Scenario:
    """Return the schedule of a seed; the same one for ever, as long as nothing in this package changes.

    ``kinds`` are the faults and operations that may be in it (default: all). Each fault is healed after a while or
    at ``quiet``, when everything is; the last step is the end of the schedule. Operations may be refused.
    """
    lots = Lots(topology, Random(f"schedule {seed}"))  # noqa: S311 - repeatable, and no secret
    paced = pace(lots)
    latest = paced.quiet_at - LAST_HEAL_SECONDS
    placed = [*_placed(lots, _allowed(lots, kinds), paced.timings, latest)]
    placed.sort(key=_latest)
    steps = [each.step for each in placed]
    steps.append(Step.model_construct(at=paced.quiet_at, heal="all", mark=QUIET))
    steps.append(Step.model_construct(at=paced.quiet_seconds, after=QUIET, expect=HOLDS))
    return Scenario.model_construct(
        proves=f"schedule {seed} of {topology.name} breaks no invariant",
        topology=topology.name,
        timings=paced.timings,
        steps=tuple(steps),
        name=f"schedule-{seed}",
    )


def _latest(placed: Placed) -> float:
    return placed.latest


def _allowed(lots: Lots, kinds: Collection[FaultKind | OperationKind] | None) -> list[FaultKind | OperationKind]:
    """Return what may be drawn, in an order of its own, whatever the order of ``kinds``."""
    known: list[FaultKind | OperationKind] = [*DRAWN, *DONE]
    if not lots.databases:
        known = [kind for kind in known if kind not in OF_DATABASES and kind not in ABOUT_DATABASES]
    return known if kinds is None else [kind for kind in known if kind in kinds]


def _placed(
    lots: Lots, allowed: Sequence[FaultKind | OperationKind], timings: Timings, latest: float
) -> Iterator[Placed]:
    enabled = [kind for kind in allowed if lots.happens(ENABLED)]
    beginning = _beginning(lots, allowed)
    begins = beginning[0].at if beginning is not None else 0.0
    standing: set[Fault] = set()
    if beginning is not None:
        moment, loss = beginning
        standing.add(loss)
        if OperationKind.START_EXECUTION in allowed and lots.happens(FAILBACK_SHARE):
            yield from _lost_and_back(lots, moment, loss, latest)
        else:
            stands = lots.spread(SHORTEST_SECONDS, 15) if lots.happens(0.25) else lots.between(15, latest)
            yield from _fault(moment, loss, "lost", stands, latest)
    for number, (moment, fault) in enumerate(_faults(lots, enabled, begins, latest), 1):
        if fault not in standing:  # the same thing cannot break twice
            standing.add(fault)
            yield from _fault(moment, fault, f"fault-{number}", _standing(lots, fault, latest), latest)
    if beginning is None and OperationKind.START_EXECUTION in allowed and lots.happens(BY_HAND_SHARE):
        machine = Machine.SWITCHOVER if lots.happens(0.6) else Machine.FAILOVER
        yield _operation(at_a_time(lots, 1.0, latest / 2), started(lots, machine))
    if timings.automation is Automation.APPROVE and OperationKind.APPROVAL in allowed and lots.happens(ASKED_SHARE):
        yield _operation(*DONE[OperationKind.APPROVAL](lots, latest))
    yield from _operations(lots, enabled, latest)


def _beginning(lots: Lots, allowed: Sequence[FaultKind | OperationKind]) -> tuple[Moment, Fault] | None:
    """Lose the writer in some way in more than half of all schedules: else most of the machines never run."""
    kinds = [kind for kind in (FaultKind.REGION_DOWN, FaultKind.DATABASE_DOWN) if kind in allowed]
    if not kinds or not lots.happens(LOST_SHARE):
        return None
    moment = at_a_time(lots, 1.0, 15.0)
    if kinds == [FaultKind.DATABASE_DOWN] or (len(kinds) > 1 and lots.happens(0.25)):
        database = lots.databases[0]
        return moment, form.DatabaseDown.model_construct(database=database.name, region=database.born_primary)
    return moment, form.RegionDown.model_construct(region=lots.writer)


def _lost_and_back(lots: Lots, moment: Moment, loss: Fault, latest: float) -> Iterator[Placed]:
    """Yield a loss that ends soon after it was failed over, and a failback: the two must come in this order."""
    returns, taken = lots.spread(0.5, 8), lots.spread(0.5, 8)
    over = Event.model_construct(journal="INCIDENT_CLOSED", by=round(latest - returns - taken, 3))
    yield Placed(moment.latest, Step.model_construct(at=moment.at, fault=loss))
    yield Placed(over.by + returns, Step.model_construct(at=returns, upon=over, heal=loss))
    asked = Moment(round(returns + taken, 3), over, latest)
    yield _operation(asked, started(lots, Machine.FAILBACK))


def _faults(
    lots: Lots, enabled: Sequence[FaultKind | OperationKind], begins: float, latest: float
) -> Iterator[tuple[Moment, Fault]]:
    """Draw when and what: a third at any time, mostly while something goes on, the others upon an event."""
    kinds = [kind for kind in enabled if isinstance(kind, FaultKind)]
    for _ in range(int(lots.random() * (MOST_FAULTS + 1)) if kinds else 0):
        fault = DRAWN[lots.one(kinds)](lots)
        if fault.kind in LYING_IN_WAIT and lots.happens(0.8):
            yield at_a_time(lots, 0.0, begins + 10), fault
        elif lots.happens(0.35):
            busy = lots.happens(0.7)
            yield at_a_time(lots, begins if busy else 0.0, min(begins + 45, latest - 1) if busy else latest - 1), fault
        else:
            yield upon_an_event(lots, latest - 1), fault


def _standing(lots: Lots, fault: Fault, latest: float) -> float:
    """Draw how long a fault stands, in seconds; one that lies in wait must stand until its step comes."""
    if lots.happens(FORGOTTEN.get(fault.kind, 0.1)):
        return latest
    return lots.between(20, latest) if fault.kind in LYING_IN_WAIT else lots.spread(SHORTEST_SECONDS, LONGEST_SECONDS)


def _fault(moment: Moment, fault: Fault, mark: str, stands: float, latest: float) -> Iterator[Placed]:
    """Yield a fault and its end; what would end in the quiet is healed when all is."""
    ends = moment.latest + stands
    step = Step.model_construct(at=moment.at, upon=moment.upon, fault=fault, mark=mark if ends < latest else None)
    yield Placed(moment.latest, step)
    if ends < latest:
        yield Placed(ends, Step.model_construct(at=stands, after=mark, heal=fault))


def _operations(lots: Lots, enabled: Sequence[FaultKind | OperationKind], latest: float) -> Iterator[Placed]:
    kinds = [kind for kind in enabled if isinstance(kind, OperationKind)]
    for _ in range(int(lots.random() * (MOST_OPERATIONS + 1)) if kinds else 0):
        yield _operation(*DONE[lots.one(kinds)](lots, latest))


def _operation(moment: Moment, operation: Operation) -> Placed:
    return Placed(moment.latest, Step.model_construct(at=moment.at, upon=moment.upon, operator=operation))
