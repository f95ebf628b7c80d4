"""The guard extends what was granted, and can do nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from failover.adapters.memory import ManualClock, MemoryCopy, MemoryStore, MemoryTelemetry
from failover.errors import (
    DatabaseUnreachableError,
    EpochRefusedError,
    GateRefusedError,
    LeaseRefusedError,
    LifeboatError,
    StoreUnreachableError,
)
from failover.ports import CopyState
from failover.procedures.guarding import GuardPorts, guard, renew
from failover.procedures.renewing import POSITIONS
from failover.records import DatabaseRecord, LeaseRecord, LeaseState, Position
from tests.products import EU, US, quickstart

LEASE = quickstart().lease
GRANTED = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1))


@dataclass
class Post:
    """A guard's post beside an admitted database."""

    clock: ManualClock
    store: MemoryStore
    copy: MemoryCopy

    def renew(self) -> bool:
        return renew(self.store, self.copy, "orders", US, LEASE)

    @property
    def record(self) -> DatabaseRecord:
        return self.store.database("orders")

    @property
    def now(self) -> float:
        return self.clock.now().timestamp()

    def change(self, **changes: Any) -> None:
        self.store.change_database(self.record, replace(self.record, **changes))

    def revoke(self) -> None:
        self.change(lease=replace(self.record.lease, state=LeaseState.REVOKED))


@pytest.fixture
def post() -> Post:
    clock, store = ManualClock(), MemoryStore()
    copy = MemoryCopy(clock)
    copy.admit(1, clock.now().timestamp() + 18.0)
    store.initialise([GRANTED])
    return Post(clock, store, copy)


def test_a_renewal_is_told_to_the_store_with_position_and_the_databases_clock(post: Post) -> None:
    post.copy.position = 4711
    post.clock.sleep(5)
    assert post.renew()
    assert post.record.lease == LeaseRecord(LeaseState.GRANTED, 2, (Position(4711, post.now),), LEASE.lease_seconds)
    assert post.copy.gate_valid_until == post.now + LEASE.lease_seconds - LEASE.margin_seconds


def test_the_databases_clock_is_read_before_the_store_is_asked(post: Post) -> None:
    """A guard that hangs between its reading and its write gives the gate nothing for that time."""
    began, change = post.now, post.store.change_database

    def slow(seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        post.clock.sleep(11)
        return change(seen, wanted)

    post.store.change_database = slow  # type: ignore[method-assign]
    post.clock.sleep(5)
    assert post.renew()
    assert post.copy.gate_valid_until == began + 5 + 18.0


def test_of_overlapping_guards_one_renews_and_the_other_has_nothing_to_do(post: Post) -> None:
    post.clock.sleep(5)
    assert post.renew()
    post.clock.sleep(1)
    assert not post.renew()
    post.clock.sleep(2)
    assert post.renew()


def test_whoever_loses_the_write_extends_nothing(post: Post) -> None:
    """Between its reading and its write another guard, or a revocation, came first."""
    describe = MemoryCopy.describe

    def meanwhile(copy: MemoryCopy) -> CopyState:
        state = describe(copy)
        post.revoke()
        return state

    post.clock.sleep(5)
    before = post.copy.gate_valid_until
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryCopy, "describe", meanwhile)
        assert not post.renew()
    assert post.copy.gate_valid_until == before
    assert post.record.lease.state is LeaseState.REVOKED


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda post: post.revoke(), LeaseRefusedError),
        (lambda post: post.change(writer=EU), LeaseRefusedError),
        (lambda post: setattr(post.store, "reachable", False), StoreUnreachableError),
        (lambda post: setattr(post.copy, "reachable", False), DatabaseUnreachableError),
        (lambda post: post.copy.fence(1), GateRefusedError),
        (lambda post: post.copy.fence(2), EpochRefusedError),
        (lambda post: post.change(epoch=2), EpochRefusedError),
        (lambda post: setattr(post.copy, "in_recovery", True), GateRefusedError),
        (lambda post: setattr(post.copy, "timeline", 2), GateRefusedError),
    ],
    ids=[
        "revoked",
        "another-writer",
        "store-unreachable",
        "database-unreachable",
        "fenced",
        "fenced-for-the-next-epoch",
        "another-epoch",
        "in-recovery",
        "promoted-by-hand",
    ],
)
def test_what_it_may_not_extend_runs_out(post: Post, spoil: Callable[[Post], None], error: type[LifeboatError]) -> None:
    spoil(post)
    for _ in range(6):
        post.clock.sleep(5)
        with pytest.raises(error):
            post.renew()
    assert not post.copy.open()


def test_a_gate_that_ran_out_under_a_granted_lease_is_extended_again(post: Post) -> None:
    """The store could not be reached for a while and nobody revoked anything: the region is still the writer."""
    post.clock.sleep(60)
    assert not post.copy.open()
    assert post.renew()
    assert post.copy.open()


def test_only_so_many_positions_are_remembered(post: Post) -> None:
    for number in range(POSITIONS + 5):
        post.clock.sleep(5)
        post.copy.position = number
        post.renew()
    assert [each.lsn for each in post.record.lease.positions] == list(range(5, POSITIONS + 5))


class TestTheLoop:
    def ports(self, post: Post, **copies: MemoryCopy) -> GuardPorts:
        return GuardPorts(US, post.clock, post.store, {"orders": post.copy, **copies}, MemoryTelemetry())

    def test_it_renews_at_its_period_and_says_that_it_lives(self, post: Post) -> None:
        post.clock.sleep(5)
        ports = self.ports(post)
        assert guard(ports, quickstart(), 150.0) == {"orders": 30}
        assert post.clock.elapsed() == 155.0
        assert ports.telemetry.heartbeats == ["guard"] * 30  # type: ignore[attr-defined]

    def test_one_database_out_of_order_costs_no_other_its_lease(self, post: Post) -> None:
        post.store.initialise([replace(GRANTED, name="invoices")])
        lost = MemoryCopy(post.clock, reachable=False)
        assert guard(self.ports(post, invoices=lost, unknown=post.copy), quickstart(), 30.0)["orders"] == 6
        assert post.copy.open()

    def test_an_outage_of_the_store_ends_nothing(self, post: Post) -> None:
        sleep = post.clock.sleep

        def outage(seconds: float) -> None:
            sleep(seconds)
            post.store.reachable = not 20 <= post.clock.elapsed() < 45

        post.clock.sleep = outage  # type: ignore[method-assign]
        guard(self.ports(post), quickstart(), 60.0)
        assert post.copy.open()

    def test_a_guard_of_a_region_that_is_not_the_writer_lives_and_extends_nothing(self, post: Post) -> None:
        post.change(writer=EU)
        assert guard(self.ports(post), quickstart(), 30.0) == {"orders": 0}
        assert not post.copy.open()
