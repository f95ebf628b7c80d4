"""No silent loss: what a copy may lack is never understated, and a consent is for one loss."""

from contextlib import suppress

import pytest

from failover.errors import ConsentMissingError, EpochRefusedError
from failover.procedures.candidates import candidates
from failover.procedures.choosing import choose_target
from failover.procedures.deciding import decide_failover
from failover.procedures.leases import fence_source, revoke_lease
from failover.procedures.operating import consent
from failover.procedures.promotion import admit_writer
from failover.procedures.regranting import regrant_lease
from failover.procedures.traffic import clear_evacuation
from failover.records import Health, Vote
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import STEPS, until
from tests.worlds import World


def bounds(moving: OpenIncident) -> dict[str, float | None]:
    world = moving.world
    found = candidates(moving.ports, moving.topology, moving.record, world.store.control(), ())
    return {each.region: each.loss_seconds for each in found if not each.refused}


def test_a_sibling_that_still_follows_the_old_source_has_nothing_of_the_new_writers() -> None:
    """It had received more of the old source than the target had, and positions of two timelines say nothing."""
    moving = OpenIncident()
    sibling = moving.world.copies["orders", AP]
    sibling.position += 100_000
    moving.world.lagging.add(AP)
    until("announce_outcome", moving)
    moving.world.run(12)
    assert moving.record.writer == EU
    assert bounds(moving) == {AP: None}


def test_a_sibling_that_received_the_sources_fence_has_nothing_of_the_new_writers_either() -> None:
    moving = OpenIncident()
    until("choose_target", moving)
    moving.world.run(2)  # the fence replicates
    sibling = moving.world.copies["orders", AP]
    sibling.position += 100_000
    assert bounds(moving)[AP] == 0.0, "of the source it was made from it has everything"
    moving.world.lagging.add(AP)
    for step in ("choose_target", "promote_database", "admit_writer", "close_incident"):
        STEPS[step](moving)
    moving.world.run(12)
    assert bounds(moving) == {AP: None}


def test_what_was_written_after_a_lease_was_granted_again_counts() -> None:
    """The guard is dead; the compensation's own admission lets the source write for most of a lease."""
    moving = OpenIncident()
    moving.world.copies["orders", US].position += 50  # the copies never get it
    until("choose_target", moving)
    moving.world.clock.sleep(120)
    regrant_lease(moving.ports, moving.of_database())
    bound = bounds(moving)[EU]
    assert bound is None or bound >= 120


def test_what_was_written_after_an_admission_was_repeated_counts() -> None:
    moving = OpenIncident()
    until("verify_target", moving)
    moving.world.run(6)
    moving.world.copies["orders", EU].position += 50
    moving.world.clock.sleep(120)
    admit_writer(moving.ports, moving.of_database())
    bound = bounds(moving)[AP]
    assert bound is None or bound >= 120


def lagging(world: World) -> None:
    for region in (EU, AP):
        world.copies["orders", region].position = -1
        world.lagging.add(region)


def test_a_consent_that_came_too_late_is_not_for_the_loss_of_another_day() -> None:
    """It is recorded a moment after its incident was given up, so that nothing has used it up."""
    moving = OpenIncident()
    until("choose_target", moving)
    regrant_lease(moving.ports, moving.of_database())
    clear_evacuation(moving.ports, moving.of_all())
    consent(moving.ports, moving.topology, "orders", "on call", "the region is gone")
    moving.world.run(24 * 3600)
    again = OpenIncident(moving.world)
    lagging(again.world)
    until("choose_target", again)
    with pytest.raises(ConsentMissingError):
        choose_target(again.ports, again.of_all())


def test_a_decision_does_not_take_a_consent_of_another_day_for_one() -> None:
    world = World()
    world.run(12)
    consent(world.ports(AP), world.topology, "orders", "on call", "the region is gone")
    world.clock.sleep(24 * 3600)
    lagging(world)
    for observer in (EU, AP):
        world.store.cast(Vote(US, observer, Health.UNHEALTHY, "", 9, 1, world.clock.now(), 30.0, ("a", "b")))
    rules = [each.rule for each in decide_failover(world.ports(EU), world.topology) if each.subject == US]
    assert rules == ["R320"]


def test_a_fence_is_not_undone_by_its_own_repetition() -> None:
    """The first call hung in the agent's region and acts after the compensation."""
    moving = OpenIncident()
    revoke_lease(moving.ports, moving.of_database())
    late = (moving.record.name, US, moving.record.epoch + 1)
    fence_source(moving.ports, moving.of_database(wait_seconds=22.0))
    regrant_lease(moving.ports, moving.of_database())
    _arrives(moving, late)
    moving.world.run(40)
    assert moving.world.writer() == US


def test_a_fence_that_arrives_after_its_compensation_shuts_nothing() -> None:
    """It hung, counted as unreachable, the lease had been unrenewed for long, and no copy could take over."""
    moving = OpenIncident()
    revoke_lease(moving.ports, moving.of_database())
    late = (moving.record.name, US, moving.record.epoch + 1)
    regrant_lease(moving.ports, moving.of_database())
    _arrives(moving, late)
    moving.world.run(40)
    assert moving.world.writer() == US


def _arrives(moving: OpenIncident, late: tuple[str, str, int]) -> None:
    with suppress(EpochRefusedError):
        moving.ports.agent.fence(*late)
