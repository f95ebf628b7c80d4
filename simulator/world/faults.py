"""Every fault of a scenario, done to the world and mended; every kind of fault that can be written can be played."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rehearsal.form import faults as form
from rehearsal.form.faults import Fault
from rehearsal.stage import StageError
from simulator.world.control_faults import ControlFaults
from simulator.world.database_faults import DatabaseFaults
from simulator.world.faulting import Doing
from simulator.world.region_faults import RegionFaults

if TYPE_CHECKING:
    from simulator.world.world import World

AGAIN: Final = (
    form.ApiDown,
    form.ApiThrottled,
    form.CapacityMissing,
    form.ClockSkew,
    form.DatabaseDown,
    form.DatabaseReadOnly,
    form.DiskFull,
    form.FunctionsDown,
    form.FunctionsFrozen,
    form.GuardDead,
    form.ObserverDown,
    form.PromotionSlow,
    form.ReplicaLag,
    form.Slow,
    form.StoreReplicaDown,
)
"""What may be broken twice without being more broken than once; the others count for themselves who holds them."""


class Faults:
    """Applies and heals; ``standing`` are those that are broken now."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.regions = RegionFaults(world)
        self.standing: list[Fault] = []
        self.kinds: Mapping[type[Fault], Doing] = {
            **self.regions.kinds,
            **DatabaseFaults(world).kinds,
            **ControlFaults(world).kinds,
        }

    @property
    def lost(self) -> set[str]:
        """The regions without power."""
        return self.regions.lost

    def apply(self, fault: Fault) -> None:
        """Break what the fault says; raises ``StageError`` for one that cannot be played."""
        doing = self.kinds.get(type(fault))
        if doing is None:
            known = ", ".join(sorted(each.kind.value for each in self.kinds))
            raise StageError(f"the simulator cannot play {fault.kind.value}; it plays: {known}")
        self._world.settle()
        self.standing.append(fault)
        doing.apply(fault)
        self._changed()

    def heal(self, fault: Fault) -> None:
        """Mend what the fault broke; nothing happens where it does not stand."""
        if fault not in self.standing:
            return
        self._world.settle()
        self.standing.remove(fault)
        self.kinds[type(fault)].heal(fault)
        self.restore()
        self._changed()

    def restore(self) -> None:
        """Break again what still stands: the end of one fault must not mend what another one has broken too."""
        for fault in self.standing:
            if isinstance(fault, AGAIN):
                self.kinds[type(fault)].apply(fault)

    def heal_all(self) -> None:
        """Mend everything that is broken, the newest first."""
        for fault in reversed(list(self.standing)):
            self.heal(fault)

    def _changed(self) -> None:
        self._world.settle()
        self._world.outside.checks.stir()
