"""A failover by hand of a region that is up: its writer is not stopped for a question that can be asked before."""

import pytest

from failover.errors import IncidentRefusedError
from failover.procedures.opening import begin
from failover.procedures.operating import consent
from tests.products import AP, EU, US
from tests.unit.procedures.test_opening import BY_HAND
from tests.worlds import World


@pytest.fixture
def behind() -> World:
    """The region is up and writes, and nobody knows how far behind its copies are."""
    world = World()
    world.run(12)
    for region in (EU, AP):
        world.copies["orders", region].position = -1
    return world


def by_hand(world: World) -> object:
    return begin(world.ports(EU), world.topology, BY_HAND, "arn:e:by-hand")


def test_it_is_refused_where_every_copy_would_lose_more_than_is_allowed(behind: World) -> None:
    with pytest.raises(IncidentRefusedError, match="`lifeboat consent orders --reason …`"):
        by_hand(behind)
    assert behind.store.control().incident is None
    assert behind.writer() == US


def test_it_is_refused_where_no_copy_may_take_over(behind: World) -> None:
    for region in (EU, AP):
        behind.copies["orders", region].in_recovery = False
    with pytest.raises(IncidentRefusedError, match="no copy may take over"):
        by_hand(behind)


def test_consent_that_was_given_before_lets_it_begin(behind: World) -> None:
    consent(behind.ports(EU), behind.topology, "orders", "on call", "the copies are known to be old")
    by_hand(behind)
    assert behind.store.control().incident is not None


def test_a_consent_that_refuses_does_not(behind: World) -> None:
    consent(behind.ports(EU), behind.topology, "orders", "on call", "not today", refuses=True)
    with pytest.raises(IncidentRefusedError):
        by_hand(behind)


def test_of_a_region_that_is_down_it_begins_and_asks_then(behind: World) -> None:
    behind.kill(US)
    behind.run(30)
    if behind.store.control().incident is None:
        by_hand(behind)
    assert behind.store.control().incident is not None


def test_what_is_asked_stands_in_the_journal_once(behind: World) -> None:
    behind.kill(US)
    behind.run(60)
    behind.clock.sleep(30)
    (asked,) = [each for each in behind.store.journal() if each.kind == "CONSENT_ASKED"]
    assert "would lose" in asked.text
    assert asked.database == "orders"
