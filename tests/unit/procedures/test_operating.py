"""What an operator says: recorded, told, and expiring by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from failover.errors import IncidentRefusedError, PausedByOperatorError
from failover.procedures.choosing import choose_target
from failover.procedures.closing import close_incident
from failover.procedures.leases import fence_source, revoke_lease
from failover.procedures.opening import open_incident
from failover.procedures.operating import consent, pause, resume
from failover.procedures.regranting import regrant_lease
from failover.procedures.traffic import clear_evacuation
from failover.records import WordKind
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import ORDER, STEPS, until
from tests.worlds import World


@pytest.fixture
def world() -> World:
    return World()


class TestPause:
    def test_nothing_is_opened_while_it_lasts(self, world: World) -> None:
        pause(world.ports(AP), "on call", "maintenance", timedelta(hours=2))
        world.run(12)
        world.kill(US)
        world.run(300)
        assert world.executed == {}
        with pytest.raises(IncidentRefusedError, match="paused until 14:00:00 UTC"):
            open_incident(world.ports(EU), world.topology, US, "MANUAL", "by hand")

    def test_it_expires_by_itself(self, world: World) -> None:
        pause(world.ports(AP), "on call", "maintenance", timedelta(minutes=3))
        world.run(12)
        world.kill(US)
        world.run(180 - 12)
        assert world.executed == {}
        world.run(60)
        assert list(world.executed.values()) == ["SUCCEEDED"]

    def test_it_can_be_ended(self, world: World) -> None:
        pause(world.ports(AP), "on call", "maintenance", timedelta(hours=2))
        world.run(12)
        world.kill(US)
        world.run(120)
        resume(world.ports(AP), "on call")
        world.run(60)
        assert list(world.executed.values()) == ["SUCCEEDED"]

    def test_detection_goes_on(self, world: World) -> None:
        pause(world.ports(AP), "on call", "maintenance", timedelta(hours=2))
        world.kill(US)
        world.run(60)
        decisions = [entry.rule for entry in world.store.journal() if entry.kind == "DECISION" and entry.subject == US]
        assert set(decisions) == {"R120"}

    def test_it_is_told_by_whom_and_why(self, world: World) -> None:
        pause(world.ports(AP), "on call", "maintenance", timedelta(hours=2))
        resume(world.ports(AP), "on call")
        told = [entry.text for entry in world.store.journal() if entry.kind in ("PAUSED", "RESUMED")]
        assert told == ["on call paused until 2026-01-01 14:00:00 UTC: maintenance", "on call resumed"]

    def test_it_wins_until_the_point_of_no_return_and_not_after(self) -> None:
        moving = until("choose_target", OpenIncident())
        pause(moving.ports, "on call", "wait", timedelta(hours=1))
        with pytest.raises(PausedByOperatorError):
            choose_target(moving.ports, moving.of_all())
        resume(moving.ports, "on call")
        choose_target(moving.ports, moving.of_all())
        pause(moving.ports, "on call", "too late", timedelta(hours=1))
        for step in ORDER[ORDER.index("promote_database") :]:
            STEPS[step](moving)
        assert moving.world.writer() == EU


class TestConsent:
    def test_an_unknown_database_is_refused(self, world: World) -> None:
        with pytest.raises(KeyError):
            consent(world.ports(EU), world.topology, "invoices", "on call", "gone")
        assert world.store.word(WordKind.CONSENT, "invoices") is None

    def test_it_is_told_by_whom_and_why(self, world: World) -> None:
        consent(world.ports(EU), world.topology, "orders", "on call", "the region is gone")
        (told,) = [entry for entry in world.store.journal() if entry.kind == "CONSENT"]
        assert (told.text, told.database) == ("on call consents to losing data of orders: the region is gone", "orders")

    def test_it_is_used_up_by_the_failover_that_it_was_given_for(self) -> None:
        moving = OpenIncident()
        consent(moving.ports, moving.topology, "orders", "on call", "the region is gone")
        close_incident(moving.ports, until("close_incident", moving).of_all())
        assert moving.world.store.word(WordKind.CONSENT, "orders") is None

    def test_it_is_used_up_by_a_failover_that_was_undone_too(self) -> None:
        """A consent that stays behind would let another loss, months later, pass in silence."""
        moving = OpenIncident()
        consent(moving.ports, moving.topology, "orders", "on call", "the region is gone")
        revoke_lease(moving.ports, moving.of_database())
        fence_source(moving.ports, moving.of_database(wait_seconds=22.0))
        regrant_lease(moving.ports, moving.of_database())
        clear_evacuation(moving.ports, moving.of_all())
        assert moving.world.store.word(WordKind.CONSENT, "orders") is None


def test_undoing_a_second_incident_does_not_bring_a_lost_region_back() -> None:
    """An operator starts a failover of a region that was failed over before; it fails, and is undone."""
    world = World()
    world.run(12)
    world.kill(US)
    world.run(90)
    assert US in world.store.control().evacuated
    control = world.store.control()
    world.store.change_control(control, replace(control, last_failover_at=None))
    again = OpenIncident(world)
    STEPS["shift_traffic"](again)
    clear_evacuation(again.ports, again.of_all())
    assert US in world.store.control().evacuated
