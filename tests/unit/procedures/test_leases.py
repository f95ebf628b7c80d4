"""Taking the right to write away, and giving it back so that it can be used."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from failover.errors import (
    DatabaseUnreachableError,
    EpochRefusedError,
    FatalError,
    GateRefusedError,
    NotFencedError,
    StaleTermError,
)
from failover.ports import CopyState
from failover.procedures.choosing import choose_target
from failover.procedures.leases import await_lease, fence_source, revoke_lease
from failover.procedures.regranting import regrant_lease
from failover.records import Health, LeaseSighting, LeaseState, Phase, Vote
from tests.products import EU, US
from tests.unit.procedures.incidents import AgentBetween, OpenIncident


@pytest.fixture
def moving() -> OpenIncident:
    return OpenIncident()


def revoked(moving: OpenIncident) -> OpenIncident:
    revoke_lease(moving.ports, moving.of_database())
    return moving


def sighting(moving: OpenIncident, observer: str, **changes: Any) -> Vote:
    record = moving.record
    fields = {"database": "orders", "epoch": record.epoch, "renewal": record.lease.renewal, "unrenewed_seconds": 9.0}
    seen = LeaseSighting(**{**fields, **changes})
    return Vote(US, observer, Health.UNHEALTHY, "", 9, 1, moving.ports.clock.now(), 9.0, ("a",), (seen,))


def losing(call: str, error: type[Exception], after: bool) -> Callable[[str, Callable[[], CopyState]], CopyState]:
    """The first such call is lost, before or after it took effect."""
    lost = iter([True])

    def around(called: str, ask: Callable[[], CopyState]) -> CopyState:
        if called == call and next(lost, False):
            if after:
                ask()
            raise error("lost on the way")
        return ask()

    return around


class TestRevoking:
    def test_no_renewal_succeeds_from_then_on(self, moving: OpenIncident) -> None:
        renewal = revoked(moving).record.lease.renewal
        moving.world.run(17)
        assert moving.record.lease.renewal == renewal
        moving.world.run(10)
        assert moving.world.writer() is None

    def test_without_any_sighting_the_wait_is_a_lease_and_its_margin(self, moving: OpenIncident) -> None:
        for observer in (EU, "ap-southeast-1"):
            moving.world.store.cast(sighting(moving, observer, renewal=1))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 22.0}

    def test_the_longest_sighting_of_this_very_renewal_is_taken_off(self, moving: OpenIncident) -> None:
        moving.world.store.cast(sighting(moving, EU))
        moving.world.store.cast(sighting(moving, "ap-southeast-1", unrenewed_seconds=4.0))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 13.0}

    @pytest.mark.parametrize("other", [{"renewal": 1}, {"epoch": 7}, {"database": "invoices"}])
    def test_a_sighting_of_anything_else_is_not(self, moving: OpenIncident, other: dict[str, Any]) -> None:
        for observer in (EU, "ap-southeast-1"):
            moving.world.store.cast(sighting(moving, observer, **other))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 22.0}

    def test_a_lease_seen_unrenewed_for_longer_needs_no_wait(self, moving: OpenIncident) -> None:
        moving.world.store.cast(sighting(moving, EU, unrenewed_seconds=300.0))
        assert revoke_lease(moving.ports, moving.of_database()) == {"wait_seconds": 0.0}

    def test_another_incidents_database_is_left_alone(self, moving: OpenIncident) -> None:
        record = moving.record
        moving.world.store.change_database(record, replace(record, phase=Phase.REVOKED, incident="ap-southeast-1-9"))
        with pytest.raises(StaleTermError, match="ap-southeast-1-9"):
            revoke_lease(moving.ports, moving.of_database())


class TestFencing:
    def test_a_gate_read_back_shut_is_fenced_at_its_last_position(self, moving: OpenIncident) -> None:
        position = revoked(moving).world.copies["orders", US].position
        answer = fence_source(moving.ports, moving.of_database(wait_seconds=22.0))
        assert answer == {"fenced": True, "wait_seconds": 0.0, "limit_seconds": 15}
        assert (moving.record.phase, moving.record.final) == (Phase.FENCED, position)
        assert moving.world.writer() is None

    @pytest.mark.parametrize("error", [DatabaseUnreachableError, FatalError])
    def test_a_source_that_cannot_be_asked_permits_nothing_and_holds_up_nothing(
        self, moving: OpenIncident, error: type[Exception]
    ) -> None:
        revoked(moving)

        def around(called: str, ask: Callable[[], CopyState]) -> CopyState:
            moving.world.clock.sleep(3.0)
            raise error("no login")

        ports = replace(moving.ports, agent=AgentBetween(moving.ports, around))
        answer = fence_source(ports, moving.of_database(wait_seconds=22.0))
        told = {"fenced": False, "wait_seconds": 19.0, "limit_seconds": 34}
        assert answer == told, "the attempt took three seconds of the wait"
        assert moving.record.phase is Phase.REVOKED

    def test_whoever_was_not_told_how_long_to_wait_waits_for_all_of_it(self, moving: OpenIncident) -> None:
        """An executor that took over, say; what is missing is never taken for nothing."""
        moving.world.kill(US)
        assert fence_source(moving.ports, revoked(moving).of_database())["wait_seconds"] == 22.0

    @pytest.mark.parametrize("error", [EpochRefusedError, GateRefusedError])
    def test_a_gate_that_is_not_as_the_store_says_stops_the_failover(
        self, moving: OpenIncident, error: type[Exception]
    ) -> None:
        """Somebody admitted it by hand, or it has no gate: waiting for a lease proves nothing there."""
        revoked(moving)
        ports = replace(moving.ports, agent=AgentBetween(moving.ports, losing("fence", error, after=False)))
        with pytest.raises(error):
            fence_source(ports, moving.of_database(wait_seconds=22.0))

    def test_a_late_admission_of_the_revoked_epoch_opens_nothing(self, moving: OpenIncident) -> None:
        """The call was made before the revocation, hung, and arrives after the fence was read back."""
        clock = moving.world.copies["orders", US].describe().clock
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        with pytest.raises(EpochRefusedError):
            moving.ports.agent.admit("orders", US, moving.record.epoch, clock + 18.0)
        assert moving.world.writer() is None


class TestWaiting:
    def test_it_waits_for_what_is_left(self, moving: OpenIncident) -> None:
        revoked(moving)
        before = moving.world.clock.elapsed()
        assert await_lease(moving.ports, moving.of_database(wait_seconds=12.5)) == {"waited_seconds": 12.5}
        assert moving.world.clock.elapsed() - before == 12.5
        assert moving.record.phase is Phase.WAITED_OUT

    def test_a_fenced_source_is_not_waited_for(self, moving: OpenIncident) -> None:
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        assert await_lease(moving.ports, moving.of_database(wait_seconds=22.0)) == {"waited_seconds": 0.0}
        assert moving.record.phase is Phase.FENCED


class TestRegranting:
    def usable(self, moving: OpenIncident) -> bool:
        """Whether the source writes, now and after its guard has gone on for a while."""
        now = moving.world.writer() == US
        moving.world.run(40)
        return now and moving.world.writer() == US

    def test_a_gate_is_opened_for_nothing_that_the_store_did_not_grant(self, moving: OpenIncident) -> None:
        """An earlier incident never settled its database: no renewal of the store covers a new deadline there."""
        record = moving.record
        unsettled = replace(record, phase=Phase.ADMITTED, incident="eu-west-1-1", epoch=record.epoch + 1)
        moving.world.store.change_database(record, unsettled)
        before = moving.world.copies["orders", US].gate_valid_until
        regrant_lease(moving.ports, moving.of_database())
        assert moving.world.copies["orders", US].gate_valid_until == before

    def test_a_fenced_source_is_admitted_under_an_epoch_past_its_fences(self, moving: OpenIncident) -> None:
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        assert regrant_lease(moving.ports, moving.of_database()) == {"epoch": 3}
        record = moving.record
        assert (record.phase, record.incident, record.final) == (Phase.STEADY, None, None)
        assert record.lease.state is LeaseState.GRANTED
        assert self.usable(moving)

    def test_one_that_nobody_reached_keeps_its_epoch_and_its_guard_renews(self, moving: OpenIncident) -> None:
        moving.world.kill(US)
        await_lease(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        assert regrant_lease(moving.ports, moving.of_database()) == {"epoch": 1}
        moving.world.revive(US)
        moving.world.run(6)
        assert self.usable(moving)

    def test_one_that_was_never_revoked_keeps_what_it_has(self, moving: OpenIncident) -> None:
        before = moving.record
        assert regrant_lease(moving.ports, moving.of_database()) == {"epoch": 1}
        after = moving.record
        assert after.undone_term == moving.ticket.term, "a revocation that is under way loses to it"
        assert replace(after, version=before.version, undone_term=0) == before

    def test_a_fence_whose_answer_was_lost_is_undone_too(self, moving: OpenIncident) -> None:
        revoked(moving)
        around = losing("fence", DatabaseUnreachableError, after=True)
        ports = replace(moving.ports, agent=AgentBetween(moving.ports, around))
        waiting = fence_source(ports, moving.of_database(wait_seconds=22.0))
        await_lease(ports, moving.of_database(**waiting))
        assert (moving.record.phase, moving.world.copies["orders", US].gate_fenced) == (Phase.WAITED_OUT, True)
        regrant_lease(moving.ports, moving.of_database())
        assert self.usable(moving)

    @pytest.mark.parametrize("after", [False, True], ids=["request-lost", "answer-lost"])
    def test_an_admission_that_was_lost_is_made_by_the_next_try(self, moving: OpenIncident, after: bool) -> None:
        """The state machine tries this step again; the store says GRANTED already."""
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        around = losing("admit", DatabaseUnreachableError, after=after)
        ports = replace(moving.ports, agent=AgentBetween(moving.ports, around))
        with pytest.raises(DatabaseUnreachableError):
            regrant_lease(ports, moving.of_database())
        regrant_lease(ports, moving.of_database())
        assert self.usable(moving)

    def test_an_admission_that_is_made_again_counts_as_a_renewal(self, moving: OpenIncident) -> None:
        """Observers saw the first grant long ago; what they saw must not shorten a later wait."""
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        around = losing("admit", DatabaseUnreachableError, after=False)
        ports = replace(moving.ports, agent=AgentBetween(moving.ports, around))
        with pytest.raises(DatabaseUnreachableError):
            regrant_lease(ports, moving.of_database())
        granted = moving.record.lease.renewal
        moving.world.clock.sleep(60)
        regrant_lease(ports, moving.of_database())
        assert moving.record.lease.renewal > granted

    @pytest.mark.parametrize("error", [DatabaseUnreachableError, FatalError])
    def test_one_that_cannot_be_asked_is_granted_what_its_guard_takes_up(
        self, moving: OpenIncident, error: type[Exception]
    ) -> None:
        def around(called: str, ask: Callable[[], CopyState]) -> CopyState:
            raise error("no login")

        ports = replace(moving.ports, agent=AgentBetween(moving.ports, around))
        waiting = fence_source(ports, revoked(moving).of_database(wait_seconds=22.0))
        await_lease(ports, moving.of_database(**waiting))
        assert regrant_lease(ports, moving.of_database()) == {"epoch": 1}
        moving.world.run(6)
        assert self.usable(moving)

    def test_a_fenced_source_that_does_not_answer_is_not_granted_what_it_cannot_use(self, moving: OpenIncident) -> None:
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        moving.world.kill(US)
        with pytest.raises(DatabaseUnreachableError):
            regrant_lease(moving.ports, moving.of_database())
        assert moving.record.phase is Phase.FENCED

    def test_past_the_point_of_no_return_the_source_never_writes_again(self, moving: OpenIncident) -> None:
        fence_source(moving.ports, revoked(moving).of_database(wait_seconds=22.0))
        choose_target(moving.ports, moving.of_all())
        with pytest.raises(NotFencedError, match="point of no return"):
            regrant_lease(moving.ports, moving.of_database())
        assert moving.record.lease.state is LeaseState.REVOKED
