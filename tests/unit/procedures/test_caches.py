"""A global cache goes where its databases are written, once, and nowhere for nothing."""

from dataclasses import replace
from typing import Any

import pytest

from failover.adapters.memory import MemoryCaches
from failover.errors import CacheNotPromotedError, RequestInvalidError, StaleTermError
from failover.procedures.caches import CacheCommand, promote_cache
from failover.procedures.commands import begun
from failover.records import Phase
from failover.regional_ports import CacheState
from failover.topology import Cache, CacheTier
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.incidents import DATABASE, OpenIncident
from tests.worlds import World

SESSIONS = Cache("sessions", CacheTier.GLOBAL, US, (EU, AP))
REGIONAL = Cache("pages", CacheTier.REGIONAL, US, (EU, AP))


class Moving(OpenIncident):
    """The loss of a region whose database shall be written in ``target``."""

    def __init__(self, *, subject: str = US, target: str | None = AP, cache: Cache = SESSIONS) -> None:
        super().__init__(World(quickstart(caches=(cache, REGIONAL))), subject=subject)
        assert isinstance(self.world.services.caches, MemoryCaches)
        self.caches = self.world.services.caches
        self.caches.silent.add(subject)
        if target is not None:
            wanted = replace(self.record, phase=Phase.PROMOTING, target=target, incident=self.ticket.id)
            self.world.store.change_database(self.record, wanted)

    def promote(self, databases: tuple[str, ...] = (DATABASE,)) -> dict[str, Any]:
        cache = self.topology.caches[0]
        return promote_cache(self.ports, CacheCommand(self.topology, self.ticket, databases, cache))


def test_it_goes_where_the_database_goes_also_before_that_is_admitted() -> None:
    moving = Moving(target=AP)
    assert moving.promote() == {"cache": "sessions", "primary": AP}
    assert moving.caches.asked == [("sessions", AP)]
    assert moving.world.kinds()[-2:] == ["CACHE_ASKED", "CACHE_PROMOTED"]


def test_once_it_is_there_nothing_is_asked_for() -> None:
    moving = Moving(target=AP)
    moving.promote()
    moving.promote()
    assert moving.caches.asked == [("sessions", AP)]


def test_it_is_not_done_before_the_service_says_available() -> None:
    moving = Moving(target=AP)
    moving.caches.promote_seconds = 25
    for _ in range(2):
        with pytest.raises(CacheNotPromotedError, match="ap-southeast-1 does not take the writes of sessions yet"):
            moving.promote()
    assert moving.promote()["primary"] == AP
    assert moving.caches.asked == [("sessions", AP)]


def test_a_refusal_is_tried_again_by_the_machine() -> None:
    moving = Moving(target=AP)
    moving.caches.refusals = 1
    with pytest.raises(CacheNotPromotedError):
        moving.promote()
    assert moving.promote()["primary"] == AP


def test_a_writer_without_a_copy_leaves_it_to_the_first_that_serves() -> None:
    moving = Moving(target=AP, cache=Cache("sessions", CacheTier.GLOBAL, US, (EU,)))
    assert moving.promote()["primary"] == EU


def test_without_a_database_the_first_serving_region_of_its_list_takes_it() -> None:
    moving = Moving(target=None)
    assert moving.promote(databases=())["primary"] == EU


def test_the_loss_of_a_region_that_writes_nothing_leaves_it_where_it_is() -> None:
    """Its writer serves, and moving it would interrupt everybody for nothing."""
    moving = Moving(subject=EU, target=None)
    assert moving.promote(databases=())["primary"] == US
    assert moving.caches.asked == []
    assert moving.world.kinds()[-1] == "CACHE_KEPT"


def test_nobody_left_with_a_copy_is_told_and_holds_up_nothing() -> None:
    moving = Moving(target=None, cache=Cache("sessions", CacheTier.GLOBAL, US, ()))
    assert moving.promote(databases=())["primary"] is None


def test_a_cache_that_is_being_changed_is_not_asked_until_it_is_available() -> None:
    moving = Moving(target=AP)
    moving.caches.caches["sessions"] = CacheState("modifying", US, (US, EU, AP))
    with pytest.raises(CacheNotPromotedError):
        moving.promote()
    assert moving.caches.asked == []


def test_an_old_term_moves_nothing() -> None:
    moving = Moving(target=AP)
    moving.superseded()
    with pytest.raises(StaleTermError):
        moving.promote()
    assert moving.caches.asked == []


def test_its_command_is_what_the_map_state_makes_of_the_incident() -> None:
    moving = Moving()
    incident = moving.world.store.control().incident
    assert incident is not None
    document = begun(moving.topology, incident)
    assert document["caches"] == [{"cache": "sessions"}]
    command = CacheCommand.parse({**document, **document["caches"][0]})
    assert (command.cache, command.databases) == (SESSIONS, (DATABASE,))
    for name in ("pages", "nothing", None):
        with pytest.raises(RequestInvalidError, match="it has: sessions"):
            CacheCommand.parse({**document, "cache": name})
