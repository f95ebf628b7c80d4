"""What breaks of the control plane itself: functions, events, clocks, and answers that are amiss."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rehearsal.form import faults as form
from rehearsal.form.fault_kinds import Amiss, Failing, Source, Spoiled
from rehearsal.form.faults import Fault
from simulator.world.faulting import Doing
from simulator.world.runs import Halt, Spoil

if TYPE_CHECKING:
    from simulator.world.world import World

SIGNATURE_SECONDS: Final = 900.0
"""How old a request may be by its own time: five minutes in most cases (IAM User Guide, "AWS Signature Version 4 for
API requests"), fifteen with some services. The longer counts here, so that no wrong clock is missed."""

PROBES, GUARDS = "probe_regions", "guard_lease"


class ControlFaults:
    """Faults of Lambda, EventBridge, the functions' clocks, and of what they are told."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._spoils: dict[Fault, list[Spoil]] = {}
        self.kinds: Mapping[type[Fault], Doing] = {
            form.ObserverDown: Doing(
                lambda fault: self._stop(fault.region, PROBES), lambda fault: self._let(fault.region, PROBES)
            ),
            form.GuardDead: Doing(self._guard_dead, self._guard_alive),
            form.FunctionsDown: Doing(self._functions_down, self._functions_up),
            form.FunctionsFrozen: Doing(self._freeze, self._thaw),
            form.ExecutorKilled: Doing(self._let_die, self._spare),
            form.ExecutorFrozen: Doing(self._let_freeze, self._spare),
            form.Invocations: Doing(self._spoil_invocations, self._spare),
            form.ClockSkew: Doing(self._set_wrong, self._set_right),
            form.SpoiledEvents: Doing(self._spoil, self._mend),
            form.Answers: Doing(self._answer_amiss, self._answer_truly),
        }

    def _stop(self, region: str, function: str) -> None:
        functions = self._world.functions
        functions.stopped.add((function, region))
        for actor in functions.of(region, function):
            actor.kill()

    def _let(self, region: str, function: str) -> None:
        self._world.functions.stopped.discard((function, region))

    def _guard_dead(self, fault: form.GuardDead) -> None:
        if not fault.frozen:
            self._stop(fault.region, GUARDS)
            return
        self._world.functions.stopped.add((GUARDS, fault.region))
        for actor in self._world.functions.of(fault.region, GUARDS):
            actor.freeze()

    def _guard_alive(self, fault: form.GuardDead) -> None:
        self._let(fault.region, GUARDS)
        for actor in self._world.functions.of(fault.region, GUARDS):
            actor.thaw()

    def _functions_down(self, fault: form.FunctionsDown) -> None:
        world = self._world
        world.network.powerless[fault.region] = Failing.REFUSE
        world.executions.lose_power(fault.region)
        world.functions.lose_power(fault.region)

    def _functions_up(self, fault: form.FunctionsDown) -> None:
        self._world.network.powerless.pop(fault.region, None)
        if not self._world.is_lost(fault.region):
            self._world.executions.have_power(fault.region)

    def _freeze(self, fault: form.FunctionsFrozen) -> None:
        functions = self._world.functions
        functions.frozen.add(fault.region)
        for actor in functions.of(fault.region):
            actor.freeze()

    def _thaw(self, fault: form.FunctionsFrozen) -> None:
        functions = self._world.functions
        functions.frozen.discard(fault.region)
        for actor in functions.of(fault.region):
            actor.thaw()

    def _let_die(self, fault: form.ExecutorKilled) -> None:
        self._befall(fault, Spoil(function_of(fault.step), fault.region, fault.times, Halt(fault.write)))

    def _let_freeze(self, fault: form.ExecutorFrozen) -> None:
        self._befall(fault, Spoil(function_of(fault.step), fault.region, fault.times, Halt(fault.write, fault.seconds)))

    def _spoil_invocations(self, fault: form.Invocations) -> None:
        self._befall(fault, Spoil(function_of(fault.step), fault.region, fault.times, how=fault.how))

    def _befall(self, fault: Fault, spoil: Spoil) -> None:
        self._spoils.setdefault(fault, []).append(spoil)
        self._world.functions.spoils.append(spoil)

    def _spare(self, fault: Fault) -> None:
        self._world.functions.spoils.remove(self._spoils[fault].pop())

    def _set_wrong(self, fault: form.ClockSkew) -> None:
        self._world.skew[fault.region] = fault.seconds
        mistimed = self._world.network.mistimed
        (mistimed.add if abs(fault.seconds) > SIGNATURE_SECONDS else mistimed.discard)(fault.region)

    def _set_right(self, fault: form.ClockSkew) -> None:
        self._world.skew.pop(fault.region, None)
        self._world.network.mistimed.discard(fault.region)

    def _spoil(self, fault: form.SpoiledEvents) -> None:
        if fault.how is Spoiled.STALE:
            self._world.bus.redeliver(fault.region)
        else:
            self._world.bus.spoiled[fault.region] = (fault.how, fault.seconds)

    def _mend(self, fault: form.SpoiledEvents) -> None:
        self._world.bus.spoiled.pop(fault.region, None)
        for each in self._world.faults.standing:
            if isinstance(each, form.SpoiledEvents) and each.region == fault.region and each.how is not Spoiled.STALE:
                self._world.bus.spoiled[each.region] = (each.how, each.seconds)

    def _answer_amiss(self, fault: form.Answers) -> None:
        self._world.gray.begin(fault)
        if fault.what is Source.ALARMS:
            self._world.outside.alarms.stir(fault.region)
        if fault.what is Source.RESOLVER:
            self._set_resolvers()

    def _answer_truly(self, fault: form.Answers) -> None:
        self._world.gray.end(fault)
        if fault.what is Source.RESOLVER:
            self._set_resolvers()

    def _set_resolvers(self) -> None:
        gray = self._world.gray
        for name, group in self._world.outside.clients.groups.items():
            group.resolver.ignores_ttl = gray.lies(Source.RESOLVER, name, Amiss.STALE)
            group.resolver.extra_seconds = gray.late(Source.RESOLVER, name)


def function_of(state: str) -> str:
    """Return the function of a state: ``PromoteDatabase`` is run by promote_database; ``*`` is any."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", state).lower()
