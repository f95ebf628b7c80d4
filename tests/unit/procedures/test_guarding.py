"""The guard extends what was granted, and can do nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from failover.adapters.memory import ManualClock, MemoryCopy, MemoryPromisers, MemoryStore, MemoryTelemetry
from failover.errors import (
    DatabaseUnreachableError,
    EpochRefusedError,
    GateRefusedError,
    LeaseRefusedError,
    LifeboatError,
    PromiseRefusedError,
    StoreUnreachableError,
)
from failover.ports import CopyState
from failover.procedures.guarding import GuardPorts, guard, prolong, renew
from failover.procedures.renewing import POSITIONS
from failover.promises import Promise
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
        return renew(self.store, self.copy, self.store.database("orders"), US, LEASE)

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


def test_a_replica_renews_nothing(post: Post) -> None:
    """Its positions are another server's, and would count as what the writer has acknowledged."""
    before = post.record
    post.copy.in_recovery = True
    post.clock.sleep(5)
    with pytest.raises(GateRefusedError, match="us-east-1 is the writer by its item, and its copy is a replica"):
        post.renew()
    assert post.record == before


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
        nobody = MemoryPromisers({})
        return GuardPorts(US, post.clock, post.store, nobody, {"orders": post.copy, **copies}, MemoryTelemetry())

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

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda copy: setattr(copy, "in_recovery", True), "is a replica"),
            (lambda copy: copy.fence(1), "fenced"),
            (lambda copy: copy.fence(2), "epoch"),
        ],
        ids=["demoted", "fenced-by-hand", "fenced-for-the-next-epoch"],
    )
    def test_a_writer_whose_own_copy_refuses_it_is_told(
        self, post: Post, spoil: Callable[[MemoryCopy], object], reason: str
    ) -> None:
        """Nobody can write, and no region's health need say so: a copy that is fenced has handed over."""
        spoil(post.copy)
        ports = self.ports(post)
        guard(ports, quickstart(), 20.0)
        refused = ports.telemetry.refused  # type: ignore[attr-defined]
        assert [database for database, _ in refused] == ["orders"] * 4
        assert reason in refused[0][1]

    def test_of_who_is_not_the_writer_nothing_is_told(self, post: Post) -> None:
        post.revoke()
        ports = self.ports(post)
        guard(ports, quickstart(), 20.0)
        assert not ports.telemetry.refused  # type: ignore[attr-defined]

    def test_a_guard_of_a_region_that_is_not_the_writer_lives_and_extends_nothing(self, post: Post) -> None:
        post.change(writer=EU)
        assert guard(self.ports(post), quickstart(), 30.0) == {"orders": 0}
        assert not post.copy.open()


class TestWithoutTheStore:
    """No replica answers; what then counts is the word of every control region."""

    def answering(self, post: Post, **refusals: str) -> GuardPorts:
        """Every control region promises, but for those that say why not."""
        self.asked: list[Promise] = []

        def give(region: str, promise: Promise) -> None:
            self.asked.append(promise)
            if region in refusals:
                raise PromiseRefusedError(refusals[region])

        giving = {region: partial(give, region) for region in quickstart().control_regions}
        post.store.reachable = False
        return GuardPorts(US, post.clock, post.store, MemoryPromisers(giving), {"orders": post.copy}, MemoryTelemetry())

    def prolong(self, ports: GuardPorts) -> bool:
        return prolong(ports, quickstart(), "orders", ports.copies["orders"])

    def test_an_open_gate_goes_on_when_every_control_region_promises(self, post: Post) -> None:
        ports = self.answering(post)
        post.copy.position = 4711
        assert guard(ports, quickstart(), 60.0) == {"orders": 0}
        assert post.copy.open()
        assert len(self.asked) == 12 * len(quickstart().control_regions)
        first = self.asked[0]
        assert (first.database, first.region, first.epoch, first.position.lsn) == ("orders", US, 1, 4711)

    @pytest.mark.parametrize("region", quickstart().control_regions)
    def test_one_refusal_is_enough_for_writes_to_stop(self, post: Post, region: str) -> None:
        """Its own region's as well: an executor may run there."""
        ports = self.answering(post, **{region: "acting"})
        guard(ports, quickstart(), 20.0)
        assert not post.copy.open()
        assert ports.telemetry.failsafes[0] == (  # type: ignore[attr-defined]
            "orders",
            {region: "PromiseRefusedError: acting"},
        )

    def test_a_region_that_nobody_asked_has_promised_nothing(self, post: Post) -> None:
        ports = replace(self.answering(post), promisers=MemoryPromisers({EU: lambda _promise: None}))
        assert not self.prolong(ports)

    def test_nobodys_word_is_not_everybodys(self, post: Post) -> None:
        ports = replace(self.answering(post), promisers=MemoryPromisers({}))
        assert not prolong(ports, quickstart(control_regions=()), "orders", post.copy)

    def test_a_gate_that_is_shut_stays_shut(self, post: Post) -> None:
        ports = self.answering(post)
        post.clock.sleep(19)
        assert not self.prolong(ports)
        assert (self.asked, post.copy.open()) == ([], False)

    @pytest.mark.parametrize("shut", [lambda copy: copy.fence(1), lambda copy: copy.fence(2)])
    def test_a_fence_that_comes_while_it_asks_wins(self, post: Post, shut: Callable[[MemoryCopy], object]) -> None:
        ports = self.answering(post)
        giving = {region: lambda _promise: shut(post.copy) for region in quickstart().control_regions}
        with pytest.raises((GateRefusedError, EpochRefusedError)):
            self.prolong(replace(ports, promisers=MemoryPromisers(giving)))
        assert not post.copy.open()

    def test_the_databases_clock_is_read_before_anybody_is_asked(self, post: Post) -> None:
        """Answers that take long give the gate nothing for that time."""
        began = post.now
        giving = {region: lambda _promise: post.clock.sleep(4) for region in quickstart().control_regions}
        assert self.prolong(replace(self.answering(post), promisers=MemoryPromisers(giving)))
        assert post.copy.gate_valid_until == began + LEASE.lease_seconds - LEASE.margin_seconds

    def test_a_store_that_says_no_is_not_gone_around(self, post: Post) -> None:
        ports = self.answering(post)
        post.store.reachable = True
        post.revoke()
        guard(ports, quickstart(), 30.0)
        assert (self.asked, post.copy.open()) == ([], False)

    def test_the_store_is_waited_for_once_in_a_round_and_not_for_each_database(self, post: Post) -> None:
        """Three databases and a store that takes 4.5 s to say nothing: else the last one's lease would run out."""
        ports = self.answering(post)
        others = {name: MemoryCopy(post.clock) for name in ("invoices", "stock")}
        for copy in others.values():
            copy.admit(1, post.now + 18.0)

        def hanging(_name: str) -> DatabaseRecord:
            post.clock.sleep(4.5)
            raise StoreUnreachableError("no replica answered")

        post.store.database = hanging  # type: ignore[method-assign, assignment]
        guard(replace(ports, copies={**ports.copies, **others}), quickstart(), 60.0)
        assert [copy.open() for copy in (post.copy, *others.values())] == [True, True, True]

    def test_when_the_store_is_back_the_journal_is_told(self, post: Post) -> None:
        ports, sleep = self.answering(post), post.clock.sleep

        def outage(seconds: float) -> None:
            sleep(seconds)
            post.store.reachable = post.clock.elapsed() >= 30

        post.clock.sleep = outage  # type: ignore[method-assign]
        assert guard(ports, quickstart(), 60.0) == {"orders": 6}
        (entry,) = post.store.journal()
        assert (entry.kind, entry.database) == ("FAILSAFE", "orders")
        assert "promised 6 times" in entry.text
