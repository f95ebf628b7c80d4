"""What breaks of regions and of the ways between them: power, packets, APIs, slowness, places of the store."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Slowed, Underway
from rehearsal.form.faults import Fault
from simulator.world.data import STORE
from simulator.world.faulting import Doing
from simulator.world.network import OUTSIDE, USERS, functions_in
from simulator.world.paths import Underways

if TYPE_CHECKING:
    from simulator.world.world import World

Losing = form.RegionDown | form.RegionDownAfter | form.Flapping


class RegionFaults:
    """Faults of regions, networks and APIs; ``lost`` are the regions without power."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.lost: set[str] = set()
        self._held: dict[str, list[Losing]] = {}
        self._fallen: dict[Fault, list[str]] = {}
        self._waiting: list[form.RegionDownAfter] = []
        self._flapping: dict[Fault, list[object]] = {}
        self._underway: dict[Fault, list[Underways]] = {}
        self._slow_since: dict[Fault, float] = {}
        world.executions.left = self._state_left
        self.kinds: Mapping[type[Fault], Doing] = {
            form.RegionDown: Doing(
                lambda fault: self._lose(fault.region, fault),
                lambda fault: self._return(fault.region, fault),
            ),
            form.RegionDownAfter: Doing(self._lie_in_wait, self._give_up_waiting),
            form.Flapping: Doing(self._flap, self._end_flapping),
            form.NetworkCut: Doing(self._cut, self._mend),
            form.ClientsCut: Doing(self._cut_clients, self._let_clients),
            form.Slow: Doing(self._slow, self._quick),
            form.ApiDown: Doing(self._api_down, self._api_up),
            form.ApiThrottled: Doing(self._throttle, self._let_calls),
            form.StoreReplicaDown: Doing(self._store_down, self._store_up),
            form.Requests: Doing(self._go_unheard, self._hear),
        }

    def _lose(self, region: str, holder: Losing) -> None:
        """Everything at one blow: nothing of the region can act on the loss of the rest."""
        world, holders = self._world, self._held.setdefault(region, [])
        holders.append(holder)
        if region in self.lost:
            return
        self.lost.add(region)
        world.network.down[region] = holder.calls
        world.executions.lose_power(region)
        world.functions.lose_power(region)
        world.regions.forget(region)
        for copy in world.copies_in(region):
            copy.reachable = False

    def _return(self, region: str, holder: Losing) -> None:
        """Power comes back when nobody holds it any more: with what was on disk, and executions where they stood."""
        world, holders = self._world, self._held.get(region, [])
        if holder in holders:
            holders.remove(holder)
        if region not in self.lost:
            return
        if holders:
            world.network.down[region] = holders[0].calls
            return
        self.lost.discard(region)
        del world.network.down[region]
        for copy in world.copies_in(region):
            copy.reachable = True
        world.outside.restart(region)
        world.executions.have_power(region)
        world.faults.restore()

    def _lie_in_wait(self, fault: form.RegionDownAfter) -> None:
        self._waiting += [fault] * fault.times

    def _give_up_waiting(self, fault: form.RegionDownAfter) -> None:
        self._waiting = [each for each in self._waiting if each != fault]
        self._waiting += [fault] * fault.times * self._world.faults.standing.count(fault)
        for region in self._fallen.pop(fault, []):
            self._return(region, fault)

    def _state_left(self, region: str, state: str) -> None:
        """The region whose execution leaves a state goes down, in a turn of its own: it cannot end itself."""
        for fault in self._waiting:
            if fault.state == state and region not in self.lost:
                self._waiting.remove(fault)
                self._world.now(lambda: self._fall(region, fault))  # noqa: B023 - it returns right after
                return

    def _fall(self, region: str, fault: form.RegionDownAfter) -> None:
        if fault in self._world.faults.standing:  # it may have been healed in this very moment
            self._fallen.setdefault(fault, []).append(region)
            self._lose(region, fault)

    def _flap(self, fault: form.Flapping) -> None:
        turns = self._flapping.setdefault(fault, [])
        mine = object()
        turns.append(mine)

        def change(*, down: bool) -> None:
            if mine in turns:  # it may have been healed in this very moment
                (self._lose if down else self._return)(fault.region, fault)

        def turn(*, down: bool) -> None:
            if mine not in turns:
                return
            self._world.now(lambda: change(down=down))
            self._world.kernel.now_or_later(fault.period / 2, lambda: turn(down=not down))

        turn(down=True)

    def _end_flapping(self, fault: form.Flapping) -> None:
        self._flapping[fault].pop()
        self._return(fault.region, fault)

    def _paths(self, fault: form.NetworkCut) -> list[tuple[str, str]]:
        regions = self._world.topology.region_names
        if fault.observer is not None:
            there = functions_in(fault.observer)
            return [(there, place) for place in (*regions, OUTSIDE) if place != fault.observer]
        if fault.isolate is not None:
            return [(fault.isolate, EVERYWHERE), (EVERYWHERE, fault.isolate)]
        return [(str(fault.source), str(fault.target))]

    def _cut(self, fault: form.NetworkCut) -> None:
        for path in self._paths(fault):
            self._world.network.cut(path, fault.calls)

    def _mend(self, fault: form.NetworkCut) -> None:
        for path in self._paths(fault):
            self._world.network.mend(path, fault.calls)

    def _users_paths(self, fault: form.ClientsCut) -> list[tuple[str, str]]:
        others = [each for each in self._world.topology.region_names if each != fault.region] if fault.observers else []
        return [(USERS, fault.region), *((functions_in(each), fault.region) for each in others)]

    def _cut_clients(self, fault: form.ClientsCut) -> None:
        for path in self._users_paths(fault):
            self._world.network.cut(path, fault.calls)

    def _let_clients(self, fault: form.ClientsCut) -> None:
        for path in self._users_paths(fault):
            self._world.network.mend(path, fault.calls)

    def _slow(self, fault: form.Slow) -> None:
        world = self._world
        since = self._slow_since.setdefault(fault, world.kernel.now)
        slowness = _growing(since, fault.seconds, fault.grows)
        match fault.what:
            case Slowed.APPLICATION:
                world.outside.services[fault.region].slow = slowness
            case Slowed.AWS:
                world.network.slow[fault.region] = slowness
            case Slowed.DATABASE:
                for copy in world.copies_in(fault.region):
                    copy.slow_seconds = fault.seconds

    def _quick(self, fault: form.Slow) -> None:
        world = self._world
        self._slow_since.pop(fault, None)
        match fault.what:
            case Slowed.APPLICATION:
                world.outside.services[fault.region].slow = None
            case Slowed.AWS:
                world.network.slow.pop(fault.region, None)
            case Slowed.DATABASE:
                for copy in world.copies_in(fault.region):
                    copy.slow_seconds = 0.0

    def _api_down(self, fault: form.ApiDown) -> None:
        self._world.network.outages[fault.service, fault.region] = fault.calls

    def _api_up(self, fault: form.ApiDown) -> None:
        self._world.network.outages.pop((fault.service, fault.region), None)

    def _throttle(self, fault: form.ApiThrottled) -> None:
        self._world.network.throttles[fault.service, fault.region] = fault.share

    def _let_calls(self, fault: form.ApiThrottled) -> None:
        self._world.network.throttles.pop((fault.service, fault.region), None)

    def _store_down(self, fault: form.StoreReplicaDown) -> None:
        self._world.network.outages[STORE, fault.region] = fault.calls

    def _store_up(self, fault: form.StoreReplicaDown) -> None:
        self._world.network.outages.pop((STORE, fault.region), None)

    def _go_unheard(self, fault: form.Requests) -> None:
        late = fault.seconds if fault.how is Underway.LATE else None
        standing = Underways(fault.service, fault.region, late, fault.times)
        self._underway.setdefault(fault, []).append(standing)
        self._world.network.underways.append(standing)

    def _hear(self, fault: form.Requests) -> None:
        self._world.network.underways.remove(self._underway[fault].pop())


def _growing(began: float, seconds: float, grows: float) -> Callable[[float], float]:
    """A delay that is whole at once, or grows from nothing within so many seconds."""
    if not grows:
        return lambda _now: seconds
    return lambda now: seconds * min(1.0, max(0.0, now - began) / grows)
