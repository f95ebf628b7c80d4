"""Drawn faults of the functions: not run, not in time, killed or frozen in their midst, with a wrong clock."""

from collections.abc import Callable, Mapping
from typing import Final

from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.faults import Fault, FaultKind, Invoked
from rehearsal.form.steps import step_names
from simulator.schedules.lots import Lots
from simulator.schedules.moments import OFTEN, STATES

BESIDE: Final = ("ProbeRegions", "GuardLease", "DecideFailover", "GivePromise", "AnswerLever")
"""The functions that no state calls."""

STEPS: Final = tuple(step for step in STATES if step in step_names())
OFTEN_STEPS: Final = tuple(step for step in OFTEN if step in step_names())
SKEWS: Final = (0.5, 2.0, 5.0, 30.0, 300.0, 3600.0)
WRITES: Final = (0, 1, 1, 2, 3)
"""At which write of a function: before the first, after it, …; a step rarely has more than three."""


def _step(lots: Lots) -> str:
    kind = lots.random()
    return lots.one(BESIDE if kind < 0.15 else OFTEN_STEPS if kind < 0.55 else STEPS)


def _observer_down(lots: Lots) -> Fault:
    return form.ObserverDown.model_construct(region=lots.control_region())


def _guard_dead(lots: Lots) -> Fault:
    return form.GuardDead.model_construct(region=lots.region(), frozen=lots.happens(0.5))


def _functions_down(lots: Lots) -> Fault:
    return form.FunctionsDown.model_construct(region=lots.region())


def _functions_frozen(lots: Lots) -> Fault:
    return form.FunctionsFrozen.model_construct(region=lots.region())


def _executor_killed(lots: Lots) -> Fault:
    region, write = lots.anywhere(lots.control_regions), lots.one(WRITES)
    return form.ExecutorKilled.model_construct(step=_step(lots), region=region, times=lots.times(3), write=write)


def _executor_frozen(lots: Lots) -> Fault:
    region, write, seconds = lots.anywhere(lots.control_regions), lots.one(WRITES), lots.spread(0.5, 40)
    return form.ExecutorFrozen.model_construct(
        step=_step(lots), region=region, times=lots.times(2), write=write, seconds=seconds
    )


def _invocations(lots: Lots) -> Fault:
    step = EVERYWHERE if lots.happens(0.3) else _step(lots)
    times = None if step == EVERYWHERE or lots.happens(0.3) else lots.times(3)
    region = lots.anywhere(lots.control_regions)
    return form.Invocations.model_construct(how=lots.one(tuple(Invoked)), step=step, region=region, times=times)


def _clock_skew(lots: Lots) -> Fault:
    ahead = 1 if lots.happens(0.5) else -1
    return form.ClockSkew.model_construct(region=lots.control_region(), seconds=ahead * lots.one(SKEWS))


def _region_down_after(lots: Lots) -> Fault:
    return form.RegionDownAfter.model_construct(state=lots.one(OFTEN if lots.happens(0.6) else STATES))


def _capacity_missing(lots: Lots) -> Fault:
    return form.CapacityMissing.model_construct(region=lots.one(lots.regions))


FUNCTIONS: Final[Mapping[FaultKind, Callable[[Lots], Fault]]] = {
    FaultKind.CAPACITY_MISSING: _capacity_missing,
    FaultKind.CLOCK_SKEW: _clock_skew,
    FaultKind.EXECUTOR_FROZEN: _executor_frozen,
    FaultKind.EXECUTOR_KILLED: _executor_killed,
    FaultKind.FUNCTIONS_DOWN: _functions_down,
    FaultKind.FUNCTIONS_FROZEN: _functions_frozen,
    FaultKind.GUARD_DEAD: _guard_dead,
    FaultKind.INVOCATIONS: _invocations,
    FaultKind.OBSERVER_DOWN: _observer_down,
    FaultKind.REGION_DOWN_AFTER: _region_down_after,
}
