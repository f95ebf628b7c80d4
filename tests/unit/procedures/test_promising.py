"""What a control region promises a guard, what it does not, and what a promise is worth to whoever revokes."""

from dataclasses import replace
from typing import Any

import pytest

from failover.errors import (
    ChangedMeanwhileError,
    ConsentMissingError,
    LocalTableUnreachableError,
    PromiseRefusedError,
    RequestInvalidError,
)
from failover.plain import as_plain
from failover.procedures.choosing import choose_target
from failover.procedures.leases import await_lease, revoke_lease
from failover.procedures.promising import give_promise, outlasts, requested, with_promise
from failover.procedures.regranting import regrant_lease
from failover.promises import Promise
from failover.records import Health, LeaseSighting, LeaseState, Phase, Position, Vote
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World


def promise_of(world: World, later_seconds: float = 1.0, **changes: Any) -> Promise:
    """As the writer's guard asks now, so long after its newest renewal."""
    newest = world.store.database("orders").lease.positions[-1]
    position = Position(newest.lsn + 700, newest.at + later_seconds)
    return replace(Promise("orders", US, 1, position, 20.0), **changes)


@pytest.fixture
def world() -> World:
    made = World()
    made.run(12)
    return made


@pytest.fixture
def moving() -> OpenIncident:
    return OpenIncident()


def give(world: World, promise: Promise, here: str = EU, reaches_the_store: bool = False) -> None:
    world.store.reachable = reaches_the_store
    try:
        give_promise(world.ports(here), world.topology, promise)
    finally:
        world.store.reachable = True


class TestGiving:
    def test_what_is_promised_is_written_down(self, world: World) -> None:
        promise = promise_of(world)
        give(world, promise)
        assert world.promises[EU].read("orders").promise == promise
        assert world.promises[AP].read("orders").promise is None

    def test_a_region_that_reaches_the_store_promises_what_is_so_there(self, world: World) -> None:
        give(world, promise_of(world), reaches_the_store=True)
        assert world.promises[EU].read("orders").promise is not None

    @pytest.mark.parametrize(
        "changes",
        [{"writer": EU}, {"epoch": 2}, {"lease": "REVOKED"}],
        ids=["another-writer", "another-epoch", "revoked"],
    )
    def test_and_not_what_is_not(self, world: World, changes: dict[str, Any]) -> None:
        promise, record = promise_of(world), world.store.database("orders")
        if "lease" in changes:
            changes = {"lease": replace(record.lease, state=LeaseState.REVOKED)}
        world.store.change_database(record, replace(record, **changes))
        with pytest.raises(PromiseRefusedError, match="in the store the writer is"):
            give(world, promise, reaches_the_store=True)
        assert world.promises[EU].read("orders").promise is None

    def test_a_later_promise_takes_the_place_of_an_earlier_one_and_not_the_other_way_round(self, world: World) -> None:
        late, early = promise_of(world, 6.0), promise_of(world, 1.0)
        give(world, early)
        give(world, late)
        give(world, early)
        assert world.promises[EU].read("orders").promise == late

    def test_a_promise_for_a_shorter_lease_takes_nothing_back(self, world: World) -> None:
        """A guard of an earlier deployment promised itself a minute; the next one's lease has 20 s."""
        give(world, promise_of(world, 1.0, lasts_seconds=60.0))
        give(world, promise_of(world, 6.0))
        known = world.promises[EU].read("orders").promise
        assert known is not None
        assert known.lasts_seconds == 55.0

    def test_an_epoch_before_one_that_was_promised_gets_none(self, world: World) -> None:
        give(world, promise_of(world, epoch=3))
        with pytest.raises(PromiseRefusedError, match="has promised epoch 3"):
            give(world, promise_of(world, epoch=2))

    def test_what_cannot_be_written_down_is_not_promised(self, world: World) -> None:
        world.promises[EU].reachable = False
        with pytest.raises(LocalTableUnreachableError):
            give(world, promise_of(world))

    @pytest.mark.parametrize("changes", [{"database": "invoices"}, {"region": "mars-north-1"}])
    def test_a_copy_that_the_topology_does_not_have_is_refused(self, world: World, changes: dict[str, Any]) -> None:
        with pytest.raises(RequestInvalidError, match="orders in us-east-1, eu-west-1, ap-southeast-1"):
            give(world, promise_of(world, **changes))

    @pytest.mark.parametrize("document", [{}, {"promise": None}, {"promise": {"database": "orders"}}, {"promise": 4}])
    def test_a_request_that_is_none_says_what_it_lacks(self, document: dict[str, Any]) -> None:
        with pytest.raises(RequestInvalidError, match="it takes database, region, epoch"):
            requested(document)

    def test_a_request_is_read_as_it_was_written(self, world: World) -> None:
        promise = promise_of(world)
        assert requested({"promise": as_plain(promise)}) == promise


class TestRevoking:
    def seen_unrenewed(self, moving: OpenIncident, seconds: float = 300.0) -> None:
        record = moving.record
        seen = (LeaseSighting("orders", record.epoch, record.lease.renewal, seconds),)
        moving.world.store.cast(Vote(US, AP, Health.UNHEALTHY, "", 99, 1, moving.ports.clock.now(), 9.0, ("a",), seen))

    def test_an_executor_waits_out_what_its_region_has_promised(self, moving: OpenIncident) -> None:
        self.seen_unrenewed(moving)
        give(moving.world, promise_of(moving.world))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 22.0}

    def test_also_for_as_long_as_a_guard_of_another_deployment_was_promised(self, moving: OpenIncident) -> None:
        give(moving.world, promise_of(moving.world, lasts_seconds=60.0))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 62.0}

    @pytest.mark.parametrize(
        "changes", [{"later_seconds": 0.0}, {"region": AP}], ids=["before the newest renewal", "of another region"]
    )
    def test_a_promise_that_opened_nothing_since_costs_no_time(
        self, moving: OpenIncident, changes: dict[str, Any]
    ) -> None:
        self.seen_unrenewed(moving)
        give(moving.world, promise_of(moving.world, **changes))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 0.0}

    def test_it_counts_under_whichever_epoch_it_was_given(self, moving: OpenIncident) -> None:
        """The store may be an epoch ahead of a gate, when the admission of a re-granted lease was lost."""
        give(moving.world, promise_of(moving.world))
        record = moving.record
        moving.world.store.change_database(record, replace(record, epoch=3))
        self.seen_unrenewed(moving)
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 22.0}

    def test_from_then_on_nothing_is_promised(self, moving: OpenIncident) -> None:
        promise = promise_of(moving.world)
        revoke_lease(moving.ports, moving.of_database())
        with pytest.raises(PromiseRefusedError, match=moving.ticket.id):
            give(moving.world, promise)

    def test_whoever_takes_over_stops_promising_too_and_waits_out_its_own(self, moving: OpenIncident) -> None:
        give(moving.world, promise_of(moving.world), here=AP)
        revoke_lease(moving.ports, moving.of_database())
        control = moving.world.store.control()
        assert control.incident is not None
        taken = replace(control.incident, owner=AP, term=control.term + 1)
        moving.world.store.change_control(control, replace(control, incident=taken, term=taken.term))
        moving.ticket = replace(moving.ticket, owner=AP, term=taken.term)
        self.seen_unrenewed(moving)
        assert revoke_lease(moving.world.ports(AP), moving.of_database()) == {"wait_seconds": 22.0}
        with pytest.raises(PromiseRefusedError):
            give(moving.world, promise_of(moving.world, 9.0), here=AP)

    def test_the_new_writers_epoch_may_be_promised_by_whoever_made_it_the_writer(self, moving: OpenIncident) -> None:
        waiting = revoke_lease(moving.ports, moving.of_database())
        moving.world.kill(US)
        await_lease(moving.ports, moving.of_database(**waiting))
        record = moving.record
        admitted = replace(record, phase=Phase.ADMITTED, writer=EU, epoch=2)
        moving.world.store.change_database(record, admitted)
        revoke_lease(moving.ports, moving.of_database())  # repeated, late
        give(moving.world, promise_of(moving.world, region=EU, epoch=2))

    def test_nothing_is_revoked_while_what_was_promised_is_not_known(self, moving: OpenIncident) -> None:
        moving.world.promises[EU].reachable = False
        with pytest.raises(LocalTableUnreachableError):
            revoke_lease(moving.ports, moving.of_database())
        assert moving.record.lease.state is LeaseState.GRANTED

    def test_a_database_that_moved_on_meanwhile_is_looked_at_again(self, moving: OpenIncident) -> None:
        promises, record = moving.world.promises[EU], moving.record
        read = promises.read

        def meanwhile(database: str) -> Any:
            seen = moving.record
            if seen.epoch == record.epoch:
                moving.world.store.change_database(seen, replace(seen, epoch=3))
            return read(database)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(promises), "read", lambda _self, database: meanwhile(database))
            with pytest.raises(ChangedMeanwhileError, match="came to epoch 3"):
                revoke_lease(moving.world.ports(EU), moving.of_database())


class TestGivingBack:
    def test_a_source_that_has_its_lease_again_may_be_promised_again(self, moving: OpenIncident) -> None:
        revoke_lease(moving.ports, moving.of_database())
        regrant_lease(moving.ports, moving.of_database())
        with pytest.raises(PromiseRefusedError):
            give(moving.world, promise_of(moving.world))  # the gate of before the fence
        give(moving.world, promise_of(moving.world, epoch=moving.record.epoch))

    def test_one_that_nobody_reaches_keeps_its_epoch_and_may_be_promised(self, moving: OpenIncident) -> None:
        revoke_lease(moving.ports, moving.of_database())
        moving.world.kill(US)
        regrant_lease(moving.ports, moving.of_database())
        give(moving.world, promise_of(moving.world))

    def test_a_table_that_does_not_answer_holds_no_lease_back(self, moving: OpenIncident) -> None:
        revoke_lease(moving.ports, moving.of_database())
        moving.world.promises[EU].reachable = False
        regrant_lease(moving.ports, moving.of_database())
        assert moving.record.lease.state is LeaseState.GRANTED
        moving.world.promises[EU].reachable = True
        with pytest.raises(PromiseRefusedError):
            give(moving.world, promise_of(moving.world))


class TestWeighingLosses:
    def test_a_promise_counts_as_the_newest_renewal(self, world: World) -> None:
        record, promise = world.store.database("orders"), promise_of(world, 30.0)
        known = with_promise(record, promise)
        assert known.lease.positions == (*record.lease.positions, promise.position)
        assert known.lease.renewal == record.lease.renewal

    @pytest.mark.parametrize("changes", [{"region": AP}, {"later_seconds": 0.0}, {"later_seconds": -5.0}])
    def test_one_that_outlasts_nothing_does_not(self, world: World, changes: dict[str, Any]) -> None:
        record, promise = world.store.database("orders"), promise_of(world, **changes)
        assert not outlasts(promise, record)
        assert with_promise(record, promise) == record
        assert with_promise(record, None) == record

    def test_the_target_is_chosen_with_the_loss_that_promises_allowed(self, moving: OpenIncident) -> None:
        """The source wrote for a minute on promises, which no replica received: more than the RPO allows."""
        give(moving.world, promise_of(moving.world, 60.0))
        waiting = revoke_lease(moving.ports, moving.of_database())
        moving.world.kill(US)
        await_lease(moving.ports, moving.of_database(**waiting))
        with pytest.raises(ConsentMissingError, match=r"would lose up to 8\d s"):
            choose_target(moving.ports, moving.of_all())
