"""Objects written by the new writer must reach whoever may be the next one, or people hear of it."""

from dataclasses import replace
from typing import Any

import pytest

from failover.adapters.memory import MemoryObjects
from failover.errors import StaleTermError
from failover.procedures.objects import check_replication
from failover.records import Health, Phase, Vote
from failover.regional_ports import Replication
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident


class Moving(OpenIncident):
    """The loss of us-east-1; eu-west-1 will write."""

    def __init__(self) -> None:
        super().__init__()
        assert isinstance(self.world.services.objects, MemoryObjects)
        self.rules = self.world.services.objects.rules
        wanted = replace(self.record, phase=Phase.PROMOTING, target=EU, incident=self.ticket.id)
        self.world.store.change_database(self.record, wanted)

    def check(self) -> dict[str, Any]:
        return check_replication(self.ports, self.of_all())


def test_rules_towards_all_who_live_are_enough() -> None:
    moving = Moving()
    moving.rules[EU] = Replication(frozenset({AP}))
    assert moving.check() == {"missing": {}}
    assert moving.world.kinds()[-1] == "REPLICATION_STANDS"
    assert moving.world.pager.pages == []


def test_a_missing_direction_is_journalled_and_paged_and_stops_nothing() -> None:
    moving = Moving()
    moving.rules[EU] = Replication(frozenset({US}))
    assert moving.check() == {"missing": {EU: [AP]}}
    entry = moving.world.store.journal()[-1]
    assert (entry.kind, entry.facts) == ("REPLICATION_MISSING", {"from": EU, "to": AP})
    assert "objects of eu-west-1" in moving.world.pager.pages[-1][0]


def test_rules_that_cannot_be_read_are_told_as_unknown() -> None:
    moving = Moving()
    moving.rules[EU] = Replication(failure="AccessDenied")
    assert moving.check() == {"missing": {EU: [AP]}}
    entry = moving.world.store.journal()[-1]
    assert entry.kind == "REPLICATION_UNKNOWN"
    assert "AccessDenied" in entry.text
    assert moving.world.pager.pages


def test_a_dead_region_is_owed_nothing() -> None:
    moving = Moving()
    moving.rules[EU] = Replication()
    now = moving.world.clock.now()
    for observer in (US, EU):
        vote = Vote(AP, observer, Health.UNHEALTHY, "", 99, 1, now, 60.0, ("a", "b", "c"))
        moving.world.store.cast(vote)
    assert moving.check() == {"missing": {}}


def test_an_old_term_tells_nobody() -> None:
    moving = Moving()
    moving.rules[EU] = Replication()
    moving.superseded()
    with pytest.raises(StaleTermError):
        moving.check()
    assert moving.world.pager.pages == []
