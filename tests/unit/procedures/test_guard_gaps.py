"""No guard runs for a while, from any moment of the lease on: the gate shuts in time, and one writer is left."""

import pytest

from failover.adapters.memory import MemoryPromisers, MemoryTelemetry
from failover.procedures.commands import DatabaseCommand, Ticket
from failover.procedures.guarding import GuardPorts, guard
from failover.procedures.leases import await_lease, revoke_lease
from failover.procedures.opening import open_incident
from failover.procedures.regranting import regrant_lease
from tests.products import EU, US, quickstart
from tests.unit.procedures.virtual_time import DriftingClock, Stage
from tests.worlds import World

LEASE = quickstart().lease
GATE_SECONDS = LEASE.lease_seconds - LEASE.margin_seconds
MOMENTS = [20.0, 20.7, 22.5, 24.9]
"""Within a period of the renewals, which come every 5 s."""

GAPS = [3.0, 8.0, 12.9, 15.0, 18.0, 25.0, 60.0]


class Play:
    """A writer whose guard stands still for a while, and the times at which its gate was shut."""

    def __init__(self, starts: float, gap: float) -> None:
        self.stage, self.world = Stage(), World()
        clock = DriftingClock(self.stage)
        self.world.clock = clock  # type: ignore[assignment]
        for copy in self.world.copies.values():
            copy.clock = clock
        self.shut: list[float] = []
        self.stage.actor(lambda: self.guard(starts))
        self.stage.actor(lambda: self.guard(100.0), at=starts + gap)
        self.stage.actor(self.look)

    def guard(self, until: float) -> None:
        clock = DriftingClock(self.stage)
        copies = {"orders": self.world.copies["orders", US]}
        ports = GuardPorts(US, clock, self.world.store, MemoryPromisers({}), copies, MemoryTelemetry())
        guard(ports, self.world.topology, until - self.stage.now)

    def look(self) -> None:
        while self.stage.now < 100.0:
            if self.world.writer() is None:
                self.shut.append(round(self.stage.now, 1))
            self.stage.sleep(0.1)

    def fail_over(self, at: float, undo: bool) -> None:
        """Take the lease away at a moment, and give it back when nothing more is to come of it."""

        def execute() -> None:
            ports = self.world.ports(EU)
            opened = open_incident(ports, self.world.topology, US, "R330", "no guard, no writes")
            command = DatabaseCommand(self.world.topology, Ticket.of(opened), "orders", {})
            waiting = revoke_lease(ports, command)
            if undo:
                regrant_lease(ports, command)
                return
            await_lease(ports, DatabaseCommand(command.topology, command.ticket, "orders", waiting))
            assert self.world.writer() is None
            self.waited_out_at = self.stage.now

        self.waited_out_at = float("inf")
        self.stage.actor(execute, at=at)


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("starts", MOMENTS)
def test_a_gap_shuts_the_gate_when_the_lease_is_over_and_the_next_guard_opens_it(starts: float, gap: float) -> None:
    """The newest renewal was at most a period before the gap; the gate lives on for a lease less its margin."""
    play = Play(starts, gap)
    play.stage.run()
    newest = LEASE.renew_seconds * ((starts - 0.01) // LEASE.renew_seconds)
    shuts_at, opens_at = newest + GATE_SECONDS, starts + gap
    if shuts_at >= opens_at:
        assert play.shut == []
    else:
        assert play.shut[0] == pytest.approx(shuts_at, abs=0.11)
        assert play.shut[-1] == pytest.approx(opens_at, abs=0.21)
    assert play.world.writer() == US


@pytest.mark.parametrize("undo", [False, True], ids=["waited out", "given back"])
@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("starts", MOMENTS)
def test_a_guard_that_comes_back_late_opens_nothing_that_was_taken_away(starts: float, gap: float, undo: bool) -> None:
    """It was taken away 4 s into the gap. Whoever gets it back has been asked for by name, and is written down."""
    play = Play(starts, gap)
    play.fail_over(starts + 4.0, undo)
    play.stage.run()
    if undo:
        assert play.world.writer() == US
        return
    assert play.waited_out_at < 100.0
    assert play.shut[0] <= play.waited_out_at
    assert len(play.shut) == pytest.approx((100.0 - play.shut[0]) * 10, abs=2)  # shut from then on, without a gap
