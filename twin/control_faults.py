"""What a drill does to the control plane: functions that are gone, die, or have a wrong clock; spoiled events."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from failover.adapters.aws.clients import client
from rehearsal.form import faults as form
from rehearsal.form.faults import Fault, Spoiled
from twin.aws.events import Spoiling
from twin.aws.outages import Failure
from twin.faulting import Doing

if TYPE_CHECKING:
    from twin.twin import Twin


class ControlFaults:
    """Faults of Lambda, EventBridge and the functions' clocks."""

    def __init__(self, twin: "Twin") -> None:
        self._twin = twin
        self._reserved: dict[tuple[str, str], int | None] = {}
        self.skew: dict[str, float] = {}
        self.kinds: Mapping[type[Fault], Doing] = {
            form.ObserverDown: Doing(self._observer_down, self._observer_up),
            form.GuardDead: Doing(self._guard_dead, self._guard_alive),
            form.FunctionsDown: Doing(self._functions_down, self._functions_up),
            form.ExecutorKilled: Doing(self._let_die, self._spare),
            form.ClockSkew: Doing(self._set_wrong, self._set_right),
            form.SpoiledEvents: Doing(self._spoil, self._mend),
        }

    def _observer_down(self, fault: form.ObserverDown) -> None:
        self._stop(fault.region, "probe_regions")

    def _observer_up(self, fault: form.ObserverDown) -> None:
        self._resume(fault.region, "probe_regions")

    def _guard_dead(self, fault: form.GuardDead) -> None:
        if host := self._twin.sites.host(fault.region):
            host.stop_guards(frozen=fault.frozen)
            return
        self._stop(fault.region, "guard_lease", frozen=fault.frozen)

    def _guard_alive(self, fault: form.GuardDead) -> None:
        if host := self._twin.sites.host(fault.region):
            host.resume_guards()
            return
        if fault.frozen:
            self._twin.aws.functions.thaw_function(fault.region, self._twin.names.function("guard_lease"))
        self._resume(fault.region, "guard_lease")

    def _stop(self, region: str, step: str, *, frozen: bool = False) -> None:
        """Allow the function no invocation, as an operator would, and kill or freeze what runs of it."""
        name, functions = self._twin.names.function(step), client("lambda", region)
        told = functions.get_function_concurrency(FunctionName=name)
        self._reserved[region, step] = told.get("ReservedConcurrentExecutions")
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        if frozen:
            self._twin.aws.functions.freeze_function(region, name)
        else:
            self._twin.aws.functions.kill_function(region, name)

    def _resume(self, region: str, step: str) -> None:
        name, functions = self._twin.names.function(step), client("lambda", region)
        reserved = self._reserved.pop((region, step), None)
        if reserved is None:
            functions.delete_function_concurrency(FunctionName=name)
        else:
            functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)

    def _functions_down(self, fault: form.FunctionsDown) -> None:
        self._twin.aws.outages.region_down(fault.region, Failure.RESET)

    def _functions_up(self, fault: form.FunctionsDown) -> None:
        self._twin.aws.outages.region_up(fault.region)

    def _let_die(self, fault: form.ExecutorKilled) -> None:
        name = self._twin.names.function(_function_of(fault.step))
        self._twin.aws.functions.deaths.let_die(name, region=fault.region, times=fault.times)

    def _spare(self, fault: form.ExecutorKilled) -> None:
        self._twin.aws.functions.deaths.spare(self._twin.names.function(_function_of(fault.step)), fault.region)

    def _set_wrong(self, fault: form.ClockSkew) -> None:
        self.skew[fault.region] = fault.seconds
        self._twin.network.skew(fault.region, fault.seconds)

    def _set_right(self, fault: form.ClockSkew) -> None:
        self.skew.pop(fault.region, None)
        self._twin.network.skew(fault.region, 0.0)

    def _spoil(self, fault: form.SpoiledEvents) -> None:
        if fault.how is Spoiled.STALE:
            self._twin.aws.events.redeliver(fault.seconds, fault.region)
        else:
            self._twin.aws.events.spoiler.spoil(Spoiling(fault.how.value), fault.seconds, fault.region)

    def _mend(self, fault: form.SpoiledEvents) -> None:
        if fault.how is not Spoiled.STALE:  # what was delivered cannot be taken back
            self._twin.aws.events.spoiler.mend(fault.region)


def _function_of(state: str) -> str:
    """Return the function of a state: ``PromoteDatabase`` is run by promote_database."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", state).lower()
