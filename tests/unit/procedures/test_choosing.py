"""Two runs of one step: of databases that belong together none goes another way."""

from dataclasses import replace

import pytest

from failover.errors import ChangedMeanwhileError
from failover.procedures.choosing import choose_target
from failover.procedures.commands import DatabaseCommand
from failover.procedures.leases import await_lease, fence_source, revoke_lease
from failover.records import DatabaseRecord
from tests.products import EU, US, quickstart
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

TOGETHER = ("orders", "invoices")


@pytest.fixture
def stopped() -> OpenIncident:
    """Two databases that are declared together, and nobody writes them any more."""
    (orders,) = quickstart().databases
    both = tuple(replace(orders, name=name, together="shop") for name in TOGETHER)
    moving = OpenIncident(World(quickstart(databases=both)))
    moving.world.kill(US)
    for name in TOGETHER:
        waiting = revoke_lease(moving.ports, command(moving, name))
        waiting = fence_source(moving.ports, command(moving, name, **waiting))
        await_lease(moving.ports, command(moving, name, **waiting))
    return moving


def command(moving: OpenIncident, name: str, **waiting: float) -> DatabaseCommand:
    return DatabaseCommand(moving.topology, moving.ticket, name, waiting)


class _GoneError(Exception):
    """The executor is gone."""


def reachable(moving: OpenIncident, region: str, *, is_it: bool) -> None:
    for name in TOGETHER:
        moving.world.copies[name, region].reachable = is_it


def test_one_that_stood_still_does_not_send_what_is_left_elsewhere(
    stopped: OpenIncident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state was tried again meanwhile; the second try found the nearest copy, which the first could not ask."""
    store, change = stopped.world.store, stopped.world.store.change_database

    def first(seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        monkeypatch.setattr(store, "change_database", second)
        reachable(stopped, EU, is_it=True)
        with pytest.raises(_GoneError):
            choose_target(stopped.ports, stopped.of_all())
        monkeypatch.setattr(store, "change_database", change)
        return change(seen, wanted)

    def second(seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        change(seen, wanted)
        raise _GoneError

    reachable(stopped, EU, is_it=False)
    monkeypatch.setattr(store, "change_database", first)
    with pytest.raises(ChangedMeanwhileError, match="by another run"):
        choose_target(stopped.ports, stopped.of_all())
    choose_target(stopped.ports, stopped.of_all())
    assert {store.database(name).target for name in TOGETHER} == {EU}
