"""A cluster with two endpoints: who is asked while the writer's leads nowhere, and who is never changed."""

from dataclasses import replace

import pytest

from failover.adapters.postgres import Address, ClusterDatabase
from failover.errors import DatabaseUnreachableError
from tests.contract.postgres.conftest import Gated, free_port

pytestmark = pytest.mark.twin


def address(gated: Gated) -> Address:
    return Address(gated.server.address, gated.server.port, "master", "master-secret", gated.name)


def nowhere(gated: Gated) -> Address:
    return replace(address(gated), port=free_port())


def test_a_secondary_is_described_by_its_readers(gated: Gated, replica: Gated) -> None:
    cluster = ClusterDatabase(nowhere(gated), address(replica))
    assert cluster.describe().in_recovery
    assert cluster.describe().position <= gated.database.describe().position
    for change in (lambda: cluster.fence(9), lambda: cluster.admit(9, 1e10), lambda: cluster.extend(9, 1e10)):
        with pytest.raises(DatabaseUnreachableError):
            change()
    assert replica.database.describe().gate_epoch == gated.database.describe().gate_epoch


def test_a_writer_is_described_by_its_own_endpoint_alone(gated: Gated, replica: Gated) -> None:
    """In the moments after a promotion the readers' endpoint may lead to the new writer: it is not there yet."""
    assert not ClusterDatabase(address(gated), address(replica)).describe().in_recovery
    with pytest.raises(DatabaseUnreachableError):
        ClusterDatabase(nowhere(gated), address(gated)).describe()


AURORA = """
create function aurora_db_instance_identifier() returns text language sql as $$ select 'here-2' $$;
create function aurora_global_db_instance_status() returns table (
    server_id text, aws_region text, durable_lsn bigint, highest_lsn_rcvd bigint
) language sql as $$ values ('there-1', 'us-east-1', 900::bigint, 901::bigint), ('here-1', 'eu-west-1', 700, 705),
    ('here-2', 'eu-west-1', 690, 695) $$;
"""


def test_an_aurora_instance_tells_what_is_durable_in_its_regions_storage(gated: Gated) -> None:
    """The functions have the columns of Aurora's documentation; the server is PostgreSQL's own."""
    gated.owner().execute(AURORA)
    told = gated.database.inspect()
    assert (told.position, told.replayed, told.timeline) == (700, 695, 0)
    gated.owner().execute("create or replace function aurora_db_instance_identifier() returns text return 'nobody'")
    assert gated.database.inspect().position == 0
