"""The gate across real replication and a real promotion."""

import time

import psycopg
import pytest

from failover.errors import EpochRefusedError, GateRefusedError
from tests.contract.postgres.conftest import Gated, refused

pytestmark = pytest.mark.twin

INSERT = "insert into orders (what) values ('tea')"


def caught_up(gated: Gated, replica: Gated) -> None:
    wanted = gated.database.describe().position
    deadline = time.monotonic() + 10
    while replica.database.inspect().replayed < wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_row_that_came_by_replication_opens_nothing(gated: Gated, replica: Gated) -> None:
    gated.admit(seconds=60)
    gated.app().execute(INSERT)
    caught_up(gated, replica)
    replica.server.promote()
    with pytest.raises(psycopg.Error, match="was admitted, this server is") as error:
        replica.app().execute(INSERT)
    assert refused(error)
    assert gated.database.describe().gate_open
    assert not replica.database.describe().gate_open
    with pytest.raises(GateRefusedError, match="only an admission opens this gate"):
        replica.database.extend(1, replica.database.clock().timestamp() + 60)
    with pytest.raises(EpochRefusedError):
        replica.admit(epoch=1)
    replica.admit(epoch=2)
    replica.app().execute(INSERT)
    assert replica.count() == 2


def test_a_session_that_lived_through_the_promotion_is_refused_too(gated: Gated, replica: Gated) -> None:
    gated.admit(seconds=60)
    caught_up(gated, replica)
    app = replica.app()
    app.execute("select * from orders")
    replica.server.promote()
    with pytest.raises(psycopg.Error) as error:
        app.execute(INSERT)
    assert refused(error)


def test_a_fence_that_came_by_replication_is_undone_by_the_admission(gated: Gated, replica: Gated) -> None:
    gated.admit(epoch=3)
    final = gated.database.fence(3).position
    caught_up(gated, replica)
    seen = replica.database.inspect()
    assert seen.replayed >= final
    assert not seen.app_login_allowed
    replica.server.promote()
    replica.admit(epoch=4)
    replica.app().execute(INSERT)
    assert not gated.database.describe().gate_open


def test_a_replica_tells_which_epoch_of_the_writer_it_follows(gated: Gated, replica: Gated) -> None:
    """By this a sibling that follows the old source is told from a replica of the new writer."""
    gated.admit(epoch=3)
    caught_up(gated, replica)
    seen = replica.database.describe()
    assert (seen.gate_epoch, seen.gate_fenced) == (3, False)
    gated.database.fence(4)
    caught_up(gated, replica)
    seen = replica.database.describe()
    assert (seen.gate_epoch, seen.gate_fenced) == (4, True)


def test_a_replica_says_what_it_is_and_changes_nothing(gated: Gated, replica: Gated) -> None:
    gated.admit()
    gated.app().execute(INSERT)
    caught_up(gated, replica)
    source, seen = gated.database.inspect(), replica.database.inspect()
    assert (source.in_recovery, seen.in_recovery) == (False, True)
    assert seen.identity == source.identity.partition("/")[0] + "/replica"
    assert seen.timeline == source.timeline
    assert seen.replayed <= seen.position
    assert seen.last_replayed_commit_at is not None
    assert seen.gate is not None and source.gate is not None
    assert seen.gate.valid_until == source.gate.valid_until
    assert seen.gate.refusal is not None
    for change in (
        lambda: replica.database.admit(9, 1e10),
        lambda: replica.database.extend(1, 1e10),
        lambda: replica.database.fence(9),
        replica.database.install,
    ):
        with pytest.raises(GateRefusedError):
            change()


def test_identity_changes_with_the_promotion_at_once(gated: Gated, replica: Gated) -> None:
    """The control file names the old timeline until the next checkpoint; the gate must not."""
    before = gated.database.inspect()
    replica.server.promote()
    after = replica.database.inspect()
    assert after.timeline == before.timeline + 1
    assert after.identity != before.identity
    assert not after.in_recovery


def test_a_restart_within_the_lease_keeps_it(gated: Gated) -> None:
    gated.admit(seconds=60)
    gated.app().execute(INSERT)
    gated.server.kill()
    gated.server.start()
    gated.app().execute(INSERT)
    assert gated.count() == 2
