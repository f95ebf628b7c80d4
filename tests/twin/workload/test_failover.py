"""A writer that dies under load, its successor, and its return; measured as a drill does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rehearsal.history import Outcome
from tests.twin.workload.world import EU, MASTER, US, eventually, running
from twin.workload.audit import missing, rows

pytestmark = pytest.mark.twin

LEASE_SECONDS = 2.5


def test_writes_go_on_at_the_successor_and_nothing_replicated_is_lost(tmp_path: Path) -> None:
    with running(tmp_path) as world:
        world.gate(US).install()
        world.admit(US, 1, LEASE_SECONDS)
        lease_ends = time.monotonic() + LEASE_SECONDS
        assert world.parts(US)[1]["database_write"] == "healthy"
        clients = world.clients(US, EU)
        clients.start()
        eventually(lambda: clients.latest(US).acknowledged_at and clients.latest(EU).acknowledged_at)
        time.sleep(1.0)

        world.servers[US].kill()
        eventually(lambda: clients.latest(EU).failed_at is not None)
        assert world.parts(EU)[0] == 200, "a replica's region is not blamed for a writer that is dead elsewhere"
        status, parts = world.parts(US)
        assert (status, parts["database_write"], parts["database_read"]) == (503, "unhealthy", "unhealthy")

        time.sleep(max(0.0, lease_ends - time.monotonic()))
        world.servers[EU].promote()
        time.sleep(0.3)
        assert clients.acknowledged_at(EU) is None, "a promotion gives no right to write"
        world.admit(EU, 2)
        assert eventually(lambda: clients.acknowledged_at(EU) is not None) < 1.0
        assert eventually(lambda: world.write(US, "other", 1).status == 201) < 1.0

        world.servers[US].start()
        assert world.parts(US)[1]["database_write"] == "unhealthy", "the old writer has no lease"
        assert world.parts(EU)[1]["database_write"] == "healthy"
        clients.stop()

        writes = clients.writes()
        acknowledged = {(w.group, w.number) for w in writes if w.outcome is Outcome.ACKNOWLEDGED}
        with world.servers[EU].connect(MASTER.database) as session:
            lost = missing(acknowledged, rows(session))
        with world.servers[US].connect(MASTER.database) as session:
            old = rows(session)
        # Replication is asynchronous: what its WAL sender had not sent is lost, and only that.
        newest = {group: max(n for g, n in acknowledged if g == group) for group in (US, EU)}
        before = [w for w in writes if w.committed_in == US]
        assert len(before) > 10 and len(lost) <= 3
        assert lost <= old, "an acknowledged write that neither has was never committed"
        assert all((w.group, w.number) in acknowledged for w in before)
        assert {w.epoch for w in writes if w.committed_in == EU} == {2}
        assert all((group, number) not in lost for group, number in newest.items())


def test_an_acknowledged_row_that_is_not_there_is_missing_and_an_unacknowledged_one_no_fault() -> None:
    assert missing([("a", 1), ("a", 2)], {("a", 1), ("b", 2)}) == {("a", 2)}
