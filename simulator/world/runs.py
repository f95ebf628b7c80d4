"""Runs of functions: who acts when a handler does, and what may befall one in its midst."""

from dataclasses import dataclass

from greenlet import GreenletExit

from failover.ports import Ports
from failover.procedures.desk import DatabaseDesk
from failover.procedures.guarding import GuardPorts
from failover.procedures.lever import Lever
from failover.topology import Topology
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Invoked


@dataclass(frozen=True, slots=True)
class Wiring:
    """What ``runtime.wiring`` gives the functions of one region."""

    topology: Topology
    ports: Ports
    promising: Ports
    guard: GuardPorts
    desk: DatabaseDesk
    lever: Lever


@dataclass(frozen=True, slots=True)
class Halt:
    """What befalls a run when its ``write``-th write has happened (0: before the first): death, or a standstill."""

    write: int
    seconds: float | None = None


@dataclass(slots=True)
class Run:
    """One run of a function: who acts when one of its handlers does."""

    region: str
    function: str
    wiring: Wiring
    halt: Halt | None = None
    writes: int = 0

    def writing(self) -> None:
        """It is about to write."""
        if self.halt is not None and self.halt.write == 0:
            self._halt()

    def wrote(self) -> None:
        """It has written, and does not know it yet."""
        self.writes += 1
        if self.halt is not None and self.writes == self.halt.write:
            self._halt()

    def answering(self) -> None:
        """It is about to answer: one that wrote less than it was to be halted at is halted here."""
        if self.halt is not None:
            self._halt()

    def _halt(self) -> None:
        halt, self.halt = self.halt, None
        assert halt is not None
        if halt.seconds is None:
            raise GreenletExit
        self.wiring.ports.clock.sleep(halt.seconds)


@dataclass(slots=True)
class Spoil:
    """What becomes of the next ``times`` invocations of a function (``*``: any) in a region (``*``: any)."""

    function: str
    region: str
    times: int | None
    halt: Halt | None = None
    how: Invoked | None = None

    def meets(self, function: str, region: str) -> bool:
        """Whether it is about this invocation, and not used up."""
        return self.times != 0 and self.function in (function, EVERYWHERE) and self.region in (region, EVERYWHERE)

    def used(self) -> "Spoil":
        """It has befallen one more invocation."""
        self.times = None if self.times is None else self.times - 1
        return self
