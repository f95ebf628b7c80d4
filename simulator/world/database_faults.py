"""What breaks of databases: servers, disks, replicas, promotions, and the nodes that a region may have."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.faults import Fault
from simulator.world.databases import Copy
from simulator.world.faulting import Doing
from simulator.world.services import NextCalls

if TYPE_CHECKING:
    from simulator.world.world import World


class DatabaseFaults:
    """Faults of servers, replication, RDS and EKS."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._failing: dict[Fault, list[NextCalls]] = {}
        self.kinds: Mapping[type[Fault], Doing] = {
            form.DatabaseDown: Doing(self._down, self._up),
            form.DatabaseReadOnly: Doing(self._read_only, self._read_write),
            form.DiskFull: Doing(self._fill, self._empty),
            form.ReplicaLag: Doing(self._lag, self._catch_up),
            form.PromotionRefused: Doing(self._refuse, self._answer),
            form.PromotionUnanswered: Doing(self._leave_unanswered, self._answer),
            form.PromotionSlow: Doing(self._slow, self._quick),
            form.CapacityMissing: Doing(self._exhaust, self._replenish),
        }

    def _copy(self, fault: form.DatabaseDown | form.DatabaseReadOnly | form.DiskFull) -> Copy:
        return self._world.copies[fault.database, fault.region]

    def _down(self, fault: form.DatabaseDown) -> None:
        self._copy(fault).reachable = False

    def _up(self, fault: form.DatabaseDown) -> None:
        self._copy(fault).reachable = not self._world.is_lost(fault.region)

    def _read_only(self, fault: form.DatabaseReadOnly) -> None:
        self._copy(fault).read_only = True

    def _read_write(self, fault: form.DatabaseReadOnly) -> None:
        self._copy(fault).read_only = False

    def _fill(self, fault: form.DiskFull) -> None:
        self._copy(fault).full = True

    def _empty(self, fault: form.DiskFull) -> None:
        copy = self._copy(fault)
        copy.full, copy.reachable = False, not self._world.is_lost(fault.region)

    def _lag(self, fault: form.ReplicaLag) -> None:
        for copy in self._copies(fault):
            if fault.seconds is None:
                copy.held_back = True
            else:
                copy.extra_lag_seconds = fault.seconds

    def _catch_up(self, fault: form.ReplicaLag) -> None:
        for copy in self._copies(fault):
            copy.held_back, copy.extra_lag_seconds = False, 0.0

    def _refuse(self, fault: form.PromotionRefused) -> None:
        self._let_fail(fault, NextCalls(fault.region, fault.times, fault.error))

    def _leave_unanswered(self, fault: form.PromotionUnanswered) -> None:
        self._let_fail(fault, NextCalls(fault.region, fault.times))

    def _let_fail(self, fault: Fault, calls: NextCalls) -> None:
        self._failing.setdefault(fault, []).append(calls)
        self._world.promotions.failing.append(calls)

    def _answer(self, fault: Fault) -> None:
        self._world.promotions.failing.remove(self._failing[fault].pop())

    def _slow(self, fault: form.PromotionSlow) -> None:
        self._world.promotions.slow_seconds[fault.region] = fault.seconds

    def _quick(self, fault: form.PromotionSlow) -> None:
        self._world.promotions.slow_seconds.pop(fault.region, None)

    def _exhaust(self, fault: form.CapacityMissing) -> None:
        self._world.compute.refused[fault.region] = "InsufficientInstanceCapacity"

    def _replenish(self, fault: form.CapacityMissing) -> None:
        self._world.compute.refused.pop(fault.region, None)

    def _copies(self, fault: form.ReplicaLag) -> list[Copy]:
        """Also those that are no replicas: a copy may become one, or be one no longer, while the fault stands."""
        return [
            copy
            for (name, region), copy in self._world.copies.items()
            if name == fault.database and fault.region in (region, EVERYWHERE)
        ]
